/** Reading and checking a file, then WordPiece over its words: once, in a process that has done nothing yet. */
import { loadDocuments } from '../../src/data/read.ts';
import { loadVocabulary } from '../../src/text/vocabulary-file.ts';
import { WordPiece } from '../../src/text/wordpiece.ts';
import { serve, timed } from './serve.ts';

export interface LoadingSetup {
  readonly file: string;
  readonly vocabulary: string;
}

await serve<LoadingSetup>(async ({ file, vocabulary }) => ({
  turn: async () => {
    let documents: Awaited<ReturnType<typeof loadDocuments>> = [];
    const loadMs = await timed(async () => {
      documents = await loadDocuments(file);
    });
    let pieces = 0;
    const wordPieceMs = await timed(async () => {
      const wordPiece = new WordPiece(loadVocabulary(vocabulary));
      for (const doc of documents) {
        for (const sentence of doc.sents)
          for (const word of sentence) pieces += wordPiece.pieces(word).length;
      }
    });
    return { ms: loadMs + wordPieceMs, loadMs, wordPieceMs, documents: documents.length, pieces };
  },
}));
