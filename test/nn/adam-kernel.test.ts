/**
 * The compiled kernel is the source's. After a change of the source, `npx vitest run test/nn/adam-kernel.test.ts -u`
 * compiles it again.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';
import wabt from 'wabt';

const folder = new URL('../../src/nn/', import.meta.url);

test('adam-kernel.ts is adam-kernel.wat, compiled', async () => {
  const { parseWat } = await wabt();
  const source = readFileSync(new URL('adam-kernel.wat', folder), 'utf8');
  const { buffer } = parseWat('adam-kernel.wat', source).toBinary({});
  const base64 =
    Buffer.from(buffer)
      .toString('base64')
      .match(/.{1,100}/g) ?? [];
  const text = [
    '/** `adam-kernel.wat`, compiled by the test of this file. In base64. */',
    'export const adamKernel = [',
    ...base64.map((line) => `  '${line}',`),
    "].join('');",
    '',
  ].join('\n');
  await expect(text).toMatchFileSnapshot(fileURLToPath(new URL('adam-kernel.ts', folder)));
});
