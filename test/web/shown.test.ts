import { describe, expect, test } from 'vitest';

import type { Document } from '../../src/data/document.ts';
import { evaluateSubmission } from '../../src/evaluation/official.ts';
import { entryOfDocument, isJoined, withSubmission, type Entry } from '../../web/model/entry.ts';
import { shown } from '../../web/model/shown.ts';
import { strongest } from '../../web/model/strongest.ts';
import { madeExtraction, madeText } from './made.ts';

const mention = (name: string, sent_id: number, at: number) => ({
  name,
  sent_id,
  pos: [at, at + 1] as const,
  type: 'PER',
});

const doc: Document = {
  title: 'T',
  sents: [
    ['Ann', 'knows', 'Bob', '.'],
    ['Cy', 'is', 'here', '.'],
    ['Ann', 'left', '.'],
  ],
  vertexSet: [[mention('Ann', 0, 0), mention('Ann', 2, 0)], [mention('Bob', 0, 2)], [mention('Cy', 1, 0)]],
  labels: [
    { h: 0, t: 1, r: 'P26', evidence: [0] },
    { h: 1, t: 0, r: 'P26', evidence: [] },
    { h: 0, t: 2, r: 'P40', evidence: [1, 2] },
    { h: 0, t: 1, r: 'P26', evidence: [0] },
  ],
};
const submitted = [
  { title: 'T', h_idx: 0, t_idx: 1, r: 'P26', score: 0.9 },
  { title: 'T', h_idx: 2, t_idx: 1, r: 'P17', score: 0.5 },
  { title: 'T', h_idx: 0, t_idx: 2, r: 'P40', score: 0.2 },
  { title: 'T', h_idx: 0, t_idx: 1, r: 'P26', score: 0.1 },
  { title: 'T', h_idx: 0, t_idx: 9, r: 'P40', score: 0.7 },
];
const entry: Entry = withSubmission(entryOfDocument(doc), submitted);
const keys = (view: ReturnType<typeof shown>): string[] =>
  view.facts.map(({ key, status }) => `${key} ${status}`);

describe('facts against labels', () => {
  test('are right, wrong and missed at a threshold', () => {
    const view = shown(entry, { theta: 0.3 });
    expect(keys(view)).toEqual(['0 P26 1 right', '2 P17 1 wrong', '0 P40 2 missed', '1 P26 0 missed']);
    expect(view.comparison).toEqual({
      right: 1,
      wrong: 1,
      missed: 2,
      precision: 0.5,
      recall: 1 / 3,
      f1: 0.4,
    });
    expect([view.kept, view.all]).toEqual([2, 3]);
  });

  test('a missed fact keeps the score that it has below the threshold, and the evidence of its label', () => {
    const [missed, unseen] = shown(entry, { theta: 0.3 }).facts.slice(2);
    expect(missed).toMatchObject({ score: 0.2, evidence: [1, 2], name: 'child' });
    expect(unseen).toMatchObject({ score: null, evidence: [0] });
  });

  test('a score equal to the threshold is not above it', () => {
    expect(shown(entry, { theta: 0.5 }).kept).toBe(1);
    expect(shown(entry, { theta: 0.4999 }).kept).toBe(2);
  });

  test.each([0, 0.15, 0.3, 0.6])(
    'precision, recall and F1 at %f are those of the official scorer',
    (theta) => {
      const predictions = submitted.slice(0, 3).filter(({ score }) => score > theta);
      const official = evaluateSubmission(predictions, [doc]);
      const { comparison } = shown(entry, { theta });
      expect(comparison?.precision).toBeCloseTo(official.precision, 12);
      expect(comparison?.recall).toBeCloseTo(official.recall, 12);
      expect(comparison?.f1).toBeCloseTo(official.f1, 12);
    },
  );

  test('nothing predicted scores 0 instead of not being a number', () => {
    expect(shown(entry, { theta: 1 }).comparison).toEqual({
      right: 0,
      wrong: 0,
      missed: 3,
      precision: 0,
      recall: 0,
      f1: 0,
    });
  });

  test('are only facts where nothing is to be compared', () => {
    const view = shown(entry, { theta: 0.3, compare: false });
    expect(keys(view)).toEqual(['0 P26 1 found', '2 P17 1 found']);
    expect(view.comparison).toBeNull();
  });

  test('labels alone are shown as labels, at any threshold', () => {
    const view = shown(entryOfDocument(doc), { theta: 0.9 });
    expect(keys(view)).toEqual(['0 P26 1 gold', '1 P26 0 gold', '0 P40 2 gold']);
    expect(view.comparison).toBeNull();
    expect([...view.live].sort()).toEqual([0, 1, 2]);
  });
});

test('entities of no fact are not live', () => {
  expect([...shown(entry, { theta: 0.6, compare: false }).live].sort()).toEqual([0, 1]);
});

test('a submission without scores is kept whole', () => {
  const plain = submitted.slice(0, 3).map(({ score: _score, ...fact }) => fact);
  const view = shown(withSubmission(entryOfDocument(doc), plain), { theta: 0.99 });
  expect(view.kept).toBe(3);
});

test('the text of a DocRED document has its mentions where its words are', () => {
  const { extraction } = entryOfDocument(doc);
  for (const { mentions } of extraction.entities) {
    for (const { start, end, text } of mentions) expect(extraction.text.slice(start, end)).toBe(text);
  }
  expect(extraction.entities[0]?.mentions.map(({ start }) => start)).toEqual([
    0,
    extraction.text.lastIndexOf('Ann'),
  ]);
  expect(isJoined(extraction)).toBe(true);
  expect(isJoined(madeExtraction(madeText))).toBe(false);
});

test('the strongest entities are those of the strongest facts', () => {
  const { facts } = shown(entry, { theta: 0 });
  expect(strongest(facts, 2)).toEqual([0, 1]);
  expect(strongest(facts, 10)).toEqual([0, 1, 2]);
});
