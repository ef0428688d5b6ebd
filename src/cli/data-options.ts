/** Options that several commands take, because they say how documents are read. */
import { Option } from '@commander-js/extra-typings';

import { loadVocabulary } from '../text/vocabulary-file.ts';
import { WordPiece } from '../text/wordpiece.ts';

/**
 * `--no-relation NR`: relation ids whose labels are dropped; read it as `noRelation`.
 *
 * It may be given several times, and takes several ids with commas between them. It takes one value, since a list of
 * values would swallow the files that follow.
 */
export function noRelationOption(): Option<'--noRelation <ids>', undefined, undefined, string[]> {
  const option = new Option(
    '--no-relation <ids>',
    'relation ids that mean "no relation": their labels are dropped',
  );
  // Commander takes a flag that begins with "no-" for the negation of another.
  option.negate = false;
  option.argParser((value: string, earlier: string[] | undefined) => [
    ...(earlier ?? []),
    ...value.split(',').filter((id) => id !== ''),
  ]);
  return option as unknown as Option<'--noRelation <ids>', undefined, undefined, string[]>;
}

/** A function that counts the pieces of a word by a vocabulary file; undefined without one. */
export function piecesBy(path: string | undefined): ((word: string) => number) | undefined {
  if (path === undefined) return undefined;
  const wordPiece = new WordPiece(loadVocabulary(path));
  return (word) => wordPiece.pieces(word).length;
}
