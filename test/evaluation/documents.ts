/** Two labelled documents with what a break-down tells apart, and predictions for them. */
import type { Document, Entity } from '../../src/data/document.ts';
import type { Prediction } from '../../src/evaluation/submission.ts';

/** An entity: name, sentence and first word of each mention. */
export const entity = (...mentions: readonly (readonly [string, number, number])[]): Entity =>
  mentions.map(([name, sent_id, word]) => ({ name, sent_id, pos: [word, word + 1] as const, type: 'X' }));

const label = (h: number, t: number, r: string) => ({ h, t, r, evidence: [] });
const words = (count: number): string[] => Array<string>(count).fill('w');

/** Sentences begin at words 0, 5, 8, 12, 16, 20, 24, 28: Ada stands at word 0, Paris at 3, France at 9, Rome at 30. */
const a: Document = {
  title: 'A',
  sents: [5, 3, 4, 4, 4, 4, 4, 4].map(words),
  vertexSet: [
    entity(['Ada', 0, 0], ['She', 1, 0]),
    entity(['Paris', 0, 3]),
    entity(['France', 2, 1]),
    entity(['Rome', 7, 2]),
  ],
  labels: [label(0, 1, 'R1'), label(1, 2, 'R2'), label(1, 3, 'R1'), label(1, 2, 'R2')],
};
const b: Document = {
  title: 'B',
  sents: [words(2)],
  vertexSet: [entity(['X', 0, 0], ['X', 0, 0], ['X', 0, 0], ['X', 0, 0]), entity(['Y', 0, 1])],
  labels: [label(0, 1, 'R1')],
};
export const gold: readonly Document[] = [a, b];

const fact = (title: string, h_idx: number, t_idx: number, r: string): Prediction => ({
  title,
  h_idx,
  t_idx,
  r,
});
/** Eight different facts, two of them gold. */
export const predictions: readonly Prediction[] = [
  fact('A', 0, 1, 'R1'), // gold
  fact('A', 1, 2, 'R1'),
  fact('A', 2, 3, 'R3'),
  fact('A', 1, 3, 'R1'), // gold
  fact('A', 1, 1, 'R2'),
  fact('A', 0, 9, 'R2'), // of an entity that is not there
  fact('B', 1, 0, 'R1'),
  fact('Z', 0, 1, 'R1'), // of a document that is not there
  fact('A', 0, 1, 'R1'), // again
];
/** Names of what training states: the first gold fact by another name, and a wrong one. */
export const known = [
  ['She', 'Paris', 'R1'],
  ['Paris', 'France', 'R1'],
] as const;
