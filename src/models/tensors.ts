/** What goes into a model's program, and what comes out of it. */
import { fail } from '../core/errors.ts';
import type { Batch } from '../features/batch.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import type { Tensor, Tensors } from '../runtime/session.ts';

/** The values of a parameter. */
export type ParameterLookup = (name: string) => Float32Array;

/** A batch as the engine takes it. */
export function batchTensors({
  floats,
  integers,
}: Pick<Batch, 'floats' | 'integers'>): Record<string, Tensor> {
  return Object.fromEntries([
    ...Object.entries(floats).map(
      ([name, { shape, data }]) => [name, { dtype: 'float32', shape, data }] as const,
    ),
    ...Object.entries(integers).map(
      ([name, { shape, data }]) => [name, { dtype: 'int32', shape, data }] as const,
    ),
  ]);
}

/** Parameters as the engine takes them. */
export function parameterTensors(
  specs: readonly ParameterSpec[],
  parameter: ParameterLookup,
): Record<string, Tensor> {
  return Object.fromEntries(
    specs.map(({ name, shape }) => [name, { dtype: 'float32', shape, data: parameter(name) }]),
  );
}

/** An output of the shape that it must have. @throws RelataError `E_FIELD`: a program from elsewhere can have another */
export function outputOf(
  results: Tensors,
  {
    name,
    shape,
    where,
  }: { readonly name: string; readonly shape: readonly number[]; readonly where: string },
): Float32Array {
  const output = results[name];
  if (output?.dtype === 'float32' && output.shape.join() === shape.join()) return output.data;
  throw fail('E_FIELD', {
    expected: `a program whose output "${name}" is [${shape.join(', ')}]`,
    found: output ? `[${output.shape.join(', ')}]` : 'none of that name',
    where,
  });
}
