/** What the elementwise operations of one operand share. */
import { apply, type Operation, shapeError, type TensorType, type Value } from '../graph.ts';
import { multiply } from './multiply.ts';

/** One float32 operand; the output has its shape. @throws RelataError `E_SHAPE` */
export function sameAsInput(operation: string, inputs: readonly Value[]): readonly TensorType[] {
  const [x] = inputs;
  if (!x || x.dtype !== 'float32') throw shapeError(operation, 'a float32 operand', inputs);
  return [{ dtype: 'float32', shape: x.shape }];
}

/** An operation that is one ONNX node; `derivative` is dy/dx as a function of x and y. */
export function unary(
  name: string,
  type: string,
  derivative: (x: Value, y: Value) => Value,
  domain = '',
): (x: Value) => Value {
  const operation: Operation = {
    name,
    infer: (inputs) => sameAsInput(name, inputs),
    emit: (node, emitter) => emitter.direct(node, type, {}, domain),
    gradient: ({ inputs: [x], outputs: [y] }, [dY]) => [dY && x && y && multiply(dY, derivative(x, y))],
  };
  return (x) => apply(operation, [x]);
}
