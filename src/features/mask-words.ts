/**
 * Masked-language-model windows: some words of a window are hidden, and their pieces are what is learnt.
 *
 * Whole words (pieces that continue a word go with its first) until the share of pieces is reached. Of the pieces to guess
 * four in five read [MASK], one in ten another piece, one in ten what stands there. Source: Devlin et al. 2019, section 3.1;
 * whole words: its later release; drawn anew in every pass: Liu et al. 2019 (RoBERTa), section 4.1.
 */
import type { Rng } from '../core/rng.ts';
import type { Vocabulary } from '../text/vocabulary.ts';

/** A sequence of which pieces are to be guessed. */
export interface MaskedWindow {
  /** As it is read. */
  readonly ids: Int32Array;
  /** Places of the pieces to guess, rising, and what they are. */
  readonly masked: Int32Array;
  readonly targets: Int32Array;
}

const MASK_SHARE = 0.8;
const RANDOM_SHARE = 0.1;

/** What masking needs to know of a vocabulary. */
export class WordMasker {
  readonly #mask: number;
  /** Pieces that are no text, and those with the unknown word, which is none that could be guessed. */
  readonly #frame: ReadonlySet<number>;
  readonly #special: ReadonlySet<number>;
  readonly #continues: Uint8Array;
  /** Pieces that stand for text. */
  readonly #ordinary: Int32Array;

  constructor({ pieces, special, continuation }: Vocabulary) {
    this.#mask = special.mask;
    const { unk, ...frame } = special;
    this.#frame = new Set(Object.values(frame));
    this.#special = new Set([...this.#frame, unk]);
    this.#continues = Uint8Array.from(pieces, (piece) => Number(piece.startsWith(continuation)));
    this.#ordinary = Int32Array.from(pieces.keys()).filter((id) => !this.#special.has(id));
  }

  /** @param share - of the pieces that are text; a word is masked, if an unknown one, wherever there is one */
  mask(ids: Int32Array, share: number, rng: Rng): MaskedWindow {
    const known = this.#words(ids, this.#special);
    // A loss over nothing is no number, so a window must not be without a piece to guess.
    const words = rng.shuffle(known.length > 0 ? known : this.#words(ids, this.#frame));
    const pieces = words.reduce((sum, [from, to]) => sum + to - from, 0);
    const wanted = Math.max(1, Math.round(pieces * share));
    const places: number[] = [];
    for (const [from, to] of words) {
      if (places.length > 0 && places.length + to - from > wanted) continue;
      for (let place = from; place < to; place++) places.push(place);
      if (places.length >= wanted) break;
    }
    const masked = Int32Array.from(places).sort();
    const read = ids.slice();
    for (const place of masked) {
      const draw = rng.uniform();
      if (draw < MASK_SHARE) read[place] = this.#mask;
      else if (draw < MASK_SHARE + RANDOM_SHARE)
        read[place] = this.#ordinary[rng.integer(this.#ordinary.length)] as number;
    }
    return { ids: read, masked, targets: masked.map((place) => ids[place] as number) };
  }

  /** Words as ranges of places, between pieces of `special`; at the start of a window the rest of a word is one. */
  #words(ids: Int32Array, special: ReadonlySet<number>): [from: number, to: number][] {
    const words: [number, number][] = [];
    let inside = false;
    ids.forEach((id, place) => {
      const text = !special.has(id);
      const last = words.at(-1);
      if (text && inside && last && this.#continues[id] === 1) last[1] = place + 1;
      else if (text) words.push([place, place + 1]);
      inside = text;
    });
    return words;
  }
}
