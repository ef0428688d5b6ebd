/** GraphML, read back with fast-xml-parser. */
import * as fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { expect, test } from 'vitest';

import type { Extraction } from '../../../src/prediction/extraction.ts';
import { anyExtractions, emptyExtractions, example } from '../extractions.ts';
import { encodable, graphOf, type Place, type ReadEntity, type ReadGraph, textOf } from './graph.ts';

interface Element {
  readonly '@id': string;
  readonly '@source'?: string;
  readonly '@target'?: string;
  readonly data?: readonly { readonly '@key': string; readonly '#text': string }[];
}

interface File {
  readonly graphml: {
    readonly key: readonly Record<'@id' | '@for' | '@attr.name' | '@attr.type', string>[];
    readonly graph: {
      readonly '@edgedefault': string;
      readonly node?: readonly Element[];
      readonly edge?: readonly Element[];
    };
  };
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  trimValues: false,
  parseTagValue: false,
  htmlEntities: true,
  alwaysCreateTextNode: true,
  isArray: (name) => ['key', 'node', 'edge', 'data'].includes(name),
});

function readBack(text: string): ReadGraph {
  expect(XMLValidator.validate(text)).toBe(true);
  const { graphml } = parser.parse(text) as File;
  expect(graphml.graph['@edgedefault']).toBe('directed');
  const keys = new Map(graphml.key.map((key) => [key['@id'], key]));
  const data = (element: Element, kind: string): ((name: string) => string | null) => {
    const values = new Map(
      element.data?.map((value) => {
        const key = keys.get(value['@key']);
        expect(key?.['@for']).toBe(kind);
        return [key?.['@attr.name'], value['#text']];
      }),
    );
    return (name) => values.get(name) ?? null;
  };
  const nodes = new Map<string, ReadEntity>();
  for (const node of graphml.graph.node ?? []) {
    const value = data(node, 'node');
    expect(node['@id']).toMatch(/^[\w.-]+$/);
    expect(nodes.has(node['@id'])).toBe(false);
    nodes.set(node['@id'], {
      title: value('document') ?? 'none',
      name: value('label') ?? 'none',
      type: value('type') ?? 'none',
      mentions: JSON.parse(value('mentions') ?? '') as Place[],
    });
  }
  const edges = graphml.graph.edge ?? [];
  expect(new Set(edges.map((edge) => edge['@id'])).size).toBe(edges.length);
  const facts = edges.map((edge) => {
    const value = data(edge, 'edge');
    const [head, tail] = [nodes.get(edge['@source'] ?? ''), nodes.get(edge['@target'] ?? '')];
    if (!head || !tail) throw new Error('an edge of nodes that are not there');
    const number = (name: string): number | null => {
      expect(keys.get(`edge-${name}`)?.['@attr.type']).toBe('double');
      const text = value(name);
      return text === null ? null : Number(text);
    };
    const evidence = JSON.parse(value('evidence') ?? '') as Place[];
    expect(value('evidence_text')).toBe(asXml(evidence.map(({ text }) => text).join('\n')));
    return {
      title: value('document') ?? 'none',
      head,
      tail,
      relation: value('relation') ?? 'none',
      name: value('label') ?? 'none',
      score: number('score') ?? NaN,
      probability: number('probability'),
      threshold: number('threshold') ?? NaN,
      gate: number('gate'),
      evidence,
      model: [
        value('model') ?? 'none',
        value('model_id') ?? 'none',
        value('relata_version') ?? 'none',
      ] as const,
    };
  });
  return { entities: [...nodes.values()], facts };
}

/** The production Char of XML 1.0; what is JSON inside has escapes of its own. */
const asXml = (text: string, inList = false): string =>
  inList
    ? text
    : encodable(text).replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');

test('gives back every entity and fact', async () => {
  await fc.assert(
    fc.asyncProperty(anyExtractions, async (extractions) => {
      expect(readBack(await textOf('graphml', extractions))).toStrictEqual(graphOf(extractions, asXml));
    }),
  );
});

test('holds no character that XML 1.0 forbids, and no line end but its own kind', async () => {
  await fc.assert(
    fc.asyncProperty(anyExtractions, async (extractions) => {
      const text = await textOf('graphml', extractions);
      expect(asXml(text)).toBe(text);
      expect(text).not.toContain('\r');
      expect(text).not.toContain(']]>');
    }),
  );
});

test('documents of one title stay apart', async () => {
  const { entities, facts } = readBack(await textOf('graphml', [example, example]));
  expect([entities.length, facts.length]).toEqual([10, 8]);
});

test.each<[string, readonly Extraction[]]>([
  ['no documents', []],
  ['documents without facts', emptyExtractions],
])('%s give an empty graph', async (_, extractions) => {
  expect(readBack(await textOf('graphml', extractions))).toEqual({ entities: [], facts: [] });
});
