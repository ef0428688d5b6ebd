/**
 * A graph of typed, shaped operations.
 *
 * Values are made by the functions in `ops/`; each operation says its shape rule, its gradient and how it is
 * written as ONNX. Nodes are kept in the order in which they were made, which is a topological order. Equal
 * nodes are made once.
 */
import { fail } from '../core/errors.ts';
import { type Dim, type Shape, showShape } from './dims.ts';
import type { Emitter } from './onnx.ts';

export type DType = 'float32' | 'int32' | 'int64';

/** A tensor that exists when the graph runs. */
export interface Value {
  readonly graph: Graph;
  /** Unique in its graph; rises in topological order. */
  readonly id: number;
  readonly dtype: DType;
  readonly shape: Shape;
}

/** dtype and shape of an output. */
export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

export type Attributes = Readonly<Record<string, number | boolean | string | readonly Dim[]>>;

/** What an operation is: its shape rule, its gradient, its ONNX. One file each, in `ops/`. */
export interface Operation {
  readonly name: string;
  /** The outputs' types. @throws RelataError `E_SHAPE` naming the operation, the operands and the dimensions */
  readonly infer: (inputs: readonly Value[], attributes: Attributes) => readonly TensorType[];
  /** Writes the ONNX nodes that compute `node.outputs`. */
  readonly emit: (node: Node, emitter: Emitter) => void;
  /**
   * Set where the outputs are cheaper to compute again for the backward pass than to keep: the smallest input, which is
   * made to wait for that pass.
   */
  readonly again?: number;
  /**
   * Gradients with respect to each input, given those of the outputs (undefined where no gradient arrives).
   * `wanted[i]` is false where the gradient of input i is not used.
   */
  readonly gradient: (
    node: Node,
    dOutputs: readonly (Value | undefined)[],
    wanted: readonly boolean[],
  ) => readonly (Value | undefined)[];
}

export interface Node {
  readonly operation: Operation;
  readonly inputs: readonly Value[];
  readonly attributes: Attributes;
  readonly outputs: readonly Value[];
}

export interface Constant {
  readonly value: Value;
  readonly data: Float32Array | Int32Array | BigInt64Array;
}

/** Holds the inputs, constants and nodes of one computation. */
export class Graph {
  readonly inputs = new Map<string, Value>();
  readonly constants: Constant[] = [];
  readonly nodes: Node[] = [];
  /** What `keep` was called on, in order. */
  readonly kept: Value[] = [];
  readonly #made = new Map<string, readonly Value[]>();
  #count = 0;

  /** A named input. The same name twice is an error. */
  input(name: string, dtype: DType, shape: Shape): Value {
    if (this.inputs.has(name)) {
      throw fail('E_SHAPE', {
        operation: `input ${name}`,
        expected: 'a new name',
        found: 'one that is taken',
      });
    }
    const value = this.#value(dtype, shape);
    this.inputs.set(name, value);
    return value;
  }

  /** A float32 constant: one number (shape []), or data with a shape of numbers. */
  constant(data: number | Float32Array, shape: readonly number[] = []): Value {
    const array = typeof data === 'number' ? Float32Array.of(data) : data;
    const key = array.length === 1 ? `constant ${array[0]} ${showShape(shape)}` : undefined;
    const known = key === undefined ? undefined : this.#made.get(key)?.[0];
    if (known) return known;
    const value = this.#value('float32', shape);
    this.constants.push({ value, data: array });
    if (key !== undefined) this.#made.set(key, [value]);
    return value;
  }

  /** Marks a value as one from which a backward pass that keeps little may compute what follows again. */
  keep(value: Value): Value {
    this.kept.push(value);
    return value;
  }

  /** Adds a node, or finds the equal one that was made before. */
  apply(operation: Operation, inputs: readonly Value[], attributes: Attributes = {}): readonly Value[] {
    if (inputs.some((input) => input.graph !== this)) {
      throw fail('E_SHAPE', {
        operation: operation.name,
        expected: 'operands of one graph',
        found: 'operands of two',
      });
    }
    const key = `${operation.name} ${inputs.map((input) => input.id).join(',')} ${JSON.stringify(attributes)}`;
    const known = this.#made.get(key);
    if (known) return known;
    const outputs = operation.infer(inputs, attributes).map((type) => this.#value(type.dtype, type.shape));
    this.nodes.push({ operation, inputs, attributes, outputs });
    this.#made.set(key, outputs);
    return outputs;
  }

  #value(dtype: DType, shape: Shape): Value {
    return { graph: this, id: this.#count++, dtype, shape };
  }
}

/** Applies an operation with one output. */
export function apply(operation: Operation, inputs: readonly Value[], attributes: Attributes = {}): Value {
  const [first] = inputs;
  const output = first?.graph.apply(operation, inputs, attributes)[0];
  if (!output)
    throw fail('E_SHAPE', { operation: operation.name, expected: 'an operand and an output', found: 'none' });
  return output;
}

/** An `E_SHAPE` error that shows every operand. */
export function shapeError(operation: string, expected: string, inputs: readonly Value[]): Error {
  const found = inputs.map((input) => `${input.dtype} ${showShape(input.shape)}`).join(' and ');
  return fail('E_SHAPE', { operation, expected, found });
}

/** The dimension of `shape` at `axis`, negative axes counting from the end. */
export function dimAt(shape: Shape, axis: number): Dim {
  return shape[axis < 0 ? shape.length + axis : axis] ?? 1;
}

/** Nodes that `outputs` need, in topological order. */
export function reachable(outputs: readonly Value[]): Node[] {
  const [first] = outputs;
  if (!first) return [];
  const needed = new Set(outputs.map((output) => output.id));
  const result: Node[] = [];
  for (const node of first.graph.nodes.toReversed()) {
    if (!node.outputs.some((output) => needed.has(output.id))) continue;
    for (const input of node.inputs) needed.add(input.id);
    result.push(node);
  }
  return result.reverse();
}
