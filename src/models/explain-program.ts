/**
 * Programs that look inside a model, made from its own definition: the vectors of words, and what each word that the encoder
 * reads does to a score.
 *
 * Letters: N pieces or words, W words of mentions, D width of a word's vector, P pairs, R classes.
 */
import { buildBatch, type Item } from '../features/batch.ts';
import { gradients } from '../graph/gradients.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { toOnnx } from '../graph/onnx.ts';
import { gatherOperation } from '../graph/ops/gather.ts';
import { multiply, reduceSum } from '../graph/ops/index.ts';
import { noDropout } from '../nn/dropout.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import { float32, Session, type SessionOptions, type Tensors } from '../runtime/session.ts';
import { batchTensors, type ParameterLookup, parameterTensors } from './tensors.ts';
import { batchForm, buildSystem, type PairModelConfig } from './systems.ts';

/** What a program computes of a batch. */
export type Question =
  /** The vector of every word of every mention, [W, D]. */
  | 'vectors'
  /** Gradient times input, summed over a word's embedding, of the sum of words' vectors times the input `weights` [W, D]: [N]. */
  | 'effects-of-vectors'
  /** The same of the logits times the input `weights` [P, R]. */
  | 'effects-of-logits';

export class ExplainProgram {
  readonly #config: PairModelConfig;
  readonly #specs: readonly ParameterSpec[];
  readonly #session: Session;

  private constructor(config: PairModelConfig, specs: readonly ParameterSpec[], session: Session) {
    [this.#config, this.#specs, this.#session] = [config, specs, session];
  }

  /** @throws RelataError `E_ENGINE_MISSING`, `E_DEVICE`, `E_ENGINE` */
  static async open(
    config: PairModelConfig,
    question: Question,
    engine: SessionOptions = {},
  ): Promise<ExplainProgram> {
    const graph = new Graph();
    const { params, logits } = buildSystem(graph, config, noDropout);
    const answer = question === 'vectors' ? wordVectors(graph) : effects(graph, question, logits);
    return new ExplainProgram(config, params.specs, await Session.open(toOnnx({ answer }).bytes, engine));
  }

  /** @param weights - the input of that name @throws RelataError `E_ENGINE` */
  async run(
    item: Item,
    parameter: ParameterLookup,
    weights?: { readonly data: Float32Array; readonly shape: readonly number[] },
  ): Promise<Float32Array> {
    const feeds: Tensors = {
      ...batchTensors(buildBatch([item], batchForm(this.#config))),
      ...parameterTensors(this.#specs, parameter),
      ...(weights && { weights: float32(weights.data, weights.shape) }),
    };
    const { answer } = await this.#session.run(feeds);
    return answer?.dtype === 'float32' ? answer.data : new Float32Array(0);
  }

  async dispose(): Promise<void> {
    await this.#session.dispose();
  }
}

function effects(graph: Graph, question: Exclude<Question, 'vectors'>, logits: Value): Value {
  const scored = question === 'effects-of-logits' ? logits : wordVectors(graph); // [P, R] or [W, D]
  const embeddings = rowsOf(graph, graph.inputs.has('pieces') ? 'pieces' : 'words'); // [N, width]
  const score = reduceSum(multiply(scored, graph.input('weights', 'float32', scored.shape)));
  const gradient = gradients(score, [embeddings]).dense.get(embeddings);
  if (!gradient) throw new TypeError('a score that does not depend on words');
  return reduceSum(multiply(gradient, embeddings), [1]); // [N]
}

const wordVectors = (graph: Graph): Value => rowsOf(graph, 'mentionStates');

/** The rows that the input `index` looks up. */
function rowsOf(graph: Graph, index: string): Value {
  const input = graph.inputs.get(index);
  const node = graph.nodes.find(
    ({ operation, inputs }) => operation === gatherOperation && inputs[1] === input,
  );
  const [rows] = node?.outputs ?? [];
  if (!input || !rows) throw new TypeError(`a system that looks up nothing by ${index}`);
  return rows;
}
