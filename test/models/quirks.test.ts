/** The list of quirks: sound in itself, and complete for what a config of each mode shows. */
import { describe, expect, test } from 'vitest';

import type { Document } from '../../src/data/document.ts';
import { encodeWords, type WordOptions } from '../../src/features/encode-words.ts';
import { classCount } from '../../src/features/task.ts';
import { descriptions, type Quirk, quirks } from '../../src/models/quirks.ts';
import { batchForm, encoderSystems, wordSystems } from '../../src/models/systems.ts';
import { wordVocabulary } from '../../src/text/words.ts';
import { effectiveOptions } from '../../src/training/options.ts';
import { requestSchema } from '../../src/training/request.ts';

test('names are unique, systems exist, and nothing is empty', () => {
  expect(new Set(quirks.map(({ name }) => name)).size).toBe(quirks.length);
  for (const { name, systems, faithful, corrected, source } of quirks) {
    expect(name).toMatch(/^[a-z\d]+(-[a-z\d]+)*$/);
    expect(systems.length, name).toBeGreaterThan(0);
    expect(new Set(systems).size, name).toBe(systems.length);
    for (const system of systems) expect(encoderSystems, name).toContain(system);
    expect(faithful, name).not.toBe(corrected);
    expect(source, name).toMatch(/^(baselines|paper's repository)/);
    for (const text of [faithful, corrected]) expect(text, name).toMatch(/^[^.]+[^. ]$/);
  }
  expect(Object.keys(descriptions)).toEqual([...encoderSystems]);
});

const quirk = (name: string): Quirk => {
  const found = quirks.find((entry) => entry.name === name);
  if (!found) throw new Error(`no quirk ${name}`);
  return found;
};

/** A document of sentences of these lengths, with one entity of the given mentions: sentence, first word, end. */
function documentOf(
  lengths: readonly number[],
  mentions: readonly (readonly [number, number, number])[],
): Document {
  return {
    title: 'A',
    sents: lengths.map((length) => Array.from({ length }, () => 'word')),
    vertexSet: [
      mentions.map(([sent_id, start, end]) => ({ name: 'word', sent_id, pos: [start, end], type: 'LOC' })),
    ],
  } as unknown as Document;
}

function encoded(doc: Document, mode: WordOptions['mode'], unit: WordOptions['unit']) {
  const vocabulary = wordVocabulary(['[BLANK]', '[UNK]', 'word']);
  const { sequences, entities } = encodeWords(doc, {
    reads: 'words',
    mode,
    unit,
    vocabulary,
    types: ['LOC'],
  });
  return { lengths: sequences.map((sequence) => sequence.length), entities };
}

/** The sum of the first entity's weights. */
function weightOf(doc: Document, mode: WordOptions['mode']): number {
  const [row] = encoded(doc, mode, 'document').entities;
  return [...(row?.weights ?? [])].reduce((sum, weight) => sum + weight, 0);
}

describe('modes differ as the list says', () => {
  test('words-cut', () => {
    const doc = documentOf([300, 300], [[1, 211, 213]]);
    expect(encoded(doc, 'faithful', 'document').lengths).toEqual([512]);
    expect(encoded(doc, 'corrected', 'document').lengths).toEqual([600]);
    expect(weightOf(doc, 'faithful')).toBeCloseTo(0.5);
    expect(weightOf(doc, 'corrected')).toBeCloseTo(1);
    expect(quirk('words-cut').systems).toEqual(wordSystems);
  });

  test('weights-overwritten', () => {
    const twice = documentOf(
      [4],
      [
        [0, 1, 3],
        [0, 1, 3],
      ],
    );
    expect(weightOf(twice, 'faithful')).toBeCloseTo(0.5);
    expect(weightOf(twice, 'corrected')).toBeCloseTo(1);
    expect(quirk('weights-overwritten').systems).toEqual(encoderSystems);
  });

  test('last-word-lost, long-sentences-shift: sentences and their lengths', () => {
    const doc = documentOf([3, 120, ...Array.from({ length: 30 }, () => 2)], [[0, 0, 1]]);
    const { lengths } = encoded(doc, 'faithful', 'sentence');
    expect([lengths.length, lengths[0], lengths[1], lengths[2]]).toEqual([25, 2, 100, 2]);
    expect(encoded(doc, 'corrected', 'sentence').lengths.slice(0, 3)).toEqual([3, 120, 2]);
    expect(encoded(doc, 'corrected', 'sentence').lengths).toHaveLength(32);
    for (const name of ['last-word-lost', 'long-sentences-shift'])
      expect(quirk(name).systems).toEqual(['sentence']);
  });

  test('padding-seen: blanks around the documents of a batch', () => {
    const formOf = (system: (typeof wordSystems)[number], mode: WordOptions['mode']): unknown =>
      batchForm({
        system,
        mode,
        task: 'relation',
        relations: 3,
        without: [],
        encoder: { vocabularySize: 3, width: 2, frozen: false, types: [] },
      });
    const seen = wordSystems.filter(
      (system) => JSON.stringify(formOf(system, 'faithful')) !== JSON.stringify(formOf(system, 'corrected')),
    );
    expect(seen).toEqual(quirk('padding-seen').systems);
  });

  test('no-early-stop', () => {
    const patience = (mode: string): number => {
      const request = requestSchema.parse({ system: 'cnn', train: ['a'], dev: 'b', mode });
      return effectiveOptions(request, 'cnn', 'random weights').patience;
    };
    expect([patience('faithful'), patience('corrected')]).toEqual([0, 10]);
    expect(quirk('no-early-stop').corrected).toContain('10 evaluations');
  });

  test('existence-as-97-problems', () => {
    const classes = (mode: WordOptions['mode']): number => classCount(96, { task: 'existence', mode });
    expect([classes('faithful'), classes('corrected')]).toEqual([97, 2]);
    expect(quirk('existence-as-97-problems').twoStep).toBe(true);
  });
});
