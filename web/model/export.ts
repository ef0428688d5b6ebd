/** What is on show, as files. */
import type { Entry } from './entry.ts';
import { keyOf, type Shown, type ShownFact } from './shown.ts';

/** Results in the form that the command line writes and this page opens, with the facts on show alone. */
export function toJson(entry: Entry, { facts }: Shown): string {
  const keys = new Set(facts.filter(({ status }) => status !== 'missed').map(({ key }) => key));
  const kept = entry.extraction.facts.filter((fact) => keys.has(keyOf(fact)));
  return `${JSON.stringify({ format: 1, results: [{ ...entry.extraction, facts: kept }] })}\n`;
}

/** One object a line and a fact, with names instead of indices, and whether it is right where that is known. */
export function toJsonLines(entry: Entry, { facts }: Shown): string {
  return facts.map((fact) => `${JSON.stringify(rowOf(entry, fact))}\n`).join('');
}

/** The same as a table: RFC 4180, a header first. Sentences are counted from 1 everywhere that a person reads them. */
export function toCsv(entry: Entry, { facts }: Shown): string {
  const rows = facts.map((fact) => {
    const { evidence, ...rest } = rowOf(entry, fact);
    return [...Object.values(rest), evidence.map(({ sentence }) => sentence).join(' ')];
  });
  return [columns, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

const columns = [
  'document',
  'head',
  'head_type',
  'relation',
  'relation_name',
  'tail',
  'tail_type',
  'score',
  'probability',
  'gate',
  'threshold',
  'status',
  'model',
  'evidence_sentences',
];

function rowOf({ extraction }: Entry, fact: ShownFact) {
  const [head, tail] = [extraction.entities[fact.head], extraction.entities[fact.tail]];
  return {
    document: extraction.title,
    head: head?.name ?? '',
    head_type: head?.type ?? '',
    relation: fact.relation,
    relation_name: fact.name,
    tail: tail?.name ?? '',
    tail_type: tail?.type ?? '',
    score: fact.score,
    probability: fact.probability,
    gate: fact.gate,
    threshold: fact.threshold,
    status: fact.status,
    model: [extraction.model.name, extraction.model.id].filter(Boolean).join('@'),
    evidence: fact.evidence.map((s) => ({
      sentence: s + 1,
      text: extraction.text.slice(...(extraction.sentences[s] ?? [0, 0])),
    })),
  };
}

function cell(value: string | number | null): string {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A name for a file: what every system allows, of the document's title. */
export function fileName(title: string, ending: string): string {
  const plain = title
    .normalize('NFKC')
    .replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')
    .slice(0, 60);
  return `${plain.replaceAll(/^[-.]+|[-.]+$/g, '') || 'relata'}.${ending}`;
}
