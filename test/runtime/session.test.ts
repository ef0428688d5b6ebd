import { describe, expect, test } from 'vitest';

import { Graph } from '../../src/graph/graph.ts';
import { toOnnx } from '../../src/graph/onnx.ts';
import { add, gather, multiply } from '../../src/graph/ops/index.ts';
import { float32, int32, Session } from '../../src/runtime/session.ts';

/** sum = x + y of any length; rows = table[index]. */
function program(): Uint8Array {
  const graph = new Graph();
  const x = graph.input('x', 'float32', ['N']);
  const y = graph.input('y', 'float32', ['N']);
  const table = graph.input('table', 'float32', ['V', 2]);
  const index = graph.input('index', 'int32', ['M']);
  return toOnnx({ sum: add(x, y), product: multiply(x, y), rows: gather(table, index) }).bytes;
}

const feeds = {
  x: float32(Float32Array.of(1, 2, 3), [3]),
  y: float32(Float32Array.of(10, 20, 30), [3]),
  table: float32(Float32Array.of(1, 2, 3, 4), [2, 2]),
  index: int32(Int32Array.of(1, 0, 1), [3]),
};

describe('Session', () => {
  test('runs one model at any size, over views, and writes where it is told', async () => {
    const session = await Session.open(program(), { threads: 1 });
    const results = await session.run(feeds);
    expect(results['sum']).toEqual(float32(Float32Array.of(11, 22, 33), [3]));
    expect(results['rows']).toEqual(float32(Float32Array.of(3, 4, 1, 2, 3, 4), [3, 2]));

    const buffer = Float32Array.of(9, 9, 9, 9, 9);
    const view = Float32Array.of(0, 5, 6, 0).subarray(1, 3);
    const placed = await session.run(
      { ...feeds, x: float32(view, [2]), y: float32(view, [2]) },
      { sum: float32(buffer.subarray(1, 3), [2]) },
    );
    expect([...buffer]).toEqual([9, 10, 12, 9, 9]);
    expect([...(placed['product']?.data ?? [])]).toEqual([25, 36]);
    await session.dispose();
  });

  test('refuses bytes that are no model', async () => {
    await expect(Session.open(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({
      code: 'E_ENGINE',
      exit: 5,
      message: expect.stringContaining('opening a model'),
    });
  });

  test('refuses a device that this system cannot have, instead of going on without', async () => {
    const device = process.platform === 'win32' ? 'coreml' : 'dml';
    await expect(Session.open(program(), { device })).rejects.toMatchObject({
      code: 'E_DEVICE',
      exit: 5,
      message: `Expected to run on ${device}, but ONNX Runtime cannot: it was not built for it on this system`,
    });
  });

  test('leaves out what the model does not take, and still wants all that it does', async () => {
    const session = await Session.open(program(), { threads: 1 });
    const extra = { ...feeds, other: float32(Float32Array.of(7), [1]), sum: int32(Int32Array.of(7), [1]) };
    expect(await session.run(extra)).toEqual(await session.run(feeds));
    const { index: _, ...fewer } = extra;
    await expect(session.run(fewer)).rejects.toMatchObject({
      code: 'E_ENGINE',
      message: expect.stringContaining('running a model'),
    });
    await session.dispose();
  });

  test('a missing input, and sizes that do not agree, are errors of the engine', async () => {
    const session = await Session.open(program(), { threads: 1 });
    const { x, y, table } = feeds;
    await expect(session.run({ x, y, table })).rejects.toMatchObject({ code: 'E_ENGINE' });
    const short = { ...feeds, y: float32(Float32Array.of(1, 2), [2]) };
    await expect(session.run(short)).rejects.toMatchObject({
      code: 'E_ENGINE',
      message: expect.stringContaining('running a model'),
    });
    // It still works afterwards.
    expect([...((await session.run(feeds))['sum']?.data ?? [])]).toEqual([11, 22, 33]);
    await session.dispose();
  });
});
