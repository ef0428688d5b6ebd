/** A WordPiece vocabulary: which pieces there are, and their ids. */
import { fail } from '../core/errors.ts';

/** How the pieces that are no text are spelt, in the order in which a new vocabulary begins with them. */
export const SPECIAL_PIECES = {
  pad: '[PAD]',
  unk: '[UNK]',
  cls: '[CLS]',
  sep: '[SEP]',
  mask: '[MASK]',
} as const;

/** Pieces by id. An id is a row of the encoder's embedding. */
export interface Vocabulary {
  readonly pieces: readonly string[];
  readonly ids: ReadonlyMap<string, number>;
  /** Ids of the pieces that are no text. */
  readonly special: Readonly<Record<keyof typeof SPECIAL_PIECES, number>>;
  /** What a piece inside a word begins with. */
  readonly continuation: string;
  /** Whether text is lower-cased first; undefined where the file does not say. */
  readonly lowercase: boolean | undefined;
  /** Whether accents are dropped; undefined where the file does not say, and then they go with the case. */
  readonly stripAccents: boolean | undefined;
}

/**
 * A vocabulary of these pieces. Of repeated pieces the last one counts, as in the published tokenizers.
 *
 * @param options.path - what an error calls it
 * @throws RelataError `E_VOCABULARY` when a special piece is missing
 */
export function createVocabulary(
  pieces: readonly string[],
  options: {
    readonly path?: string;
    readonly lowercase?: boolean | undefined;
    readonly stripAccents?: boolean | undefined;
    readonly continuation?: string;
    readonly unknown?: string;
  } = {},
): Vocabulary {
  const ids = new Map(pieces.map((piece, id) => [piece, id]));
  const idOf = (piece: string): number => {
    const id = ids.get(piece);
    if (id === undefined) {
      const reason = `it has ${pieces.length} pieces, but no ${piece}`;
      throw fail('E_VOCABULARY', { path: options.path ?? 'the vocabulary', reason });
    }
    return id;
  };
  return {
    pieces,
    ids,
    special: {
      pad: idOf(SPECIAL_PIECES.pad),
      unk: idOf(options.unknown ?? SPECIAL_PIECES.unk),
      cls: idOf(SPECIAL_PIECES.cls),
      sep: idOf(SPECIAL_PIECES.sep),
      mask: idOf(SPECIAL_PIECES.mask),
    },
    continuation: options.continuation ?? '##',
    lowercase: options.lowercase,
    stripAccents: options.stripAccents,
  };
}

/** Whether text must be lower-cased for it: as its file says, else whether no piece holds an ASCII capital. */
export function isLowercase(vocabulary: Vocabulary): boolean {
  if (vocabulary.lowercase !== undefined) return vocabulary.lowercase;
  const special = new Set(Object.values(vocabulary.special));
  return !vocabulary.pieces.some((piece, id) => /[A-Z]/.test(piece) && !special.has(id));
}
