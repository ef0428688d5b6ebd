/**
 * RDF 1.1 N-Quads: each fact is one triple in a graph of its own, and the default graph says of that graph where it comes from.
 *
 * Relations whose ids are Wikidata's properties have Wikidata's IRIs. Provenance is PROV-O (a document is what was used, the extraction an
 * activity, the model an agent) and, for what it has no words for, `urn:relata:`. Entities are those of one document: nothing says that two of one name are one.
 */
import type { ExtractedEntity, ModelCard } from '../extraction.ts';
import { type FactRecord, factRecords, type SentenceRecord, sentenceRecord } from './fact-record.ts';
import type { FormatWriter } from './format.ts';
import { entityIri, escaped, factIri, type Identified, identified, relataIri } from './identifiers.ts';
import { double, integer, iri, prefixed, text, vocabularies } from './rdf-terms.ts';

const FILE = 'extract.nq';
const A = prefixed('rdf:type');
const LABEL = prefixed('rdfs:label');

export const nquads: FormatWriter = {
  description: 'RDF with the properties of Wikidata, each fact in a graph that says where it comes from',
  mediaType: 'application/n-quads',
  files: [FILE],
  async *write(extractions) {
    const described = new Set<string>();
    for await (const found of identified(extractions)) {
      yield { file: FILE, text: [...once(described, modelQuads(found)), ...documentQuads(found)].join('') };
      const facts = factRecords(found.extraction).flatMap((fact) => [
        ...once(described, [quad(iri(relationIri(fact.r)), LABEL, text(fact.relation))]),
        ...factQuads(fact, found.document),
      ]);
      if (facts.length > 0) yield { file: FILE, text: facts.join('') };
    }
  },
};

/** What is the same in many documents is written once; there are as many of these as models and relations. */
function once(described: Set<string>, quads: readonly string[]): string[] {
  return quads.filter((line) => !described.has(line) && described.add(line));
}

function modelQuads({ extraction: { model } }: Identified): string[] {
  const subject = iri(modelIri(model));
  return [
    quad(subject, A, prefixed('prov:SoftwareAgent')),
    quad(subject, LABEL, text(model.name)),
    quad(subject, prefixed('relata:modelId'), text(model.id)),
    quad(subject, prefixed('relata:system'), text(model.system)),
  ];
}

function documentQuads({ extraction, document }: Identified): string[] {
  const { title, entities, facts, model } = extraction;
  const activity = iri(`${document}#extraction`);
  const evidence = [...new Set(facts.flatMap((fact) => fact.evidence))].sort((a, b) => a - b);
  return [
    quad(iri(document), A, prefixed('prov:Entity')),
    quad(iri(document), LABEL, text(title)),
    quad(activity, A, prefixed('prov:Activity')),
    quad(activity, prefixed('prov:used'), iri(document)),
    quad(activity, prefixed('prov:wasAssociatedWith'), iri(modelIri(model))),
    quad(activity, prefixed('relata:version'), text(model.version)),
    ...entities.flatMap((entity, e) => entityQuads(entity, { e, document })),
    ...evidence.flatMap((sentence) => [
      quad(iri(sentenceIri(document, sentence)), A, prefixed('relata:Sentence')),
      ...placeQuads(sentenceIri(document, sentence), sentenceRecord(extraction, sentence)),
    ]),
  ];
}

function entityQuads(
  { name, type, mentions }: ExtractedEntity,
  { e, document }: { readonly e: number; readonly document: string },
): string[] {
  const subject = iri(entityIri(document, e));
  return [
    quad(subject, A, iri(relataIri('type', type))),
    quad(subject, LABEL, text(name)),
    quad(subject, prefixed('prov:wasDerivedFrom'), iri(document)),
    ...mentions.flatMap((mention, m) => {
      const place = `${document}#mention-${e}-${m}`;
      return [
        quad(subject, prefixed('relata:mention'), iri(place)),
        quad(iri(place), prefixed('relata:inSentence'), iri(sentenceIri(document, mention.sentence))),
        ...placeQuads(place, mention),
      ];
    }),
  ];
}

/** Characters and words of a mention or sentence; positions in UTF-16 code units of the document's text. */
function placeQuads(
  place: string,
  found: Pick<SentenceRecord, 'sentence' | 'start' | 'end' | 'text'>,
): string[] {
  return [
    quad(iri(place), prefixed('relata:sentenceIndex'), integer(found.sentence)),
    quad(iri(place), prefixed('relata:start'), integer(found.start)),
    quad(iri(place), prefixed('relata:end'), integer(found.end)),
    quad(iri(place), prefixed('relata:text'), text(found.text)),
  ];
}

function factQuads(fact: FactRecord, document: string): string[] {
  const [head, tail] = [iri(entityIri(document, fact.h_idx)), iri(entityIri(document, fact.t_idx))];
  const graph = iri(factIri(document, { head: fact.h_idx, tail: fact.t_idx, relation: fact.r }));
  const number = (name: `relata:${string}`, value: number | null): string[] =>
    value === null ? [] : [quad(graph, prefixed(name), double(value))];
  return [
    quad(head, iri(relationIri(fact.r)), tail, graph),
    quad(graph, A, prefixed('relata:Fact')),
    quad(graph, A, prefixed('prov:Entity')),
    quad(graph, prefixed('prov:wasDerivedFrom'), iri(document)),
    quad(graph, prefixed('prov:wasGeneratedBy'), iri(`${document}#extraction`)),
    quad(graph, prefixed('prov:wasAttributedTo'), iri(modelIri(fact.model))),
    quad(graph, prefixed('relata:relation'), text(fact.r)),
    quad(graph, prefixed('relata:relationName'), text(fact.relation)),
    ...number('relata:score', fact.score),
    ...number('relata:probability', fact.probability),
    ...number('relata:threshold', fact.threshold),
    ...number('relata:gate', fact.gate),
    ...fact.evidence.map((sentence) =>
      quad(graph, prefixed('relata:evidence'), iri(sentenceIri(document, sentence))),
    ),
  ];
}

const quad = (subject: string, predicate: string, object: string, graph?: string): string =>
  `${subject} ${predicate} ${object}${graph === undefined ? '' : ` ${graph}`} .\n`;

const relationIri = (relation: string): string =>
  /^P\d+$/.test(relation) ? `${vocabularies.wdt}${relation}` : relataIri('relation', relation);

const sentenceIri = (document: string, sentence: number): string => `${document}#sentence-${sentence}`;

/** Two models of one name have different ids. */
const modelIri = ({ name, id }: Pick<ModelCard, 'name' | 'id'>): string =>
  `${relataIri('model', name)}:${escaped(id)}`;
