import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { writeSample } from '../../src/cli/sample.ts';
import { sampleCorpus } from '../../src/data/sample/sample-corpus.ts';

const corpus = sampleCorpus({ documents: 10, seed: 5 });
let out = '';

beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'relata-sample-'));
});

afterEach(() => {
  rmSync(out, { recursive: true, force: true });
});

const read = (name: string): unknown => JSON.parse(readFileSync(join(out, name), 'utf8'));

describe('writeSample', () => {
  it('writes the corpus, the test part without labels', () => {
    const files = writeSample(corpus, { out, force: false });
    expect(files.map(({ count }) => count)).toEqual([8, 1, 1, 1, 1, 14]);
    expect(read('train.json')).toEqual(corpus.train);
    expect(read('dev.json')).toEqual(corpus.dev);
    expect(read('test_gold.json')).toEqual(corpus.test);
    expect(read('test.json')).toEqual(
      corpus.test.map(({ title, sents, vertexSet }) => ({ title, sents, vertexSet })),
    );
    expect(read('rel_info.json')).toEqual(Object.fromEntries(corpus.relations));
  });

  it('writes the first test document as a text, with its words and no others', () => {
    writeSample(corpus, { out, force: false });
    const story = readFileSync(join(out, 'story.txt'), 'utf8');
    const bare = (text: string): string => text.replaceAll(/\s/g, '');
    expect(bare(story)).toBe(bare((corpus.test[0]?.sents.flat() ?? []).join('')));
    expect(story).toMatch(/^\w+.*\.\n$/s);
    expect(story).not.toMatch(/ [.,)]|\( /);
  });

  it('does not overwrite unless told to', () => {
    writeSample(corpus, { out, force: false });
    const other = sampleCorpus({ documents: 10, seed: 6 });
    expect(() => writeSample(other, { out, force: false })).toThrow('train.json not to exist');
    expect(read('train.json')).toEqual(corpus.train);
    writeSample(other, { out, force: true });
    expect(read('train.json')).toEqual(other.train);
  });
});
