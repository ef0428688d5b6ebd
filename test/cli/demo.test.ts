/** `npm start`, as a user sees it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { relata, temporaryFolder } from './relata.ts';

describe('relata demo', () => {
  const folder = temporaryFolder();

  test(
    'shows results and reads a text, and what it says to type next works',
    { timeout: 300_000 },
    async () => {
      const { code, out, err } = await relata(
        'demo',
        '--out',
        join(folder, 'demo'),
        '--documents',
        '60',
        '--epochs',
        '1',
      );
      expect(code, err).toBe(0);
      for (const row of ['two steps, combined', 'one step', 'mentions', 'The model is saved in'])
        expect(out).toContain(row);
      const commands = out.split('\n').filter((line) => line.startsWith('  npx relata '));
      expect(commands).toHaveLength(4);
      for (const command of commands) {
        const words = command.replace(/ #.*/, '').trim().split(/ +/).slice(2);
        // A server does not end by itself; that its flags are right, its help says.
        const next = await relata(...words, ...(words[0] === 'serve' ? ['--help'] : []));
        expect(next.code, next.err).toBe(0);
      }
      expect(existsSync(join(folder, 'demo', 'bundle', 'mentions', 'config.json'))).toBe(true);
    },
  );

  test(
    'learns: two steps reach an F1 of 80 on documents that they were not trained on',
    { timeout: 600_000 },
    async () => {
      const { code, out, err } = await relata('demo', '--out', join(folder, 'whole'));
      expect(code, err).toBe(0);
      const [, f1 = ''] = /two steps, combined +([\d.]+)/.exec(out) ?? [];
      expect(Number(f1)).toBeGreaterThanOrEqual(80);
    },
  );
});
