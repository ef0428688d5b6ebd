/** What is on show, as files. */
import { type Extraction, RESULTS_FORMAT } from '../../src/prediction/extraction.ts';
import { factRecord } from '../../src/prediction/formats/fact-record.ts';
import type { Entry } from './entry.ts';
import { keyOf, type Shown, type ShownFact } from './shown.ts';

/** Results in the form that the command line writes and this page opens, with the facts on show alone. */
export function toJson(entry: Entry, { facts }: Shown): string {
  const keys = new Set(facts.filter(({ status }) => status !== 'missed').map(({ key }) => key));
  const kept = entry.extraction.facts.filter((fact) => keys.has(keyOf(fact)));
  return `${JSON.stringify({ format: RESULTS_FORMAT, results: [{ ...entry.extraction, facts: kept }] })}\n`;
}

/** A fact a line as `relata extract --format jsonl` writes it, and whether it is right where that is known. */
export function toJsonLines({ extraction }: Entry, { facts }: Shown): string {
  const rows = facts.map(({ key: _key, status, score, ...fact }) => ({
    ...factRecord(extraction, { ...fact, score: score ?? 0 }),
    score,
    status,
  }));
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

/** The facts as a table: RFC 4180, a header first. Sentences are counted from 1 everywhere that a person reads them. */
export function toCsv(entry: Entry, { facts }: Shown): string {
  const rows = facts.map((fact) => columns.map(([, of]) => of(fact, entry.extraction)));
  return [columns.map(([name]) => name), ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

type Cell = string | number | null;

const columns: readonly (readonly [name: string, of: (fact: ShownFact, extraction: Extraction) => Cell])[] = [
  ['document', (_, { title }) => title],
  ['head', ({ head }, { entities }) => entities[head]?.name ?? ''],
  ['head_type', ({ head }, { entities }) => entities[head]?.type ?? ''],
  ['relation', ({ relation }) => relation],
  ['relation_name', ({ name }) => name],
  ['tail', ({ tail }, { entities }) => entities[tail]?.name ?? ''],
  ['tail_type', ({ tail }, { entities }) => entities[tail]?.type ?? ''],
  ['score', ({ score }) => score],
  ['probability', ({ probability }) => probability],
  ['gate', ({ gate }) => gate],
  ['threshold', ({ threshold }) => threshold],
  ['status', ({ status }) => status],
  ['model', (_, { model }) => [model.name, model.id].filter(Boolean).join('@')],
  ['evidence_sentences', ({ evidence }) => evidence.map((sentence) => sentence + 1).join(' ')],
];

function cell(value: Cell): string {
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
