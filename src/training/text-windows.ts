/**
 * A text as windows, in an order and with borders of its own in every pass.
 *
 * Windows are cut without regard to sentences and paragraphs, so that none is shorter than it may be. Source: Liu et al. 2019
 * (RoBERTa), section 4.2, FULL-SENTENCES.
 */
import { Rng } from '../core/rng.ts';
import type { Vocabulary } from '../text/vocabulary.ts';
import type { PieceFile } from './piece-cache.ts';

/** [CLS] and [SEP]. */
export const FRAME = 2;

export class WindowedPass {
  /** Windows of the pass. */
  readonly count: number;
  readonly #text: PieceFile;
  readonly #inside: number;
  readonly #offset: number;
  readonly #order: Int32Array;
  readonly #special: Vocabulary['special'];

  /**
   * @param text - at least a window long
   * @param options.window - pieces of a window, with [CLS] and [SEP]
   * @param options.shuffled - false: in order, from the first piece on
   */
  constructor(
    text: PieceFile,
    options: {
      readonly special: Vocabulary['special'];
      readonly window: number;
      readonly seed: number;
      readonly pass: number;
      readonly shuffled?: boolean;
    },
  ) {
    const { special, window, seed, pass, shuffled = true } = options;
    const rng = Rng.fromSeed(seed, `windows ${pass}`);
    this.#text = text;
    this.#special = special;
    this.#inside = window - FRAME;
    const spare = text.length - this.#inside;
    this.#offset = shuffled ? rng.integer(Math.min(this.#inside, spare + 1)) : 0;
    this.count = Math.floor((text.length - this.#offset) / this.#inside);
    this.#order = Int32Array.from({ length: this.count }, (_, i) => i);
    if (shuffled) shuffle(this.#order, rng);
  }

  /** Window `i` in the order of the pass: [CLS], pieces, [SEP]. */
  ids(i: number): Int32Array {
    const ids = new Int32Array(this.#inside + FRAME);
    ids[0] = this.#special.cls;
    ids.set(this.#text.read(this.#offset + (this.#order[i] ?? 0) * this.#inside, this.#inside), 1);
    ids[ids.length - 1] = this.#special.sep;
    return ids;
  }
}

/** In place: a text of a billion pieces has ten million windows. */
function shuffle(order: Int32Array, rng: Rng): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = rng.integer(i + 1);
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
}
