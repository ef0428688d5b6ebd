import { apply, dimAt, type Operation, shapeError, type Value } from '../graph.ts';
import { quantiseRows } from '../quantise.ts';
import { matmul } from './matmul.ts';
import { reduceSum } from './reduce-sum.ts';

const operation: Operation = {
  name: 'linear',
  infer: (inputs) => {
    const [x, weight, bias] = inputs;
    const fits = x?.shape.length === 2 && weight?.shape.length === 2 && bias?.shape.length === 1;
    if (!fits || dimAt(x.shape, 1) !== weight.shape[1] || weight.shape[0] !== bias.shape[0]) {
      throw shapeError('linear', 'x [N, I], weight [O, I] and bias [O]', inputs);
    }
    return [{ dtype: 'float32', shape: [dimAt(x.shape, 0), dimAt(weight.shape, 0)] }];
  },
  emit: (node, emitter) => {
    const [x, weight, bias] = node.inputs;
    const [y] = node.outputs;
    const rounded = weight && emitter.weightToQuantise(weight);
    if (!x || !bias || !y || !rounded) {
      emitter.direct(node, 'Gemm', { transB: 1 });
      return;
    }
    const [outputs = 0, inputs = 0] = weight.shape.map(Number);
    const { values, scales } = quantiseRows(rounded.data, outputs, inputs);
    const [matrix, scale] = [`${rounded.name} int8`, `${rounded.name} scale`];
    emitter.initializer(matrix, 'int8', [inputs, outputs], values);
    emitter.initializer(scale, 'float32', [outputs], scales);
    // Rounds x to 8 bits when it runs, by the range of the whole of it.
    emitter.node(
      'DynamicQuantizeMatMul',
      [emitter.name(x), matrix, scale, '', emitter.name(bias)],
      [emitter.name(y)],
      {},
      'com.microsoft',
    );
  },
  gradient: ({ inputs: [x, weight] }, [dY], [wantedX, wantedWeight, wantedBias]) => {
    if (!x || !weight || !dY) return [];
    return [
      wantedX ? matmul(dY, weight) : undefined,
      wantedWeight ? matmul(dY, x, { transposeA: true }) : undefined,
      wantedBias ? reduceSum(dY, [0]) : undefined,
    ];
  },
};

/** x W^T + b for x [N, I], weight [O, I] and bias [O]: one pass, the bias inside the product. Returns [N, O]. */
export const linear = (x: Value, weight: Value, bias: Value): Value => apply(operation, [x, weight, bias]);
