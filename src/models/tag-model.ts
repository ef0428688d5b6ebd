/** A tagger as a running program: sequences in, scores of every word's tags out. */
import { fillToBudget } from '../features/budget.ts';
import { buildTagBatch } from '../features/tag-batch.ts';
import type { TagSequence } from '../features/tag-sequences.ts';
import { tagCount } from '../features/bio.ts';
import { Graph } from '../graph/graph.ts';
import { toOnnx } from '../graph/onnx.ts';
import { noDropout } from '../nn/dropout.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import type { EngineThread, Runner } from '../runtime/engine-thread.ts';
import { Session, type SessionOptions, type Tensors } from '../runtime/session.ts';
import { mentionTagger, tagForm, type TaggerConfig } from './mention-tagger.ts';
import { PROGRAM, TAG_LOGITS } from './program.ts';
import { scoreStretches } from './score-stretches.ts';
import { stretches } from './stretches.ts';
import { budgetOf } from './systems.ts';
import { batchTensors, outputOf, type ParameterLookup, parameterTensors } from './tensors.ts';

/** A document's sequences, in order. */
export interface TagDocument {
  readonly sequences: readonly TagSequence[];
}

/** A tagger and the values of its parameters. */
export interface WeightedTagger {
  readonly model: TagModel;
  readonly parameter: ParameterLookup;
}

/** Documents are held until so many batches are full, so that sequences of like length run together. */
const STRETCH_BATCHES = 8;
/** Batches of the first stretch, small so that results begin to come soon; each later one has twice as many. */
const FIRST_STRETCH = 0.75;

export class TagModel {
  readonly config: TaggerConfig;
  readonly specs: readonly ParameterSpec[];
  /** K. */
  readonly classes: number;
  readonly #session: Runner;

  private constructor(config: TaggerConfig, specs: readonly ParameterSpec[], session: Runner) {
    this.config = config;
    this.specs = specs;
    this.classes = tagCount(config.types.length);
    this.#session = session;
  }

  /** @throws RelataError `E_ENGINE_MISSING`, `E_DEVICE`, `E_ENGINE` */
  static async open(config: TaggerConfig, options: SessionOptions = {}): Promise<TagModel> {
    const { params, logits } = mentionTagger(new Graph(), config, noDropout);
    const session = await Session.open(toOnnx({ [TAG_LOGITS]: logits }).bytes, options);
    return new TagModel(config, params.specs, session);
  }

  /** An exported tagger, which runs in `thread`. @param program - its file @throws as `open` */
  static async openExported(
    config: TaggerConfig,
    program: string,
    thread: EngineThread,
    options: SessionOptions = {},
  ): Promise<TagModel> {
    return new TagModel(config, [], await thread.open(program, options));
  }

  /** Scores [W, K] of all words of `sequences`, run at once. @throws RelataError `E_ENGINE` */
  async run(sequences: readonly TagSequence[], parameter: ParameterLookup): Promise<Float32Array> {
    return sequences.length === 0
      ? new Float32Array(0)
      : this.#logits(this.#feeds(sequences), sequences, parameter);
  }

  /**
   * Scores [W, K] of the words of every document, in the order of the documents.
   *
   * Sequences of like length run together. Works ahead as `scoreStretches` does; a stretch ends with the document that fills
   * it.
   *
   * @param batchPieces - pieces or words that run at once; default 2048 and 16384
   */
  async *score<D extends TagDocument>(
    documents: AsyncIterable<D> | Iterable<D>,
    parameter: ParameterLookup,
    batchPieces?: number,
  ): AsyncGenerator<{ readonly item: D; readonly logits: Float32Array }> {
    const budget = budgetOf(this.config.system, batchPieces);
    const sizeOf = ({ sequences }: D) => ({
      pieces: sequences.reduce((sum, { ids }) => sum + ids.length, 0),
      logits: wordsOf(sequences) * this.classes,
    });
    const limits = { firstPieces: budget * FIRST_STRETCH, pieces: budget * STRETCH_BATCHES };
    yield* scoreStretches<D, TagSequence>(stretches(documents, sizeOf, limits), {
      partsOf: ({ sequences }) => sequences,
      groupsOf: (sequences) => tagParts(this.config, sequences, (sequence) => sequence, budget),
      feeds: (group) => this.#feeds(group),
      run: async (feeds, group) => this.#logits(feeds, group, parameter),
      rowsOf: ({ states }) => states.length,
      classes: this.classes,
    });
  }

  #feeds(sequences: readonly TagSequence[]): Tensors {
    return batchTensors(buildTagBatch(sequences, tagForm(this.config)));
  }

  async #logits(
    feeds: Tensors,
    sequences: readonly TagSequence[],
    parameter: ParameterLookup,
  ): Promise<Float32Array> {
    const results = await this.#session.run({ ...feeds, ...parameterTensors(this.specs, parameter) });
    return outputOf(results, {
      name: TAG_LOGITS,
      shape: [wordsOf(sequences), this.classes],
      where: PROGRAM,
    });
  }

  async dispose(): Promise<void> {
    await this.#session.dispose();
  }
}

const wordsOf = (sequences: readonly TagSequence[]): number =>
  sequences.reduce((sum, { states }) => sum + states.length, 0);

/** Sequences in parts that run at once, those of like length together. @param budget - as of `budgetOf` */
export function tagParts<I>(
  { system }: TaggerConfig,
  items: readonly I[],
  sequenceOf: (item: I) => TagSequence,
  budget: number,
): I[][] {
  const length = (item: I): number => sequenceOf(item).ids.length;
  // Recurrent layers pad every sequence to the longest.
  return fillToBudget(items, length, budget, system === 'bert' ? {} : { rows: () => 1 });
}
