/** N-Quads, read back with n3. */
import * as fc from 'fast-check';
import { DataFactory, Parser, type Quad, Store, type Term } from 'n3';
import { expect, test } from 'vitest';

import type { Extraction } from '../../../src/prediction/extraction.ts';
import { anyExtractions, emptyExtractions, example } from '../extractions.ts';
import { encodable, graphOf, type Place, type ReadEntity, type ReadGraph, sorted, textOf } from './graph.ts';

const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';
const LABEL = 'http://www.w3.org/2000/01/rdf-schema#label';
const PROV = 'http://www.w3.org/ns/prov#';
const XSD = 'http://www.w3.org/2001/XMLSchema#';
const { defaultGraph } = DataFactory;

const parse = (text: string): Quad[] => new Parser({ format: 'N-Quads' }).parse(text);

function readBack(text: string): ReadGraph {
  const store = new Store(parse(text));
  const all = (subject: Term, predicate: string): Term[] =>
    store.getObjects(subject, predicate, defaultGraph());
  const one = (subject: Term, predicate: string): Term => {
    const [found, ...more] = all(subject, predicate);
    if (!found || more.length > 0) throw new Error(`${subject.value} has not one ${predicate}`);
    return found;
  };
  const number = (subject: Term, name: string, type: string): number => {
    const term = one(subject, `urn:relata:${name}`);
    expect(term.termType === 'Literal' && term.datatype.value).toBe(XSD + type);
    return Number(term.value);
  };
  const orNull = (subject: Term, name: string): number | null =>
    all(subject, `urn:relata:${name}`).length === 0 ? null : number(subject, name, 'double');
  const place = (subject: Term): Place => ({
    sentence: number(subject, 'sentenceIndex', 'integer'),
    start: number(subject, 'start', 'integer'),
    end: number(subject, 'end', 'integer'),
    text: one(subject, 'urn:relata:text').value,
  });
  const entity = (subject: Term): ReadEntity => ({
    title: one(one(subject, `${PROV}wasDerivedFrom`), LABEL).value,
    name: one(subject, LABEL).value,
    type: decodeURIComponent(one(subject, `${RDF}type`).value.replace(/^urn:relata:type:/, '')),
    mentions: all(subject, 'urn:relata:mention')
      .sort((a, b) => Number(a.value.split('-').at(-1)) - Number(b.value.split('-').at(-1)))
      .map((mention) => {
        const found = place(mention);
        expect(one(mention, 'urn:relata:inSentence').value).toMatch(
          new RegExp(`#sentence-${found.sentence}$`),
        );
        return found;
      }),
  });
  const facts = store.getSubjects(`${RDF}type`, 'urn:relata:Fact', defaultGraph()).map((graph) => {
    const [triple, ...more] = store.getQuads(null, null, null, graph);
    if (!triple || more.length > 0) throw new Error(`not one triple in ${graph.value}`);
    const activity = one(graph, `${PROV}wasGeneratedBy`);
    const model = one(activity, `${PROV}wasAssociatedWith`);
    expect(one(graph, `${PROV}wasAttributedTo`)).toEqual(model);
    const relation = one(graph, 'urn:relata:relation').value;
    expect(triple.predicate.value).toBe(
      /^P[0-9]+$/.test(relation)
        ? `http://www.wikidata.org/prop/direct/${relation}`
        : `urn:relata:relation:${encodeURIComponent(relation)}`,
    );
    const name = one(graph, 'urn:relata:relationName').value;
    expect(all(triple.predicate, LABEL).map(({ value }) => value)).toContain(name);
    return {
      title: one(one(graph, `${PROV}wasDerivedFrom`), LABEL).value,
      head: entity(triple.subject),
      tail: entity(triple.object),
      relation,
      name,
      score: number(graph, 'score', 'double'),
      probability: orNull(graph, 'probability'),
      threshold: number(graph, 'threshold', 'double'),
      gate: orNull(graph, 'gate'),
      evidence: all(graph, 'urn:relata:evidence')
        .map(place)
        .sort((a, b) => a.sentence - b.sentence),
      model: [
        one(model, LABEL).value,
        one(model, 'urn:relata:modelId').value,
        one(activity, 'urn:relata:version').value,
      ] as const,
    };
  });
  const named = store
    .getSubjects(LABEL, null, defaultGraph())
    .filter(({ value }) => /^urn:relata:document:[^#]*#entity-\d+$/.test(value));
  return { entities: named.map(entity), facts };
}

test('gives back every entity and fact', async () => {
  await fc.assert(
    fc.asyncProperty(anyExtractions, async (extractions) => {
      const text = await textOf('nquads', extractions);
      expect(sorted(readBack(text))).toStrictEqual(sorted(graphOf(extractions, encodable)));
    }),
  );
});

test('one statement a line, of characters that any reader of lines takes', async () => {
  await fc.assert(
    fc.asyncProperty(anyExtractions, async (extractions) => {
      const text = await textOf('nquads', extractions);
      const lines = text.split(/[\n\r\u0085\u2028\u2029]/u);
      expect(lines.pop()).toBe('');
      for (const line of lines) expect(line).toMatch(/^<[!-~]+> <[!-~]+> .+ \.$/u);
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cs}]/u);
    }),
  );
});

test("a fact is one triple in its own graph, with Wikidata's property", async () => {
  const quads = parse(await textOf('nquads', [example]));
  expect(
    quads
      .filter(({ graph }) => graph.termType !== 'DefaultGraph')
      .map((quad) => [quad.subject, quad.predicate, quad.object, quad.graph].map(({ value }) => value)),
  ).toContainEqual([
    'urn:relata:document:Mira%20Holt#entity-3',
    'http://www.wikidata.org/prop/direct/P17',
    'urn:relata:document:Mira%20Holt#entity-2',
    'urn:relata:document:Mira%20Holt#fact-3-P17-2',
  ]);
});

test('a model and a relation are described once', async () => {
  const text = await textOf('nquads', [example, { ...example, title: 'Another' }]);
  const lines = text.split('\n').slice(0, -1);
  expect(new Set(lines).size).toBe(lines.length);
});

test.each<[string, readonly Extraction[]]>([
  ['no documents', []],
  ['documents without facts', emptyExtractions],
])('%s', async (_, extractions) => {
  const text = await textOf('nquads', extractions);
  expect(readBack(text)).toEqual({ entities: [], facts: [] });
  expect(parse(text).length > 0).toBe(extractions.length > 0);
});
