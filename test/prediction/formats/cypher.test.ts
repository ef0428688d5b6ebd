/** Statements of Cypher, run by a reader that follows openCypher's grammar: see cypher-reader.ts. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { Extraction } from '../../../src/prediction/extraction.ts';
import { literal } from '../../../src/prediction/formats/cypher-literal.ts';
import { anyExtractions, anyText, emptyExtractions, example, makeExtraction } from '../extractions.ts';
import { type Database, type Properties, run, tokens } from './cypher-reader.ts';
import { encodable, graphOf, type Place, type ReadEntity, type ReadGraph, textOf, zip } from './graph.ts';

const hexadecimal = (_: string, digits: string): string => String.fromCharCode(Number.parseInt(digits, 16));

/** What readers do with escapes before they look for tokens. */
const readers: Record<string, (text: string) => string> = {
  'openCypher: nothing': (text) => text,
  'Neo4j: every backslash and u': (text) => text.replaceAll(/\\u+([\da-fA-F]{4})/g, hexadecimal),
  'Neo4j: unless the backslash is escaped': (text) =>
    text.replaceAll(/(?<=(?<!\\)(?:\\\\)*)\\u+([\da-fA-F]{4})/g, hexadecimal),
};

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : ['missing']);
const numbers = (value: unknown): number[] => (Array.isArray(value) ? value.map(Number) : [NaN]);
const places = (
  properties: Properties,
  [sentences, kind, text]: readonly [string, string, string],
): Place[] =>
  zip(
    numbers(properties[sentences]),
    numbers(properties[`${kind}_starts`]),
    numbers(properties[`${kind}_ends`]),
    texts(properties[text]),
  );

function readBack({ nodes, relationships }: Database): ReadGraph {
  const entities = new Map(
    [...nodes].map(([id, { labels, properties }]): [string, ReadEntity] => {
      const type = String(properties['type']);
      expect(labels).toEqual(new Set(['Entity', asName(type)]));
      return [
        id,
        {
          title: String(properties['document']),
          name: String(properties['name']),
          type,
          mentions: places(properties, ['mention_sentences', 'mention', 'mentions']),
        },
      ];
    }),
  );
  const facts = [...relationships.values()].map(({ type, head, tail, properties }) => {
    const [from, to] = [entities.get(head), entities.get(tail)];
    if (!from || !to) throw new Error('a relationship of nodes that are not there');
    const relation = String(properties['relation']);
    expect(type).toBe(asName(relation));
    const number = (key: string): number | null => (key in properties ? Number(properties[key]) : null);
    return {
      title: String(properties['document']),
      head: from,
      tail: to,
      relation,
      name: String(properties['name']),
      score: number('score') ?? NaN,
      probability: number('probability'),
      threshold: number('threshold') ?? NaN,
      gate: number('gate'),
      evidence: places(properties, ['evidence', 'evidence', 'evidence_text']),
      model: [
        String(properties['model']),
        String(properties['model_id']),
        String(properties['relata_version']),
      ] as const,
    };
  });
  return { entities: [...entities.values()], facts };
}

/** Names have no escapes; see `name`. */
const asName = (text: string): string =>
  text.replaceAll(/[\\\0-\x1f\x7f-\x9f\u2028\u2029\ufeff]/g, '\ufffd') || '_'; // oxlint-disable-line no-control-regex

describe.each(Object.entries(readers))('%s', (_, asRead) => {
  test('gives back every entity and fact', async () => {
    await fc.assert(
      fc.asyncProperty(anyExtractions, async (extractions) => {
        const text = await textOf('cypher', extractions);
        expect(readBack(run(asRead(text)))).toStrictEqual(graphOf(extractions, encodable));
      }),
    );
  });

  test('no text breaks out of its literal', () => {
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 3 }), (values) => {
        const found = tokens(asRead(literal(values)));
        expect(found.filter(({ kind }) => kind === 'string').map(({ value }) => value)).toEqual(
          values.map(encodable),
        );
        expect(found).toHaveLength(values.length + 2 + Math.max(0, values.length - 1));
      }),
    );
  });
});

test('each statement is a line of its own that ends with a semicolon', async () => {
  await fc.assert(
    fc.asyncProperty(anyExtractions, async (extractions) => {
      const lines = (await textOf('cypher', extractions)).split(/[\n\r\u0085\u2028\u2029]/u);
      expect(lines.pop()).toBe('');
      const { entities, facts } = graphOf(extractions);
      expect(lines).toHaveLength(1 + entities.length + facts.length);
      for (const line of lines) {
        const ends = tokens(line).flatMap(({ kind, value }, at) =>
          kind === 'sign' && value === ';' ? [at] : [],
        );
        expect(ends).toEqual([tokens(line).length - 1]);
      }
    }),
  );
});

test('run twice, it changes nothing', async () => {
  const text = await textOf('cypher', [example, ...emptyExtractions]);
  const once = run(text);
  expect([once.nodes.size, once.relationships.size]).toEqual([5, 4]);
  const counts = structuredClone(once);
  expect(run(text, once)).toEqual(counts);
});

test('scores that are whole stay floating-point numbers', async () => {
  const whole = makeExtraction({
    sents: [['a', 'b']],
    entities: [
      { type: 'T', places: [[0, 0, 1]] },
      { type: 'T', places: [[0, 1, 2]] },
    ],
    facts: [{ head: 0, tail: 1, relation: 'P1', score: 1, gate: 0 }],
  });
  const text = await textOf('cypher', [whole]);
  expect(text).toContain('r.score = 1.0, r.probability = null, r.threshold = 0.5, r.gate = 0.0,');
});

test.each<[string, readonly Extraction[]]>([
  ['no documents', []],
  ['documents without facts', emptyExtractions],
])('%s give the constraint', async (_, extractions) => {
  expect(await textOf('cypher', extractions)).toBe(
    'CREATE CONSTRAINT relata_entity_id IF NOT EXISTS FOR (e:Entity) REQUIRE e.id IS UNIQUE;\n',
  );
});
