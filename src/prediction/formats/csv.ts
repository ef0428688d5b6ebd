/**
 * Two files that `neo4j-admin database import full --nodes nodes.csv --relationships relationships.csv` takes without further options.
 *
 * Quoted as RFC 4180 says: a quote is doubled, and null or an empty list is an empty field without quotes. The importer's defaults ask for more: a field
 * has no line end, so each becomes one space (positions stay true), and `;`, which parts the values of a list and cannot be escaped,
 * becomes U+037E there, which looks the same and which Unicode's normal form C turns back. Halves of surrogate pairs become U+FFFD.
 * Source: Neo4j Operations Manual, "Neo4j-admin import", CSV header format.
 */
import type { ExtractedEntity } from '../extraction.ts';
import { type FactRecord, factRecords } from './fact-record.ts';
import type { FormatWriter } from './format.ts';
import { entityIri, type Identified, identified, wellFormed } from './identifiers.ts';

const NODES = 'nodes.csv';
const RELATIONSHIPS = 'relationships.csv';

type Cell = string | number | null | readonly (string | number)[];

/** Columns by their header, `name:type`, and what stands in them. */
type Columns<Row> = Readonly<Record<string, (row: Row) => Cell>>;

interface Node {
  readonly id: string;
  readonly title: string;
  readonly entity: ExtractedEntity;
}

interface Relationship {
  readonly head: string;
  readonly tail: string;
  readonly fact: FactRecord;
}

const nodeColumns: Columns<Node> = {
  'id:ID': ({ id }) => id,
  name: ({ entity }) => entity.name,
  ':LABEL': ({ entity }) => ['Entity', entity.type],
  type: ({ entity }) => entity.type,
  document: ({ title }) => title,
  'mentions:string[]': ({ entity }) => entity.mentions.map(({ text }) => text),
  'mention_sentences:int[]': ({ entity }) => entity.mentions.map(({ sentence }) => sentence),
  'mention_starts:int[]': ({ entity }) => entity.mentions.map(({ start }) => start),
  'mention_ends:int[]': ({ entity }) => entity.mentions.map(({ end }) => end),
};

const relationshipColumns: Columns<Relationship> = {
  ':START_ID': ({ head }) => head,
  ':END_ID': ({ tail }) => tail,
  ':TYPE': ({ fact }) => fact.r,
  relation: ({ fact }) => fact.r,
  name: ({ fact }) => fact.relation,
  'score:double': ({ fact }) => fact.score,
  'probability:double': ({ fact }) => fact.probability,
  'threshold:double': ({ fact }) => fact.threshold,
  'gate:double': ({ fact }) => fact.gate,
  document: ({ fact }) => fact.title,
  'evidence:int[]': ({ fact }) => fact.evidence,
  'evidence_text:string[]': ({ fact }) => fact.evidence_sentences.map(({ text }) => text),
  'evidence_starts:int[]': ({ fact }) => fact.evidence_sentences.map(({ start }) => start),
  'evidence_ends:int[]': ({ fact }) => fact.evidence_sentences.map(({ end }) => end),
  model: ({ fact }) => fact.model.name,
  model_id: ({ fact }) => fact.model.id,
  relata_version: ({ fact }) => fact.model.version,
};

export const csv: FormatWriter = {
  description: 'a folder with nodes.csv and relationships.csv for neo4j-admin database import',
  mediaType: 'text/csv',
  files: [NODES, RELATIONSHIPS],
  async *write(extractions) {
    yield { file: NODES, text: `${Object.keys(nodeColumns).join(',')}\n` };
    yield { file: RELATIONSHIPS, text: `${Object.keys(relationshipColumns).join(',')}\n` };
    for await (const found of identified(extractions)) {
      const nodes = lines(nodeColumns, nodesOf(found));
      if (nodes !== '') yield { file: NODES, text: nodes };
      const relationships = lines(relationshipColumns, relationshipsOf(found));
      if (relationships !== '') yield { file: RELATIONSHIPS, text: relationships };
    }
  },
};

const nodesOf = ({ extraction, document }: Identified): Node[] =>
  extraction.entities.map((entity, e) => ({ id: entityIri(document, e), title: extraction.title, entity }));

const relationshipsOf = ({ extraction, document }: Identified): Relationship[] =>
  factRecords(extraction).map((fact) => ({
    head: entityIri(document, fact.h_idx),
    tail: entityIri(document, fact.t_idx),
    fact,
  }));

function lines<Row>(columns: Columns<Row>, rows: readonly Row[]): string {
  const cells = Object.values(columns);
  return rows.map((row) => `${cells.map((of) => field(of(row))).join(',')}\n`).join('');
}

function field(cell: Cell): string {
  if (cell === null || (Array.isArray(cell) && cell.length === 0)) return '';
  if (typeof cell === 'number') return String(cell);
  if (typeof cell === 'string') return quoted(cell);
  return quoted(cell.map((value) => String(value).replaceAll(';', '\u037e')).join(';'));
}

const quoted = (text: string): string =>
  `"${wellFormed(text)
    .replaceAll(/[\r\n]/g, ' ')
    .replaceAll('"', '""')}"`;
