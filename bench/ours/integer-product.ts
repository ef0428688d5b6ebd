/** The engine's product with weights of 8 bits, for which the library's training graphs have no operation. */
import { apply, type Operation, type Value } from '../../src/graph/graph.ts';

/** ONNX's code of int8. */
const INT8 = 3;

const operation: Operation = {
  name: 'integer product',
  infer: ([a, b]) => [{ dtype: 'float32', shape: [a?.shape[0] ?? 0, b?.shape[1] ?? 0] }],
  emit: ({ inputs: [a, b], outputs: [product] }, emitter) => {
    if (!a || !b || !product) return;
    const weights = emitter.temporary();
    // The engine folds it: the weights are a constant.
    emitter.node('Cast', [emitter.name(b)], [weights], { to: INT8 });
    emitter.node(
      'DynamicQuantizeMatMul',
      [emitter.name(a), weights, emitter.number(0.01)],
      [emitter.name(product)],
      {},
      'com.microsoft',
    );
  },
  gradient: () => [],
};

/** a [rows, inner] times b [inner, columns], a constant of whole numbers of -128 to 127: b is scaled by 0.01. */
export const integerProduct = (a: Value, b: Value): Value => apply(operation, [a, b]);
