import { type Dim, sameShape, type Shape } from '../dims.ts';
import { apply, type Attributes, dimAt, type Operation, shapeError, type Value } from '../graph.ts';

interface Options {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** The product is multiplied by it; default 1. */
  readonly scale?: number;
}

/** [rows, inner] of an operand as the product sees it. */
function faces(shape: Shape, transposed: boolean): [Dim, Dim] {
  const [row, column] = [dimAt(shape, -2), dimAt(shape, -1)];
  return transposed ? [column, row] : [row, column];
}

function read(attributes: Attributes): { transposeA: boolean; transposeB: boolean; scale: number } {
  const { transposeA, transposeB, scale } = attributes;
  return { transposeA: transposeA === true, transposeB: transposeB === true, scale: Number(scale) };
}

const operation: Operation = {
  name: 'matmul',
  infer: (inputs, attributes) => {
    const [a, b] = inputs;
    const { transposeA, transposeB } = read(attributes);
    if (
      !a ||
      !b ||
      a.dtype !== 'float32' ||
      b.dtype !== 'float32' ||
      a.shape.length < 2 ||
      b.shape.length < 2
    ) {
      throw shapeError('matmul', 'two float32 operands of two or more axes', inputs);
    }
    const [rows, innerA] = faces(a.shape, transposeA);
    const [innerB, columns] = faces(b.shape, transposeB);
    if (innerA !== innerB)
      throw shapeError('matmul', `equal inner dimensions, but they are ${innerA} and ${innerB}:`, inputs);
    const [leadA, leadB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
    if (!sameShape(leadA, leadB)) throw shapeError('matmul', 'equal leading dimensions', inputs);
    return [{ dtype: 'float32', shape: [...leadA, rows, columns] }];
  },
  emit: (node, emitter) => {
    const { transposeA, transposeB, scale } = read(node.attributes);
    const [a, b] = node.inputs;
    const flags = { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0, alpha: { float: scale } };
    if (a?.shape.length === 2 && b?.shape.length === 2) emitter.direct(node, 'Gemm', flags);
    else emitter.direct(node, 'FusedMatMul', flags, 'com.microsoft');
  },
  gradient: ({ inputs: [a, b], attributes }, [dY], [wantedA, wantedB]) => {
    if (!a || !b || !dY) return [];
    const { transposeA, transposeB, scale } = read(attributes);
    const dA = (): Value =>
      transposeA
        ? matmul(b, dY, { transposeA: transposeB, transposeB: true, scale })
        : matmul(dY, b, { transposeB: !transposeB, scale });
    const dB = (): Value =>
      transposeB
        ? matmul(dY, a, { transposeA: true, transposeB: transposeA, scale })
        : matmul(a, dY, { transposeA: !transposeA, scale });
    return [wantedA ? dA() : undefined, wantedB ? dB() : undefined];
  },
};

/**
 * The matrix product over the last two axes, either operand transposed on request.
 *
 * Leading axes are equal. Transposing costs no pass over memory.
 * With leading axes the inner dimension must not be 0 when the graph runs: the engine then leaves the result
 * unwritten (onnxruntime 1.30, measured 2026-11-22). Without them it is 0, as it should be.
 */
export function matmul(
  a: Value,
  b: Value,
  { transposeA = false, transposeB = false, scale = 1 }: Options = {},
): Value {
  return apply(operation, [a, b], { transposeA, transposeB, scale });
}
