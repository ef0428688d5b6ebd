/** Which part of a text trains, and which is held out to see what the encoder knows of text that it never read. */

/** Takes the ids of pieces, one after the other. */
export interface PieceSink {
  /** Ids taken. */
  readonly length: number;
  add(id: number): void;
}

/** Pieces of a part: about ten pages, some eight windows of 512. */
const PART = 4096;
/** Of this many parts one is held out: the one at `HELD_OUT_AT`, so that short texts have one too. */
const EVERY = 200;
const HELD_OUT_AT = 9;
/** Enough pieces held out, so that a look at them stays short: 2^16 have some 10,000 masked ones. */
const ENOUGH = 2 ** 16;
/** Held-out pieces without which a run does not begin: a window of the usual length. */
export const LEAST_HELD_OUT = 128;

/**
 * Sends documents to one of two sinks, in order.
 *
 * A document is one part; a longer one than 4,096 pieces is several, of at most that many (more only where one word
 * has more), and no word is in two. Part i is held out where i % 200 is 9, until at least 2^16 pieces are; where the first of
 * them is very short, so are those after it, until there are 128. The rest trains.
 * In each sink [SEP] stands wherever text follows that did not follow it in the source.
 */
export class TextSplit {
  readonly #train: PieceSink;
  readonly #heldOut: PieceSink;
  readonly #separator: number;
  #documents = 0;
  /** Parts that ended. */
  #parts = 0;
  /** Pieces of the part that has begun. */
  #length = 0;
  /** Where the part goes that has begun; undefined: none has. */
  #sink: PieceSink | undefined;
  /** Where the part before went, of the same document. */
  #last: PieceSink | undefined;

  /** @param sinks.separator - the id of [SEP] */
  constructor(sinks: { readonly train: PieceSink; readonly heldOut: PieceSink; readonly separator: number }) {
    this.#train = sinks.train;
    this.#heldOut = sinks.heldOut;
    this.#separator = sinks.separator;
  }

  /** Documents that ended and had any piece. */
  get documents(): number {
    return this.#documents;
  }

  /** @param pieces - of the next word */
  add(pieces: Int32Array): void {
    if (pieces.length === 0) return;
    if (this.#sink !== undefined && this.#length + pieces.length > PART) this.#endPart();
    this.#sink ??= this.#beginPart();
    for (const id of pieces) this.#sink.add(id);
    this.#length += pieces.length;
  }

  /** What comes next is another document. */
  endDocument(): void {
    if (this.#sink === undefined) return;
    this.#endPart();
    this.#last = undefined;
    this.#documents++;
  }

  #beginPart(): PieceSink {
    const { length } = this.#heldOut;
    const hasTurn = this.#parts % EVERY === HELD_OUT_AT && length < ENOUGH;
    const isHeldOut = hasTurn || (this.#parts > HELD_OUT_AT && length < LEAST_HELD_OUT);
    const sink = isHeldOut ? this.#heldOut : this.#train;
    if (sink.length > 0 && sink !== this.#last) sink.add(this.#separator);
    return sink;
  }

  #endPart(): void {
    this.#last = this.#sink;
    this.#sink = undefined;
    this.#length = 0;
    this.#parts++;
  }
}
