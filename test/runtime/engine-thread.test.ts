import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';

import { afterAll, describe, expect, test } from 'vitest';

import { Graph } from '../../src/graph/graph.ts';
import { toOnnx } from '../../src/graph/onnx.ts';
import { add, matmul } from '../../src/graph/ops/index.ts';
import { EngineThread } from '../../src/runtime/engine-thread.ts';
import { float32, type Tensors } from '../../src/runtime/session.ts';

function sum(): Uint8Array {
  const graph = new Graph();
  const [x, y] = [graph.input('x', 'float32', ['N']), graph.input('y', 'float32', ['N'])];
  return toOnnx({ sum: add(x, y) }).bytes;
}

function product(): Uint8Array {
  const graph = new Graph();
  const x = graph.input('x', 'float32', ['N', 'N']);
  return toOnnx({ product: matmul(x, x) }).bytes;
}

const feedsOf = (...values: number[]): Tensors => ({
  x: float32(Float32Array.from(values), [values.length]),
  y: float32(Float32Array.of(0, 100, 200, 300).subarray(1, 1 + values.length), [values.length]),
});

describe('EngineThread', () => {
  const thread = new EngineThread();
  afterAll(async () => thread.end());

  test('runs models over there; what goes in stays whole here', async () => {
    const session = await thread.open(sum(), { threads: 1 });
    const feeds = feedsOf(1, 2);
    const results = await Promise.all([session.run(feeds), session.run(feedsOf(5)), session.run(feeds)]);
    expect(results.map((result) => [...(result['sum']?.data ?? [])])).toEqual([
      [101, 202],
      [105],
      [101, 202],
    ]);
    expect(feeds['x']?.data).toHaveLength(2);
    await session.dispose();
  });

  test('this thread goes on meanwhile', async () => {
    const session = await thread.open(product(), { threads: 1 });
    const n = 1000;
    const meanwhile = new AbortController();
    const run = session
      .run({ x: float32(new Float32Array(n * n).fill(1), [n, n]) })
      .finally(() => meanwhile.abort());
    let turns = 0;
    for (; !meanwhile.signal.aborted; turns++) await turn();
    // The engine here would end in one turn: it keeps the thread that calls it.
    expect(turns).toBeGreaterThan(10);
    expect((await run)['product']?.data[n]).toBe(n);
    await session.dispose();
  });

  test('errors come over with their code', async () => {
    await expect(thread.open(new Uint8Array(9))).rejects.toMatchObject({
      code: 'E_ENGINE',
      message: expect.stringContaining('while opening a model'),
    });
    const session = await thread.open(sum(), { threads: 1 });
    await expect(session.run({ x: feedsOf(1)['x'] as Tensors[string] })).rejects.toMatchObject({
      code: 'E_ENGINE',
      message: expect.stringContaining('while running a model'),
    });
    expect([...((await session.run(feedsOf(1)))['sum']?.data ?? [])]).toEqual([101]);
  });

  test('who waits for a thread that ends is told', async () => {
    const other = new EngineThread();
    const opened = other.open(sum());
    const [outcome] = await Promise.allSettled([opened, other.end()]);
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'E_ENGINE' } });
  });

  test('a thread that has ended refuses work at once, and holds nothing to dispose of', async () => {
    const other = new EngineThread();
    const session = await other.open(sum());
    await other.end();
    await expect(session.run(feedsOf(1))).rejects.toMatchObject({
      code: 'E_ENGINE',
      message: expect.stringContaining('the thread has ended'),
    });
    await session.dispose();
  });

  test('a process that ends while the engine runs ends as it says, and does not abort', async () => {
    const model = join(mkdtempSync(join(tmpdir(), 'relata-thread-')), 'product.onnx');
    writeFileSync(model, product());
    const program = `
      import { EngineThread } from ${JSON.stringify(new URL('../../src/runtime/engine-thread.ts', import.meta.url))};
      const session = await new EngineThread().open(${JSON.stringify(model)}, { threads: 1 });
      const n = 3000;
      void session.run({ x: { dtype: 'float32', shape: [n, n], data: new Float32Array(n * n) } });
      setTimeout(() => process.exit(7), 150);
    `;
    const args = ['--import', 'tsx', '--input-type=module', '--eval', program];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    rmSync(dirname(model), { recursive: true });
    expect([status, stderr]).toEqual([7, '']);
  });
});
