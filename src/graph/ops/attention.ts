import { apply, dimAt, type Node, type Operation, shapeError, type Usage, type Value } from '../graph.ts';
import { after } from './after.ts';
import { matmul } from './matmul.ts';
import { multiply } from './multiply.ts';
import { emitFilledRows, padRows, type RowMap } from './pad-rows.ts';
import { reduceSum } from './reduce-sum.ts';
import { reshape } from './reshape.ts';
import { subtract } from './subtract.ts';
import { emitUnpaddedRows, unpadRows } from './unpad-rows.ts';

/** Where the rows of ragged sequences stand. Letters: N rows, U sequences, T rows of the longest, H heads. */
export interface AttentionPlaces {
  /** 0 at rows and a large negative number at padding, [U, 1, 1, T]. */
  readonly mask: Value;
  /** Rows [N] to the block [U, T] and back: what the engine's own operator takes. */
  readonly rows: RowMap;
  /** Heads of rows [N H] to the block [U, H, T] and back, where row n H + h is head h of row n. */
  readonly heads: RowMap;
}

/** Whether nothing is asked for that the engine's own operator does not tell. */
const isFused = ({ inputs, outputs }: Node, usage: Usage): boolean =>
  inputs.length < 9 && outputs.slice(1).every((output) => usage.readers(output) === 0);

const operation: Operation = {
  name: 'attention',
  reads: (node, usage) => {
    const [query, key, value, mask, rows, toRows, ...rest] = node.inputs;
    const places = isFused(node, usage) ? [rows, toRows] : rest;
    return [query, key, value, mask, ...places].filter((input) => input !== undefined);
  },
  // The context; for the gradient the weights before dropout and the blocks of query, key and value.
  infer: (inputs) => {
    const [query, key, value, mask, rows, , heads, , dropout] = inputs;
    const [U = 0, H, T = 0] = heads?.shape ?? [];
    const width = query?.shape.length === 2 ? query.shape[1] : undefined;
    const is = (found: Value | undefined, ...shape: readonly unknown[]): boolean =>
      found?.shape.join() === shape.join();
    const fit =
      [key, value].every((other) => is(other, ...(query?.shape ?? []))) &&
      is(mask, U, 1, 1, T) &&
      is(rows, U, T) &&
      (!dropout || is(dropout, U, H, T, T));
    if (!query || typeof width !== 'number' || typeof H !== 'number' || width % H !== 0 || !fit)
      throw shapeError(
        'attention',
        'query, key and value [N, D], D a multiple of the heads, and places',
        inputs,
      );
    const block = { dtype: 'float32', shape: [U, H, T, width / H] } as const;
    const weights = { dtype: 'float32', shape: [U, H, T, T] } as const;
    return [{ dtype: 'float32', shape: query.shape }, weights, block, block, block];
  },
  emit: (node, emitter) => {
    const [query, key, value, mask, rows, toRows, heads, headsToRows, dropout] = node.inputs;
    const [context, weights, ...blocks] = node.outputs;
    if (!query || !key || !value || !mask || !rows || !toRows || !heads || !headsToRows) return;
    if (!context || !weights) return;
    const [U = 0, H = 0, T = 0, width = 0] = blocks[0]?.shape ?? [];
    const step = (type: string, inputs: string[], attributes = {}, domain = ''): string => {
      const output = emitter.temporary();
      emitter.node(type, inputs, [output], attributes, domain);
      return output;
    };
    const factor = { float: 1 / Math.sqrt(Number(width)) };
    if (isFused(node, emitter.usage)) {
      const block = (value: Value): string => emitFilledRows(emitter, emitter.name(value), value.shape, rows);
      const bias = emitter.once(`bias ${emitter.name(mask)}`, () =>
        step('Expand', [emitter.name(mask), emitter.shape([U, 1, T, T])]),
      );
      const attended = step(
        'MultiHeadAttention',
        [block(query), block(key), block(value), '', '', bias],
        { num_heads: Number(H), scale: factor },
        'com.microsoft',
      );
      emitUnpaddedRows(emitter, attended, toRows, emitter.name(context), Number(H) * Number(width));
      return;
    }
    [query, key, value].forEach((rowsOf, i) => {
      const output = blocks[i];
      if (!output) return;
      const split = step('Reshape', [emitter.name(rowsOf), emitter.integers([-1, Number(width)])]);
      const shape = [dimAt(headsToRows.shape, 0), width];
      emitFilledRows(emitter, split, shape, heads, emitter.name(output));
    });
    const [q = '', k = '', v = ''] = blocks.map((block) => emitter.name(block));
    const scores = step('FusedMatMul', [q, k], { transB: 1, alpha: factor }, 'com.microsoft');
    const masked = step('Add', [scores, emitter.name(mask)]);
    emitter.node('Softmax', [masked], [emitter.name(weights)], { axis: -1 });
    const kept = dropout
      ? step('Mul', [emitter.name(weights), emitter.name(dropout)])
      : emitter.name(weights);
    const attended = emitter.temporary();
    emitter.node('MatMul', [kept, v], [attended]);
    const split = emitter.temporary();
    emitUnpaddedRows(emitter, attended, headsToRows, split, Number(width));
    emitter.node(
      'Reshape',
      [split, emitter.integers([-1, Number(H) * Number(width)])],
      [emitter.name(context)],
    );
  },
  gradient: (node, [dContext], [wantedQuery, wantedKey, wantedValue]) => {
    const [, , , , , , toPadded, toRows, dropout] = node.inputs;
    const [context, weights, query, key, value] = node.outputs;
    if (!dContext || !toPadded || !toRows || !context || !weights || !query || !key || !value) return [];
    const heads = { toPadded, toRows };
    const width = Number(dimAt(query.shape, -1));
    const split = (rows: Value): Value => reshape(rows, [dimAt(toRows.shape, 0), width]); // [N H, D / H]
    const join = (block: Value): Value => reshape(unpadRows(block, heads), context.shape); // [N, D]
    const dAttended = padRows(split(dContext), heads); // [U, H, T, D / H], zero at padding
    const scale = 1 / Math.sqrt(width);
    const dScores = (): Value => {
      const dKept = matmul(dAttended, value, { transposeB: true });
      const dWeights = dropout ? multiply(dKept, dropout) : dKept;
      // The sum of dWeights times weights over a row is that of dContext times context: D / H terms, not T.
      const along = reduceSum(split(multiply(dContext, context)), [1], { keep: true }); // [N H, 1]
      return multiply(subtract(dWeights, padRows(along, heads)), weights);
    };
    const dValue = (): Value => {
      // Computed again: as large as the weights themselves, and one pass.
      const kept = dropout ? multiply(after(weights, dContext), dropout) : weights;
      return join(matmul(kept, dAttended, { transposeA: true }));
    };
    return [
      wantedQuery ? join(matmul(dScores(), key, { scale })) : undefined,
      wantedKey ? join(matmul(dScores(), query, { transposeA: true, scale })) : undefined,
      wantedValue ? dValue() : undefined,
    ];
  },
};

/**
 * Attention of every row to all rows of its sequence, in H heads: softmax(q k' / sqrt(D / H)) v.
 *
 * Its backward pass keeps one block [U, H, T, T], the weights before dropout.
 * Sources: Vaswani et al. 2017; Dao et al. 2022 for the sum along a row.
 *
 * @param query, key, value - [N, D]
 * @param dropout - mask of the weights, [U, H, T, T]
 * @returns [N, D]
 */
export function attention(
  query: Value,
  key: Value,
  value: Value,
  { mask, rows, heads }: AttentionPlaces,
  dropout?: Value,
): Value {
  const places = [mask, rows.toPadded, rows.toRows, heads.toPadded, heads.toRows];
  return apply(operation, [query, key, value, ...places, ...(dropout ? [dropout] : [])]);
}
