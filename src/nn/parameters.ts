/** The trainable tensors of a model: declared while its graph is built, drawn from a seed, fed by name. */
import { fail } from '../core/errors.ts';
import { Rng } from '../core/rng.ts';
import { type SafeTensor, toFloat32 } from '../core/safetensors.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { type Initialiser, sizeOf } from './initialisers.ts';

/** What is known of one parameter before it has a value. */
export interface ParameterSpec {
  /** The field's name, such as `bert.encoder.layer.0.output.dense.weight`; also the graph's input. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: Initialiser;
  /** Rates are set per group. */
  readonly group: 'encoder' | 'head';
  /** Whether weight decay applies (not to biases and layer norms). */
  readonly decay: boolean;
  /** Whether the gradient comes as rows: tables that are only looked up. */
  readonly rows: boolean;
  /** Whether it keeps its first value: it costs no gradient and no moments. */
  readonly frozen: boolean;
}

/** Declares parameters as inputs of a graph and remembers them in order. */
export class Parameters {
  readonly graph: Graph;
  readonly specs: ParameterSpec[] = [];
  readonly values = new Map<string, Value>();

  constructor(graph: Graph) {
    this.graph = graph;
  }

  /** A parameter as a graph value of `shape`. */
  declare(
    name: string,
    shape: readonly number[],
    initial: Initialiser,
    options: Pick<ParameterSpec, 'group'> & Partial<Pick<ParameterSpec, 'rows' | 'frozen'>>,
  ): Value {
    const { group, rows = false, frozen = false } = options;
    const decay = shape.length > 1;
    this.specs.push({ name, shape, initial, group, decay, rows, frozen });
    const value = this.graph.input(name, 'float32', shape);
    this.values.set(name, value);
    return value;
  }
}

/** Random values for every parameter; each depends on the seed and its own name only. */
export function initialValues(specs: readonly ParameterSpec[], seed: number): Map<string, Float32Array> {
  return new Map(specs.map((spec) => [spec.name, spec.initial(spec.shape, Rng.fromSeed(seed, spec.name))]));
}

/** The number of numbers in `specs`. */
export function countParameters(specs: readonly ParameterSpec[]): number {
  return specs.reduce((sum, spec) => sum + sizeOf(spec.shape), 0);
}

/**
 * Values for all of `specs`, checked, as float32.
 *
 * @param lookup - the tensor of a name
 * @param where - what an error says about the place
 * @throws RelataError `E_PARAMETER` naming the missing or wrongly shaped parameter
 */
export function pickValues(
  specs: readonly ParameterSpec[],
  lookup: (name: string) => SafeTensor | undefined,
  where: string,
): Map<string, Float32Array> {
  const values = new Map<string, Float32Array>();
  for (const { name, shape } of specs) {
    const found = lookup(name);
    if (found?.shape.join() !== shape.join()) {
      throw fail('E_PARAMETER', { name, shape, found: found?.shape, where });
    }
    values.set(name, toFloat32(found));
  }
  return values;
}

/**
 * Refuses NaN and infinities, with which a model would find nothing and not say why.
 *
 * @returns `values`
 * @throws RelataError `E_PARAMETER_NUMBERS` naming the first parameter that holds one
 */
export function finiteValues(values: Map<string, Float32Array>, where: string): Map<string, Float32Array> {
  for (const [name, numbers] of values) {
    for (let i = 0; i < numbers.length; i++) {
      const number = numbers[i] as number;
      if (number - number !== 0) throw fail('E_PARAMETER_NUMBERS', { name, where });
    }
  }
  return values;
}
