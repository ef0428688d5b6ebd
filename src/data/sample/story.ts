/** A sample document as people write: a text instead of words, a paragraph for every few sentences. */
import type { Document } from '../document.ts';

/** Sentences of a paragraph. */
const PARAGRAPH = 5;

/** The words of `doc` with spaces where English has them. */
export function storyOf(doc: Document): string {
  const sentences = doc.sents.map((words) =>
    words
      .join(' ')
      .replaceAll(/ ([.,;:!?)])/g, '$1')
      .replaceAll('( ', '('),
  );
  const paragraphs = Array.from({ length: Math.ceil(sentences.length / PARAGRAPH) }, (_, i) =>
    sentences.slice(i * PARAGRAPH, (i + 1) * PARAGRAPH).join(' '),
  );
  return `${paragraphs.join('\n\n')}\n`;
}
