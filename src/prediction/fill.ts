/** Texts with gaps, and the pieces that a masked language model would put into them. */
import { fail } from '../core/errors.ts';
import { folderOf } from '../models/encoder-source.ts';
import { readMaskedModel } from '../models/masked-lm-folder.ts';
import { MaskedLanguageModel, type Question } from '../models/masked-lm.ts';
import type { SessionOptions } from '../runtime/session.ts';
import { SPECIAL_PIECES, type Vocabulary } from '../text/vocabulary.ts';
import { WordPiece } from '../text/wordpiece.ts';

/** What stands for a piece to guess. */
const { mask: MASK } = SPECIAL_PIECES;

/** Characters of a text that an error shows. */
const SHOWN = 60;

export interface Guess {
  /** As the vocabulary spells it: one that goes on with a word begins with `##`. */
  readonly piece: string;
  /** From 0 to 1. */
  readonly probability: number;
}

export interface FilledText {
  /** As it was given. */
  readonly text: string;
  /** In the order of the text. Each is guessed by itself, while the others are masked. */
  readonly masks: readonly {
    /** The most probable first. */
    readonly guesses: readonly Guess[];
  }[];
  /** The text with the best guess of each mask in its place. */
  readonly filled: string;
}

/** A masked language model that fills texts. Call `dispose` when it is no longer needed. */
export interface OpenFill {
  /**
   * @param text - with `[MASK]` for each piece to guess
   * @param top - guesses of each mask, at most
   * @throws RelataError `E_USAGE` for a text without a mask or with more pieces than the encoder takes; `E_ENGINE`
   */
  readonly fill: (text: string, top: number) => Promise<FilledText>;
  readonly dispose: () => Promise<void>;
}

/**
 * Opens a checkpoint with its language-model head.
 *
 * @param encoder - its folder, or the name of an encoder of the package
 * @throws RelataError `E_NO_HEAD` where there is no such head; what reading a checkpoint and opening a session throw
 */
export async function openFill(encoder: string, options: SessionOptions = {}): Promise<OpenFill> {
  const { shape, vocabulary, values } = readMaskedModel(folderOf(encoder) ?? encoder);
  const wordPiece = new WordPiece(vocabulary);
  const model = await MaskedLanguageModel.open(shape, options);
  const dispose = async (): Promise<void> => model.dispose();
  try {
    const weights = values(model.specs);
    const parameter = (name: string): Float32Array => weights.get(name) ?? new Float32Array(0);
    const fill = async (text: string, top: number): Promise<FilledText> => {
      const question = questionOf(text, wordPiece);
      mustFit(question, shape.positions, text);
      const all = await model.logProbabilities([question], parameter); // [K, V]
      const masks = Array.from(question.masked, (_, k) => ({
        guesses: best(
          all.subarray(k * shape.vocabularySize, (k + 1) * shape.vocabularySize),
          vocabulary.pieces,
          top,
        ),
      }));
      const pieces = masks.map(({ guesses: [first] }) => first?.piece ?? MASK);
      return { text, masks, filled: filledText(text, pieces, vocabulary) };
    };
    return { fill, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function questionOf(text: string, wordPiece: WordPiece): Question {
  const { cls, sep, mask } = wordPiece.vocabulary.special;
  const ids = [cls];
  const masked: number[] = [];
  text.split(MASK).forEach((part, i) => {
    if (i > 0) masked.push(ids.push(mask) - 1);
    for (const word of part.split(/\s+/)) ids.push(...wordPiece.pieces(word));
  });
  ids.push(sep);
  return { ids: Int32Array.from(ids), masked: Int32Array.from(masked) };
}

function mustFit({ ids, masked }: Question, positions: number, text: string): void {
  const shown = JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text);
  if (masked.length === 0)
    throw fail('E_USAGE', {
      what: `Expected a text with ${MASK} in it, got ${shown}`,
      help: `Write ${MASK} for each piece to guess, in capitals and brackets: "Paris is the ${MASK} of France."`,
    });
  if (ids.length > positions)
    throw fail('E_USAGE', {
      what: `Expected a text of at most ${positions - 2} pieces, as many as the encoder takes, got ${ids.length - 2} in ${shown}`,
      help: `Leave out what stands far from ${MASK}.`,
    });
}

/** The most probable pieces. @param row - logarithms of the probabilities of all pieces, [V] */
function best(row: Float32Array, pieces: readonly string[], top: number): Guess[] {
  // An encoder may have more rows than its vocabulary has pieces.
  const order = Int32Array.from(pieces.keys()).sort((a, b) => (row[b] ?? 0) - (row[a] ?? 0) || a - b);
  return Array.from(order.subarray(0, top), (id) => ({
    piece: pieces[id] ?? '',
    probability: Math.exp(row[id] ?? 0),
  }));
}

/** A piece that goes on with a word joins what stands before it. */
function filledText(text: string, guesses: readonly string[], { continuation }: Vocabulary): string {
  const [first = '', ...rest] = text.split(MASK);
  return rest.reduce((before, after, i) => {
    const piece = guesses[i] ?? '';
    const goesOn = piece.length > continuation.length && piece.startsWith(continuation);
    return (goesOn ? before.trimEnd() + piece.slice(continuation.length) : before + piece) + after;
  }, first);
}
