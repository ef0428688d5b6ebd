/** A tagger as a running program: sequences in, scores of every word's tags out. */
import { fail } from '../core/errors.ts';
import { lookAhead } from '../core/look-ahead.ts';
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
import { batchTensors, type ParameterLookup, parameterTensors } from './pair-model.ts';
import { PROGRAM, TAG_LOGITS } from './program.ts';
import { budgetOf } from './systems.ts';

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

/** Sequences of a stretch that run at once. */
interface Prepared<D> {
  readonly stretch: readonly D[];
  readonly group: readonly TagSequence[];
  readonly feeds: Tensors;
  readonly isLast: boolean;
}

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
   * While a batch runs the next one is made, for which documents are taken from their source. Memory holds two stretches,
   * of which each ends with the document that fills it.
   *
   * @param batchPieces - pieces or words that run at once; default 2048 and 16384
   */
  async *score<D extends TagDocument>(
    documents: AsyncIterable<D> | Iterable<D>,
    parameter: ParameterLookup,
    batchPieces?: number,
  ): AsyncGenerator<{ readonly document: D; readonly logits: Float32Array }> {
    const budget = budgetOf(this.config.system, batchPieces);
    let found = new Map<TagSequence, Float32Array>();
    for await (const { stretch, group, logits, isLast } of lookAhead(
      this.#runs(lookAhead(this.#batches(documents, budget)), parameter),
    )) {
      let row = 0;
      for (const sequence of group) {
        const from = row * this.classes;
        row += sequence.states.length;
        found.set(sequence, logits.subarray(from, row * this.classes));
      }
      if (!isLast) continue;
      for (const document of stretch) yield { document, logits: this.#joined(document, found) };
      found = new Map();
    }
  }

  async *#batches<D extends TagDocument>(
    documents: AsyncIterable<D> | Iterable<D>,
    budget: number,
  ): AsyncGenerator<Prepared<D>> {
    for await (const stretch of this.#stretches(documents, budget)) {
      const sequences = stretch.flatMap((document) => document.sequences);
      const groups = tagParts(this.config, sequences, (sequence) => sequence, budget);
      if (groups.length === 0) yield { stretch, group: [], feeds: {}, isLast: true };
      for (const [i, group] of groups.entries())
        yield { stretch, group, feeds: this.#feeds(group), isLast: i === groups.length - 1 };
    }
  }

  /** Documents until a stretch is full. When they end with an error, those before it still make a stretch. */
  async *#stretches<D extends TagDocument>(
    documents: AsyncIterable<D> | Iterable<D>,
    budget: number,
  ): AsyncGenerator<D[]> {
    let room = budget * FIRST_STRETCH;
    let [stretch, held]: [D[], number] = [[], 0];
    let failure: { readonly error: unknown } | undefined;
    try {
      for await (const document of documents) {
        stretch.push(document);
        held += document.sequences.reduce((sum, { ids }) => sum + ids.length, 0);
        if (held < room) continue;
        yield stretch;
        [stretch, held] = [[], 0];
        room = Math.min(2 * room, budget * STRETCH_BATCHES);
      }
    } catch (error) {
      failure = { error };
    }
    if (stretch.length > 0) yield stretch;
    if (failure) throw failure.error;
  }

  async *#runs<D>(
    batches: AsyncIterable<Prepared<D>>,
    parameter: ParameterLookup,
  ): AsyncGenerator<Prepared<D> & { readonly logits: Float32Array }> {
    for await (const batch of batches) {
      const isEmpty = batch.group.length === 0;
      yield {
        ...batch,
        logits: isEmpty ? new Float32Array(0) : await this.#logits(batch.feeds, batch.group, parameter),
      };
    }
  }

  #joined({ sequences }: TagDocument, found: ReadonlyMap<TagSequence, Float32Array>): Float32Array {
    const words = sequences.reduce((sum, { states }) => sum + states.length, 0);
    const all = new Float32Array(words * this.classes);
    let at = 0;
    for (const sequence of sequences) {
      all.set(found.get(sequence) ?? [], at);
      at += sequence.states.length * this.classes;
    }
    return all;
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
    const logits = results[TAG_LOGITS];
    const words = sequences.reduce((sum, { states }) => sum + states.length, 0);
    const shape = [words, this.classes].join(', ');
    if (logits?.dtype === 'float32' && logits.shape.join(', ') === shape) return logits.data;
    throw fail('E_FIELD', {
      expected: `a program whose output "${TAG_LOGITS}" is [${shape}]`,
      found: logits ? `[${logits.shape.join(', ')}]` : 'none of that name',
      where: PROGRAM,
    });
  }

  async dispose(): Promise<void> {
    await this.#session.dispose();
  }
}

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
