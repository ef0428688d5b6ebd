/**
 * Statements for `cypher-shell`, one a line, that build the graph; run twice, they change nothing.
 *
 * Entities are found by `id`, which must be unique; a relationship is named after the relation's id and found by its own.
 */
import type { ExtractedEntity } from '../extraction.ts';
import { type CypherValue, literal, name } from './cypher-literal.ts';
import { type FactRecord, factRecords } from './fact-record.ts';
import type { FormatWriter } from './format.ts';
import { entityIri, factIri, type Identified, identified } from './identifiers.ts';

const FILE = 'extract.cypher';
const CONSTRAINT =
  'CREATE CONSTRAINT relata_entity_id IF NOT EXISTS FOR (e:Entity) REQUIRE e.id IS UNIQUE;\n';

export const cypher: FormatWriter = {
  description: 'statements for cypher-shell, which may be run again',
  mediaType: 'application/x-cypher-query',
  files: [FILE],
  async *write(extractions) {
    yield { file: FILE, text: CONSTRAINT };
    for await (const found of identified(extractions)) yield { file: FILE, text: statements(found) };
  },
};

function statements({ extraction, document }: Identified): string {
  const entities = extraction.entities.map((entity, e) => {
    const properties = assignments('e', entityProperties(entity, extraction.title));
    return `MERGE (e:Entity {id: ${literal(entityIri(document, e))}}) SET e:${name(entity.type)}, ${properties};\n`;
  });
  const facts = factRecords(extraction).map((fact) => {
    const [head, tail] = [fact.h_idx, fact.t_idx].map((entity) => literal(entityIri(document, entity)));
    const id = literal(factIri(document, { head: fact.h_idx, tail: fact.t_idx, relation: fact.r }));
    const merge = `MERGE (h)-[r:${name(fact.r)} {id: ${id}}]->(t)`;
    return `MATCH (h:Entity {id: ${head}}), (t:Entity {id: ${tail}}) ${merge} SET ${assignments('r', factProperties(fact))};\n`;
  });
  return entities.join('') + facts.join('');
}

function entityProperties(entity: ExtractedEntity, title: string): Record<string, string> {
  const { name, type, mentions } = entity;
  return {
    name: literal(name),
    type: literal(type),
    document: literal(title),
    mentions: literal(mentions.map(({ text }) => text)),
    mention_sentences: literal(mentions.map(({ sentence }) => sentence)),
    mention_starts: literal(mentions.map(({ start }) => start)),
    mention_ends: literal(mentions.map(({ end }) => end)),
  };
}

function factProperties(fact: FactRecord): Record<string, string> {
  const real = (value: CypherValue): string => literal(value, { real: true });
  const { evidence_sentences: sentences, model } = fact;
  return {
    relation: literal(fact.r),
    name: literal(fact.relation),
    score: real(fact.score),
    probability: real(fact.probability),
    threshold: real(fact.threshold),
    gate: real(fact.gate),
    document: literal(fact.title),
    evidence: literal(fact.evidence),
    evidence_text: literal(sentences.map(({ text }) => text)),
    evidence_starts: literal(sentences.map(({ start }) => start)),
    evidence_ends: literal(sentences.map(({ end }) => end)),
    model: literal(model.name),
    model_id: literal(model.id),
    relata_version: literal(model.version),
  };
}

const assignments = (variable: string, properties: Record<string, string>): string =>
  Object.entries(properties)
    .map(([key, value]) => `${variable}.${key} = ${value}`)
    .join(', ');
