/** What the elementwise operations of two operands share: broadcasting, as in NumPy but with named dimensions. */
import { type Shape, sameShape } from '../dims.ts';
import { type Operation, shapeError, type TensorType, type Value } from '../graph.ts';
import { reduceSum } from './reduce-sum.ts';
import { reshape } from './reshape.ts';

/** Equal dimensions, or one of them 1, counted from the last. @throws RelataError `E_SHAPE` */
export function broadcast(operation: string, inputs: readonly Value[]): readonly TensorType[] {
  const [a, b] = inputs;
  if (!a || !b || a.dtype !== 'float32' || b.dtype !== 'float32') {
    throw shapeError(operation, 'two float32 operands', inputs);
  }
  const rank = Math.max(a.shape.length, b.shape.length);
  const shape = Array.from({ length: rank }, (_, axis) => {
    const da = a.shape[axis - rank + a.shape.length] ?? 1;
    const db = b.shape[axis - rank + b.shape.length] ?? 1;
    if (da === db || db === 1) return da;
    if (da === 1) return db;
    throw shapeError(
      operation,
      `dimensions that are equal or 1, but axis ${axis} has ${da} and ${db}:`,
      inputs,
    );
  });
  return [{ dtype: 'float32', shape }];
}

/** Sums a gradient over the axes along which an operand of `shape` was broadcast. */
export function sumTo(gradient: Value, shape: Shape): Value {
  if (sameShape(gradient.shape, shape)) return gradient;
  const lead = gradient.shape.length - shape.length;
  const axes = gradient.shape.flatMap((dim, axis) =>
    axis < lead || shape[axis - lead] !== dim ? [axis] : [],
  );
  return reshape(reduceSum(gradient, axes), shape);
}

/** An operation that is one ONNX node of two broadcast operands. */
export function binary(name: string, type: string, gradient: Operation['gradient']): Operation {
  return {
    name,
    infer: (inputs) => broadcast(name, inputs),
    emit: (node, emitter) => emitter.direct(node, type),
    gradient,
  };
}
