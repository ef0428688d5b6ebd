/** The page with results inside, read back with parse5. */
import * as fc from 'fast-check';
import { type DefaultTreeAdapterMap, parse } from 'parse5';
import { expect, test } from 'vitest';

import { anyExtractions, emptyExtractions, example } from '../extractions.ts';
import { textOf } from './graph.ts';

type Node = DefaultTreeAdapterMap['node'];
type Element = DefaultTreeAdapterMap['element'];

const within = (node: Node): Node[] => [
  node,
  ...('childNodes' in node ? node.childNodes.flatMap(within) : []),
];
const elements = (text: string): Element[] =>
  within(parse(text)).filter((node): node is Element => 'tagName' in node);

/** What stands in the element that the page reads. */
function dataOf(all: readonly Element[]): unknown {
  const places = all.filter(({ attrs }) =>
    attrs.some(({ name, value }) => name === 'id' && value === 'relata-data'),
  );
  expect(places).toHaveLength(1);
  const [place] = places;
  expect(place?.tagName).toBe('script');
  const text = place?.childNodes.map((node) => ('value' in node ? node.value : '')).join('') ?? '';
  return JSON.parse(text);
}

test('gives back every extraction, and no text of theirs becomes an element', async () => {
  const bare = elements(await textOf('html', [])).length;
  await fc.assert(
    fc.asyncProperty(anyExtractions, async (extractions) => {
      const all = elements(await textOf('html', extractions));
      expect(dataOf(all)).toStrictEqual({ format: 1, results: extractions });
      expect(all).toHaveLength(bare);
    }),
    { numRuns: 30 },
  );
});

test.each([[[]], [emptyExtractions], [[example]]])('holds %#', async (extractions) => {
  expect(dataOf(elements(await textOf('html', extractions)))).toEqual({ format: 1, results: extractions });
});

test('carries the licences of the packages inside, and says what it is written in before all else', async () => {
  const text = await textOf('html', []);
  expect([...text.matchAll(/^This page contains (.*):$/gm)].map((match) => match[1])).toEqual([
    'cytoscape',
    'preact',
  ]);
  expect(text.match(/^Copyright \(c\)|Permission is hereby granted/gm)?.length).toBeGreaterThanOrEqual(3);
  expect(text.indexOf('charset="utf-8"')).toBeLessThan(1024);
});
