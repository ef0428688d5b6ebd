/**
 * One graph for Gephi, yEd and NetworkX: a node an entity, an edge a fact, of all documents.
 *
 * These readers know no lists, so mentions and evidence are JSON, which also keeps what XML 1.0 has no way to write; elsewhere such characters
 * become U+FFFD. Ids are running numbers, since the schema wants name tokens.
 * Source: GraphML 1.0, and its attribute extension.
 */
import type { Extraction } from '../extraction.ts';
import { type FactRecord, factRecords } from './fact-record.ts';
import type { FormatWriter } from './format.ts';
import { wellFormed } from './identifiers.ts';

const FILE = 'extract.graphml';

type Type = 'string' | 'double';

const keys = {
  node: { label: 'string', type: 'string', document: 'string', mentions: 'string' },
  edge: {
    label: 'string',
    relation: 'string',
    score: 'double',
    probability: 'double',
    threshold: 'double',
    gate: 'double',
    document: 'string',
    evidence_text: 'string',
    evidence: 'string',
    model: 'string',
    model_id: 'string',
    relata_version: 'string',
  },
} as const satisfies Record<string, Record<string, Type>>;

type Data<K extends keyof typeof keys> = Record<keyof (typeof keys)[K], string | number | null>;

export const graphml: FormatWriter = {
  description: 'one graph for Gephi, yEd or NetworkX',
  mediaType: 'application/graphml+xml',
  files: [FILE],
  async *write(extractions) {
    yield { file: FILE, text: head() };
    let documents = 0;
    for await (const extraction of extractions) {
      const text = nodes(extraction, documents) + edges(extraction, documents);
      if (text !== '') yield { file: FILE, text };
      documents++;
    }
    yield { file: FILE, text: '</graph>\n</graphml>\n' };
  },
};

function head(): string {
  const declared = Object.entries(keys).flatMap(([kind, types]) =>
    Object.entries(types).map(
      ([name, type]) => `<key id="${kind}-${name}" for="${kind}" attr.name="${name}" attr.type="${type}"/>\n`,
    ),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
${declared.join('')}<graph id="facts" edgedefault="directed">
`;
}

function nodes({ entities, title }: Extraction, document: number): string {
  const lines = entities.map(({ name, type, mentions }, e) => {
    const values: Data<'node'> = {
      label: name,
      type,
      document: title,
      mentions: jsonText(mentions.map(({ sentence, start, end, text }) => ({ sentence, start, end, text }))),
    };
    return `<node id="d${document}-e${e}">${data('node', values)}</node>\n`;
  });
  return lines.join('');
}

function edges(extraction: Extraction, document: number): string {
  const lines = factRecords(extraction).map((fact, f) => {
    const ends = `source="d${document}-e${fact.h_idx}" target="d${document}-e${fact.t_idx}"`;
    return `<edge id="d${document}-f${f}" ${ends}>${data('edge', edgeData(fact))}</edge>\n`;
  });
  return lines.join('');
}

function edgeData(fact: FactRecord): Data<'edge'> {
  return {
    label: fact.relation,
    relation: fact.r,
    score: fact.score,
    probability: fact.probability,
    threshold: fact.threshold,
    gate: fact.gate,
    document: fact.title,
    evidence_text: fact.evidence_sentences.map(({ text }) => text).join('\n'),
    evidence: jsonText(fact.evidence_sentences),
    model: fact.model.name,
    model_id: fact.model.id,
    relata_version: fact.model.version,
  };
}

/** JSON escapes control characters and halves of surrogate pairs, but not these two, which XML forbids as well. */
const jsonText = (value: unknown): string =>
  JSON.stringify(value)
    .replaceAll('\ufffe', String.raw`\ufffe`)
    .replaceAll('\uffff', String.raw`\uffff`);

/** What is null has no element. */
const data = (kind: keyof typeof keys, values: Readonly<Record<string, string | number | null>>): string =>
  Object.entries(values)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `<data key="${kind}-${name}">${escaped(String(value))}</data>`)
    .join('');

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' };

const escaped = (text: string): string =>
  wellFormed(text)
    .replaceAll(/(?![\t\n\r])[\0-\x1f\ufffe\uffff]/g, '\ufffd') // oxlint-disable-line no-control-regex
    .replaceAll(/[&<>\r]/g, (character) => entities[character] ?? '');
