/** For people: under a document's title its entities, and its facts with the sentences that carry them. */
import type { ExtractedEntity, Extraction } from '../extraction.ts';
import { displayWidth, padEnd, printable, wrap } from '../../text/display-width.ts';
import { type FactRecord, factRecords } from './fact-record.ts';
import type { FormatOptions, FormatWriter } from './format.ts';

const FILE = 'extract.txt';

export const table: FormatWriter = {
  description: 'for people: entities, facts and the sentences that carry them',
  mediaType: 'text/plain',
  files: [FILE],
  async *write(extractions, { paint = (_, text) => text, columns = 100 }) {
    let before = '';
    for await (const extraction of extractions) {
      const lines = documentLines(extraction, { paint, columns });
      yield { file: FILE, text: `${before}${lines.join('\n')}\n` };
      before = '\n';
    }
  },
};

function documentLines(extraction: Extraction, options: Required<FormatOptions>): string[] {
  const { title, entities, facts } = extraction;
  const counts = `${counted(entities.length, 'entity', 'entities')}, ${counted(facts.length, 'fact', 'facts')}`;
  return [
    options.paint('bold', printable(title)),
    options.paint('dim', counts),
    ...section(entityLines(entities, options)),
    ...section(factLines(factRecords(extraction), options)),
  ];
}

const section = (lines: readonly string[]): string[] => (lines.length === 0 ? [] : ['', ...lines]);

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

/** Name, type, number of mentions, and other names where there are some. */
function entityLines(
  entities: readonly ExtractedEntity[],
  { paint, columns }: Required<FormatOptions>,
): string[] {
  const rows = entities.map(({ name, type, mentions }) => {
    const others = new Set(mentions.map(({ text }) => printable(text)));
    others.delete(printable(name));
    return {
      name: printable(name),
      type: printable(type),
      times: `${mentions.length}x`,
      others: [...others].join(', '),
    };
  });
  const names = Math.min(widest(rows.map(({ name }) => name)), Math.floor(columns / 2));
  const types = widest(rows.map(({ type }) => type));
  const times = widest(rows.map((row) => row.times));
  const indent = ' '.repeat(2 + names + 2 + types + 2 + times + 2);
  return rows.flatMap((row) => {
    const start = `  ${padEnd(row.name, names)}  ${padEnd(row.type, types)}  ${row.times.padStart(times)}`;
    if (row.others === '') return [start];
    const [first = '', ...rest] = wrap(row.others, { columns: Math.max(20, columns - indent.length) });
    return [`${start}  ${paint('dim', first)}`, ...rest.map((line) => indent + paint('dim', line))];
  });
}

/** A fact with its score on one line, and each sentence of its evidence below. */
function factLines(facts: readonly FactRecord[], { paint, columns }: Required<FormatOptions>): string[] {
  const rows = facts.map((fact) => ({
    fact,
    triple: `${printable(fact.head)} -- ${printable(fact.relation || fact.r)} --> ${printable(fact.tail)}`,
  }));
  const room = columns - 4 - '0.000  100 % sure'.length;
  const width = Math.min(widest(rows.map(({ triple }) => triple)), room);
  return rows.flatMap(({ fact, triple }) => [
    `  ${padEnd(triple, width)}  ${scores(fact)}`,
    ...fact.evidence_sentences.flatMap(({ sentence, text }) => {
      const label = `[${sentence}] `;
      const wrapped = wrap(printable(text), { columns: Math.max(20, columns - 6 - label.length) });
      return wrapped.map(
        (line, l) => `      ${paint('dim', `${l === 0 ? label : ' '.repeat(label.length)}${line}`)}`,
      );
    }),
  ]);
}

function scores({ score, probability, threshold }: FactRecord): string {
  const percent = probability === null ? '' : `  ${Math.round(probability * 100)} % sure`;
  return `${score.toFixed(3)}${percent}${score > threshold ? '' : `  below ${threshold.toFixed(3)}`}`;
}

const widest = (texts: readonly string[]): number =>
  texts.reduce((most, text) => Math.max(most, displayWidth(text)), 0);
