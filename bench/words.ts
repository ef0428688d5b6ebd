import { loadDocuments } from '../src/data/read.ts';

/** What both sides of `wordpiece` are given. */
export interface PiecesSetup {
  /** Of documents. */
  readonly file: string;
  /** BERT's vocabulary. */
  readonly vocabulary: string;
}

/** Every word of a file's documents, in order. */
export async function wordsOf(file: string): Promise<string[]> {
  return (await loadDocuments(file)).flatMap(({ sents }) => sents.flat());
}
