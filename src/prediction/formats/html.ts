/** The viewer as one page with the extractions inside. */
import type { Extraction } from '../extraction.ts';
import { pageWith } from '../viewer-page.ts';
import type { FormatWriter } from './format.ts';

const FILE = 'extract.html';

export const html: FormatWriter = {
  description: 'the viewer as one page with the results inside, which opens without a server',
  mediaType: 'text/html',
  files: [FILE],
  async *write(given) {
    const extractions: Extraction[] = [];
    for await (const extraction of given) extractions.push(extraction);
    yield { file: FILE, text: await pageWith({ extractions }) };
  },
};
