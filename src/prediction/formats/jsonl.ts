/** A fact a line, each with all that is known of it. */
import { factRecords } from './fact-record.ts';
import type { FormatWriter } from './format.ts';

const FILE = 'extract.jsonl';

export const jsonl: FormatWriter = {
  description: 'a fact a line, as JSON that needs nothing else',
  mediaType: 'application/jsonl',
  files: [FILE],
  async *write(extractions) {
    for await (const extraction of extractions) {
      const lines = factRecords(extraction).map((record) => `${JSON.stringify(record)}\n`);
      if (lines.length > 0) yield { file: FILE, text: lines.join('') };
    }
  },
};
