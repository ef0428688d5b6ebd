/** One JSON document with everything: what the viewer opens. */
import type { FormatWriter } from './format.ts';

const FILE = 'extract.json';

/** Rises when readers of older files would misread it. */
export const JSON_FORMAT = 1;

export const json: FormatWriter = {
  description: 'one JSON document with texts, entities and facts, which the viewer opens',
  mediaType: 'application/json',
  files: [FILE],
  async *write(extractions) {
    let before = `{"format":${JSON_FORMAT},"results":[\n`;
    for await (const extraction of extractions) {
      yield { file: FILE, text: before + JSON.stringify(extraction) };
      before = ',\n';
    }
    yield { file: FILE, text: before === ',\n' ? '\n]}\n' : `${before}]}\n` };
  },
};
