/**
 * BERT as a masked language model: what it is pretrained as, and what `relata fill` asks.
 *
 * Letters: N pieces, U windows, K masked pieces, V pieces of the vocabulary.
 */
import { encoderInputs } from '../features/batch.ts';
import type { Bindings } from '../graph/dims.ts';
import { Graph } from '../graph/graph.ts';
import { toOnnx } from '../graph/onnx.ts';
import { bertEncoder, type BertShape } from '../nn/bert-encoder.ts';
import { type Dropout, noDropout } from '../nn/dropout.ts';
import { maskedHead, type MaskedHead, maskedLogProbabilities } from '../nn/masked-lm-head.ts';
import { Parameters, type ParameterSpec } from '../nn/parameters.ts';
import { int32, Session, type SessionOptions, type Tensors } from '../runtime/session.ts';
import { bertInputs } from './inputs.ts';
import { batchTensors, outputOf, type ParameterLookup, parameterTensors } from './tensors.ts';

/** A sequence and the places in it that are asked for. */
export interface Question {
  /** With [CLS] and [SEP]. */
  readonly ids: Int32Array;
  readonly masked: Int32Array;
}

/** The graph, up to what scores are made of. */
export function maskedLanguageModel(
  graph: Graph,
  shape: BertShape,
  dropout: Dropout,
): { readonly params: Parameters; readonly head: MaskedHead } {
  const params = new Parameters(graph);
  const hidden = bertEncoder(params, shape, bertInputs(graph), dropout); // [N, D]
  return { params, head: maskedHead(params, shape, hidden, graph.input('masked', 'int32', ['K'])) };
}

/** What goes into it. */
export function questionInputs(questions: readonly Question[]): {
  readonly sizes: Bindings;
  readonly tensors: Tensors;
} {
  const batch = encoderInputs(questions.map(({ ids }) => ids));
  const K = questions.reduce((sum, { masked }) => sum + masked.length, 0);
  const rows = new Int32Array(K);
  let [first, k] = [0, 0];
  for (const { ids, masked } of questions) {
    for (const place of masked) rows[k++] = first + place;
    first += ids.length;
  }
  return {
    sizes: { ...batch.sizes, K },
    tensors: { ...batchTensors(batch), masked: int32(rows, [K]) },
  };
}

const OUTPUT = 'logProbabilities';

/** A masked language model as a running program. */
export class MaskedLanguageModel {
  readonly shape: BertShape;
  readonly specs: readonly ParameterSpec[];
  readonly #session: Session;

  private constructor(shape: BertShape, specs: readonly ParameterSpec[], session: Session) {
    this.shape = shape;
    this.specs = specs;
    this.#session = session;
  }

  /** @throws RelataError `E_ENGINE_MISSING`, `E_DEVICE`, `E_ENGINE` */
  static async open(shape: BertShape, options: SessionOptions = {}): Promise<MaskedLanguageModel> {
    const { params, head } = maskedLanguageModel(new Graph(), shape, noDropout);
    const session = await Session.open(toOnnx({ [OUTPUT]: maskedLogProbabilities(head) }).bytes, options);
    return new MaskedLanguageModel(shape, params.specs, session);
  }

  /** Natural logarithms of the probabilities of all pieces at the masked places, in order: [K, V]. @throws RelataError `E_ENGINE` */
  async logProbabilities(questions: readonly Question[], parameter: ParameterLookup): Promise<Float32Array> {
    const { sizes, tensors } = questionInputs(questions);
    const results = await this.#session.run({ ...tensors, ...parameterTensors(this.specs, parameter) });
    return outputOf(results, {
      name: OUTPUT,
      shape: [sizes['K'] ?? 0, this.shape.vocabularySize],
      where: 'the masked language model',
    });
  }

  async dispose(): Promise<void> {
    await this.#session.dispose();
  }
}
