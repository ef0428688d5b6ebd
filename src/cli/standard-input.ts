/** All of standard input. */
import { fail } from '../core/errors.ts';

/** More than any text that is read: 80 MB. */
const LARGEST = 80e6;

/** @throws RelataError `E_USAGE` at a terminal, `E_TEXT` when it is longer than any text may be */
export async function readStandardInput(): Promise<Uint8Array> {
  if (process.stdin.isTTY)
    throw fail('E_USAGE', {
      what: 'Expected files, or a text on standard input, got a terminal',
      help: 'Name a file, or pipe a text in: echo "Ada lives in Paris." | relata extract --model DIR',
    });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > LARGEST)
      throw fail('E_TEXT', { where: 'standard input', reason: `it has more than ${LARGEST} bytes` });
  }
  return Buffer.concat(chunks);
}
