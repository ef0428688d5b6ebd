import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';

import { readSubmission, writeSubmission } from '../../src/evaluation/submission.ts';

const folder = mkdtempSync(join(tmpdir(), 'relata-submission-'));
const file = join(folder, 'result.json');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const good = { title: 'A', h_idx: 0, t_idx: 1, r: 'P17' };

describe('submissions', () => {
  it('come back as they were written', async () => {
    const arbPrediction = fc.record(
      {
        title: fc.string({ unit: 'grapheme' }),
        h_idx: fc.nat(),
        t_idx: fc.nat(),
        r: fc.string(),
        evidence: fc.array(fc.nat()),
      },
      { requiredKeys: ['title', 'h_idx', 't_idx', 'r'] },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(arbPrediction), async (predictions) => {
        writeSubmission(file, predictions);
        expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(predictions);
        expect(await readSubmission(file)).toEqual(predictions);
      }),
      { numRuns: 50 },
    );
  });

  it('may be lines or gzipped, with further fields', async () => {
    writeFileSync(file, `${JSON.stringify({ ...good, score: 0.5 })}\n${JSON.stringify(good)}\n`);
    expect(await readSubmission(file)).toEqual([good, good]);
    writeFileSync(file, gzipSync(JSON.stringify([{ ...good, index: [1, 2] }])));
    expect(await readSubmission(file)).toEqual([good]);
  });

  it.each([
    [{ ...good, title: 7 }, /title to be a text, got 7/],
    [{ ...good, h_idx: '0' }, /h_idx to be an entity index, got "0"/],
    [{ ...good, t_idx: -1 }, /t_idx to be an entity index, got -1/],
    [{ ...good, r: undefined }, /r to be a relation id, got nothing/],
    [{ ...good, evidence: [0.5] }, /evidence to be an array of sentence indices, got \[0\.5\]/],
    [[], /a fact to be an object, got \[\]/],
  ])('name the index and field of a wrong fact', async (wrong, message) => {
    writeFileSync(file, JSON.stringify([good, wrong]));
    await expect(readSubmission(file)).rejects.toMatchObject({
      code: 'E_FIELD',
      message: expect.stringMatching(message),
    });
    await expect(readSubmission(file)).rejects.toThrow(/result\.json, fact 1/);
  });
});
