/** What scores mean, as a part of a saved system: written, read, carried along, refused when it is damaged. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import type { Calibration } from '../../src/core/calibration.ts';
import { exportSystem } from '../../src/models/export.ts';
import { readModelConfig, saveCalibration } from '../../src/models/model-folder.ts';
import { openSystem } from '../../src/models/open-system.ts';
import { temporaryFolder } from '../cli/relata.ts';
import { saveBert, saveTwoStepBert } from './saved.ts';

const folder = temporaryFolder();
const fittedOn = { documents: 4, facts: 100, right: 30, error: { score: 0.2, crossFitted: 0.05 } };
const isotonic: Calibration = {
  method: 'isotonic',
  knots: [
    [0.2, 0.1],
    [0.8, 0.5],
  ],
  ...fittedOn,
};
const platt: Calibration = { method: 'platt', scale: 0.5, shift: 0, ...fittedOn };

const config = (path: string): string => readFileSync(join(path, 'config.json'), 'utf8');

describe.each([
  ['one model', saveBert],
  ['two steps', saveTwoStepBert],
])('of %s', (name, save) => {
  const path = join(folder, name);

  test('is not there at first, then is read as it was written; nothing else changes', async () => {
    save(path);
    const before = JSON.parse(config(path)) as { relata: object };
    const bare = await openSystem(path, { threads: 1 });
    expect(bare.probability(0.5)).toBeNull();
    await bare.dispose();
    saveCalibration(path, isotonic);
    expect(JSON.parse(config(path))).toEqual({
      ...before,
      relata: { ...before.relata, calibration: isotonic },
    });
    expect(readModelConfig(path).calibration).toEqual(isotonic);
    const system = await openSystem(path, { threads: 1 });
    expect([0, 0.2, 0.8, 1].map(system.probability)).toEqual([0.1, 0.1, 0.5, 0.5]);
    // Log odds of 0.1 are -ln 9, those of 0.5 are 0: halfway is a quarter.
    expect(system.probability(0.5)).toBeCloseTo(0.25, 12);
    await system.dispose();
    saveCalibration(path, platt);
    expect(readModelConfig(path).calibration).toEqual(platt);
  });

  test('is exported with it', async () => {
    const out = join(folder, `${name}, exported`);
    for await (const { part } of exportSystem(path, out, 'fp32')) expect(part).toBeDefined();
    expect(readModelConfig(out).calibration).toEqual(platt);
    const system = await openSystem(out, { threads: 1 });
    expect(system.probability(0.8)).toBeCloseTo(2 / 3, 12);
    await system.dispose();
  });

  test.each([
    [
      'scores that do not rise',
      {
        ...isotonic,
        knots: [
          [0.8, 0.1],
          [0.2, 0.5],
        ],
      },
      'the scores of the knots do not rise',
    ],
    [
      'probabilities that fall',
      {
        ...isotonic,
        knots: [
          [0.2, 0.5],
          [0.8, 0.1],
        ],
      },
      'the probabilities of the knots do not rise',
    ],
    [
      'certainty',
      {
        ...isotonic,
        knots: [
          [0.2, 0],
          [0.8, 1],
        ],
      },
      'knots.0.1',
    ],
    [
      'two knots at one score',
      {
        ...isotonic,
        knots: [
          [0.4, 0.2],
          [0.4, 0.6],
        ],
      },
      'the scores of the knots do not rise',
    ],
    ['no knots', { ...isotonic, knots: [] }, 'knots'],
    ['a line that falls', { ...platt, scale: -1 }, 'scale'],
    ['another method', { ...platt, method: 'none' }, 'method'],
  ])('is refused with %s', (_, calibration, said) => {
    const whole = JSON.parse(config(path)) as { relata: object };
    writeFileSync(
      join(path, 'config.json'),
      JSON.stringify({ ...whole, relata: { ...whole.relata, calibration } }),
    );
    expect(() => readModelConfig(path)).toThrow(
      expect.objectContaining({ code: 'E_FIELD', message: expect.stringContaining(said) }),
    );
    writeFileSync(join(path, 'config.json'), JSON.stringify(whole));
  });
});
