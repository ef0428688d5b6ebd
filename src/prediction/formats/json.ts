/** One JSON document with everything: what the viewer opens. */
import { RESULTS_FORMAT } from '../extraction.ts';
import type { FormatWriter } from './format.ts';

const FILE = 'extract.json';

export const json: FormatWriter = {
  description: 'one JSON document with texts, entities and facts, which the viewer opens',
  mediaType: 'application/json',
  files: [FILE],
  async *write(extractions) {
    let before = `{"format":${RESULTS_FORMAT},"results":[\n`;
    for await (const extraction of extractions) {
      yield { file: FILE, text: before + JSON.stringify(extraction) };
      before = ',\n';
    }
    yield { file: FILE, text: before === ',\n' ? '\n]}\n' : `${before}]}\n` };
  },
};
