/** docs/onnx.md: its tables are those of the programs, and its example for JavaScript runs. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { afterAll, describe, expect, test } from 'vitest';

import { documentFeatures } from '../../src/features/features.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { toOnnx } from '../../src/graph/onnx.ts';
import { exportSystem } from '../../src/models/export.ts';
import { openSystem } from '../../src/models/open-system.ts';
import { blockLogits } from '../../src/models/pair-logits.ts';
import { describe as meaning } from '../../src/models/program.ts';
import { scoreDocuments } from '../../src/models/score.ts';
import { buildSystem, type PairModelConfig, wordSystems } from '../../src/models/systems.ts';
import { noDropout } from '../../src/nn/dropout.ts';
import type { Parameters } from '../../src/nn/parameters.ts';
import { saveBert } from './saved.ts';
import { configOf } from './tiny.ts';
import * as words from './words.ts';

const text = readFileSync(fileURLToPath(new URL('../../docs/onnx.md', import.meta.url)), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'relata-program-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Row {
  readonly name: string;
  readonly type: string;
  readonly shape: string;
  readonly meaning: string;
}

/** The table below a heading. */
function tableOf(heading: string): Row[] {
  const [, part = ''] = text.split(`\n### ${heading}\n`);
  const [, rows = ''] = /\| --- \| --- \| --- \| --- \|\n((?:\|.*\n)+)/.exec(part) ?? [];
  return rows
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [name = '', type = '', shape = '', about = ''] = line
        .split('|')
        .slice(1)
        .map((cell) => cell.trim());
      return { name: name.replaceAll('`', ''), type, shape, meaning: about };
    });
}

/** What a system's program takes, and its outputs. */
function valuesOf(
  config: PairModelConfig,
): { name: string; type: string; dims: readonly (string | number)[] }[] {
  const graph = new Graph();
  const { params, logits, entities } = buildSystem(graph, config, noDropout);
  const outputs = { logits, ...(entities && { entities }) };
  return valuesIn(graph, outputs, params);
}

function valuesIn(
  graph: Graph,
  outputs: Readonly<Record<string, Value>>,
  params: Parameters,
): { name: string; type: string; dims: readonly (string | number)[] }[] {
  const names = toOnnx(outputs).inputs.filter((name) => !params.values.has(name));
  return [...names.map((name) => [name, graph.inputs.get(name)] as const), ...Object.entries(outputs)].map(
    ([name, value]) => ({ name, type: value?.dtype ?? '', dims: value?.shape ?? [] }),
  );
}

const byName = (rows: readonly Row[]): Row[] => rows.toSorted((a, b) => (a.name < b.name ? -1 : 1));

describe('the tables of docs/onnx.md', () => {
  const bert = valuesOf(configOf({ mode: 'corrected', task: 'relation' }));
  const rowOf = ({ name, type }: { readonly name: string; readonly type: string }): Row => {
    const [about = '', shape = ''] = (meaning(name) ?? '').split(/: (?=\[[^\]]*\]$)/);
    return { name, type, shape, meaning: about };
  };

  test('tell what a BERT takes and gives, in the words of the file', () => {
    expect(byName(tableOf('BERT'))).toEqual(byName(bert.map(rowOf)));
    const shapes = new Map(tableOf('BERT').map(({ name, shape }) => [name, shape]));
    for (const { name, dims } of bert.filter((value) => value.name !== 'logits'))
      expect(shapes.get(name), name).toBe(`[${dims.join(', ').replace('128', 'V')}]`);
  });

  test('tell what the second program takes and gives', () => {
    const graph = new Graph();
    const { params, logits } = blockLogits(graph, { classes: 15, without: [], width: 128 });
    const values = valuesIn(graph, { logits }, params);
    expect(byName(tableOf('Long documents'))).toEqual(byName(values.map(rowOf)));
    const shapes = new Map(tableOf('Long documents').map(({ name, shape }) => [name, shape]));
    for (const { name, dims } of values.filter((value) => value.name !== 'logits'))
      expect(shapes.get(name), name).toBe(`[${dims.join(', ').replace('128', 'V')}]`);
  });

  test('tell what else the word-level systems take', () => {
    const all = wordSystems.flatMap((system) =>
      valuesOf(words.configOf({ system, mode: 'corrected', task: 'relation' })),
    );
    const known = new Set(bert.map(({ name }) => name));
    const more = new Map(
      all.filter(({ name }) => !known.has(name)).map((value) => [value.name, rowOf(value)]),
    );
    expect(byName(tableOf('Word-level systems'))).toEqual(byName([...more.values()]));
    const axes = new Map(all.map(({ name, dims }) => [name, dims.length]));
    for (const { name, shape } of tableOf('Word-level systems'))
      expect(shape.split(',').length, name).toBe(axes.get(name));
  });
});

test('the example for JavaScript scores its document as Relata does', { timeout: 120_000 }, async () => {
  saveBert(join(folder, 'trained'));
  for await (const { part } of exportSystem(join(folder, 'trained'), join(folder, 'exported'), 'fp32')) {
    expect(part).toBe('');
  }
  const [, example = ''] = /^```js\n(.*?)^```$/ms.exec(text) ?? [];
  // The engine of the tests has the same interface.
  const engine = import.meta.resolve('onnxruntime-node');
  const [, literal = ''] = /^const doc = (.*?^\});$/ms.exec(example) ?? [];
  writeFileSync(join(folder, 'doc.mjs'), `export const doc = ${literal};\n`);
  writeFileSync(join(folder, 'example.mjs'), example.replace("'onnxruntime-web'", `'${engine}'`));
  const out = execFileSync(process.execPath, ['example.mjs'], { cwd: folder, encoding: 'utf8' });

  const { doc } = (await import(pathToFileURL(join(folder, 'doc.mjs')).href)) as {
    doc: { sents: string[][]; vertexSet: { sent_id: number; pos: [number, number] }[][] };
  };
  const system = await openSystem(join(folder, 'trained'), { threads: 1 });
  const mentions = doc.vertexSet.map((entity) =>
    entity.map((mention) => ({ ...mention, name: '', type: 'X' })),
  );
  const features = documentFeatures(
    { ...doc, vertexSet: mentions, title: 'A' },
    system.relations,
    system.encode,
  );
  const expected: string[] = [];
  for await (const { pairs, scores } of scoreDocuments(system.models, [features])) {
    const relations = scores.length / pairs.length;
    pairs.forEach(({ head, tail }, p) => {
      const row = Array.from(scores.subarray(p * relations, (p + 1) * relations));
      const best = Math.max(...row);
      expected.push(
        `${head} ${system.relations.relationId(1 + row.indexOf(best))} ${tail} ${best.toFixed(3)}`,
      );
    });
  }
  await system.dispose();
  expect(expected).toHaveLength(2);
  const rounded = out
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [head, relation, tail, score] = line.split(' ');
      return `${head} ${relation} ${tail} ${Number(score).toFixed(3)}`;
    });
  expect(rounded).toEqual(expected);
});
