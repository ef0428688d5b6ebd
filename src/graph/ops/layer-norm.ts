import { apply, dimAt, type Operation, shapeError, type Value } from '../graph.ts';
import { multiply, scale } from './multiply.ts';
import { reduceSum } from './reduce-sum.ts';
import { subtract } from './subtract.ts';

const operation: Operation = {
  name: 'layerNorm',
  infer: (inputs) => {
    const [x, weight, bias] = inputs;
    const width = x?.shape.length === 2 ? x.shape[1] : undefined;
    if (!x || typeof width !== 'number' || weight?.shape[0] !== width || bias?.shape[0] !== width) {
      throw shapeError('layerNorm', 'x [N, D], weight [D] and bias [D], D a number', inputs);
    }
    const row = { dtype: 'float32', shape: [dimAt(x.shape, 0), 1] } as const;
    return [{ dtype: 'float32', shape: x.shape }, row, row];
  },
  // One pass over what the backward pass keeps anyway.
  again: 1,
  // SkipLayerNormalization, which adds first, takes five times as long as both nodes (onnxruntime 1.30, measured 2026-11-23).
  emit: (node, emitter) =>
    emitter.direct(node, 'LayerNormalization', {
      axis: -1,
      epsilon: { float: Number(node.attributes['epsilon']) },
    }),
  // With n = (x - mean) / deviation and g = dY weight: dX = (g - mean(g) - n mean(g n)) / deviation
  gradient: (
    { inputs: [x, weight], outputs: [, mean, inverse] },
    [dY],
    [wantedX, wantedWeight, wantedBias],
  ) => {
    if (!x || !weight || !mean || !inverse || !dY) return [];
    const normal = multiply(subtract(x, mean), inverse);
    const rowMean = (value: Value): Value =>
      scale(reduceSum(value, [1], { keep: true }), 1 / Number(x.shape[1]));
    const dX = (): Value => {
      const g = multiply(dY, weight);
      const along = multiply(normal, rowMean(multiply(g, normal)));
      return multiply(subtract(subtract(g, rowMean(g)), along), inverse);
    };
    return [
      wantedX ? dX() : undefined,
      wantedWeight ? reduceSum(multiply(dY, normal), [0]) : undefined,
      wantedBias ? reduceSum(dY, [0]) : undefined,
    ];
  },
};

/**
 * Rows of x [N, D] brought to mean 0 and variance 1, times weight [D], plus bias [D].
 *
 * Source: Ba et al. 2016. The variance is the biased one; `epsilon` is added to it.
 */
export const layerNorm = (x: Value, weight: Value, bias: Value, epsilon: number): Value =>
  apply(operation, [x, weight, bias], { epsilon });
