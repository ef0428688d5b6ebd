/** `relata systems`, as a person and as a program read it. */
import { expect, test } from 'vitest';

import { systemsCommand } from '../../src/cli/systems.ts';
import { quirks } from '../../src/models/quirks.ts';
import { systems as trainable } from '../../src/training/request.ts';
import { inProcess, relata } from './relata.ts';

const names = ['cnn', 'lstm', 'bilstm', 'context-aware', 'sentence', 'bert'];

test('--json lists all systems and all quirks, and prints nothing else', async () => {
  const { code, out, err } = await relata('systems', '--json');
  expect([code, err]).toEqual([0, '']);
  const found = JSON.parse(out) as { systems: Record<string, string>[]; quirks: unknown };
  expect(found.systems.map(({ name }) => name)).toEqual(names);
  expect(found.systems.map(({ label }) => label)).toEqual([
    'CNN',
    'LSTM',
    'BiLSTM',
    'Context-Aware',
    'SentModel',
    'BERT',
  ]);
  for (const { description } of found.systems) expect(description).toMatch(/\w/);
  expect(found.quirks).toEqual(JSON.parse(JSON.stringify(quirks)));
  expect(Object.keys(found)).toEqual(['systems', 'quirks']);
});

test('the text names every system that can be trained, and says both modes of every quirk', async () => {
  const { out } = await inProcess(systemsCommand());
  for (const name of trainable) expect(out).toContain(name);
  for (const { name, faithful, corrected, source } of quirks)
    for (const text of [name, `faithful   ${faithful}`, `corrected  ${corrected}`, `(${source})`])
      expect(out).toContain(text);
});
