/** A matrix product of [rows, inner] and [inner, columns], the largest part of every step. */
import { Graph } from '../../src/graph/graph.ts';
import { toOnnx } from '../../src/graph/onnx.ts';
import { matmul } from '../../src/graph/ops/index.ts';
import { float32, Session } from '../../src/runtime/session.ts';
import { integerProduct } from './integer-product.ts';
import { serve, timed } from './serve.ts';

export interface ProductSetup {
  readonly threads: number;
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly repeat: number;
  /** int8: the second operand is a constant, as weights are, and packed once. */
  readonly precision: 'float32' | 'int8';
}

await serve<ProductSetup>(async ({ threads, rows, inner, columns, repeat, precision }) => {
  const graph = new Graph();
  const a = graph.input('a', 'float32', [rows, inner]);
  const product =
    precision === 'int8'
      ? integerProduct(a, graph.constant(new Float32Array(inner * columns).fill(1), [inner, columns]))
      : matmul(a, graph.input('b', 'float32', [inner, columns]));
  const session = await Session.open(toOnnx({ product }).bytes, { threads });
  const ones = (m: number, n: number): ReturnType<typeof float32> =>
    float32(new Float32Array(m * n).fill(1), [m, n]);
  const feeds = { a: ones(rows, inner), ...(precision === 'float32' && { b: ones(inner, columns) }) };
  const into = { product: ones(rows, columns) };
  return {
    turn: async () => {
      const ms = await timed(async () => {
        for (let i = 0; i < repeat; i++) await session.run(feeds, into);
      });
      return { ms: ms / repeat };
    },
  };
});
