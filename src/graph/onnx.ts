/**
 * Writes a graph as ONNX (opset 20, with the runtime's own domain for the fused matrix product).
 *
 * Source: onnx.proto3; the field numbers below are its own. Weights are inputs, so a file stays far below the
 * 2 GB that one message may hold.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

import { fail } from '../core/errors.ts';
import { type Dim, foldDim, type Shape } from './dims.ts';
import { type DType, type Graph, type Node, reachable, type Value } from './graph.ts';

type AttributeValue =
  | number
  | { readonly float: number }
  | { readonly graph: BinaryWriter }
  | string
  | readonly number[];

const typeCode = { float32: 1, int8: 3, int32: 6, int64: 7 } as const satisfies Record<
  DType | 'int8',
  number
>;

/** Inputs whose values stand in the file, by name; a matrix of 8 bits is rounded when it is written. */
export type Weights = ReadonlyMap<string, { readonly data: Float32Array; readonly bits: 8 | 32 }>;

/** Takes the ONNX nodes of each operation. Inputs and outputs go by their names, value 7 in between by `v7`. */
export class Emitter {
  nodes: BinaryWriter[] = [];
  readonly initializers: BinaryWriter[] = [];
  /** Names of inputs that are read, or of which a dimension is. */
  readonly read = new Set<string>();
  readonly #graph: Graph;
  readonly #used: ReadonlySet<number>;
  readonly #names: ReadonlyMap<number, string>;
  readonly #weights: Weights;
  readonly #once = new Map<string, string>();
  readonly #integers = new Map<string, string>();
  readonly #numbers = new Map<number, string>();
  readonly #dims = new Map<string, string>();
  #temporaries = 0;

  /** @param used - ids of the values that something reads */
  constructor(graph: Graph, names: ReadonlyMap<number, string>, used: ReadonlySet<number>, weights: Weights) {
    this.#graph = graph;
    this.#names = names;
    this.#used = used;
    this.#weights = weights;
  }

  /** Whether anything reads this value: an operation may leave out outputs that nothing does. */
  isUsed(value: Value): boolean {
    return this.#used.has(value.id);
  }

  nameOf(value: Value): string {
    return this.#names.get(value.id) ?? `v${value.id}`;
  }

  /** The name of a value that a node reads or writes. */
  name(value: Value): string {
    const name = this.nameOf(value);
    this.read.add(name);
    return name;
  }

  /** The numbers of an input that is to be a weight of 8 bits; undefined of all others. */
  weightToQuantise(value: Value): { readonly name: string; readonly data: Float32Array } | undefined {
    const name = this.nameOf(value);
    const weight = this.#weights.get(name);
    return weight?.bits === 8 ? { name, data: weight.data } : undefined;
  }

  /** The name of a result that several operations share: `make` is called for the first. */
  once(key: string, make: () => string): string {
    let name = this.#once.get(key);
    if (name === undefined) this.#once.set(key, (name = make()));
    return name;
  }

  /** A fresh name for a result inside one operation. */
  temporary(): string {
    return `t${this.#temporaries++}`;
  }

  /** Adds one ONNX node; `domain` is empty for ONNX itself. */
  node(
    type: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    domain = '',
  ): void {
    const node = new BinaryWriter();
    for (const input of inputs) text(node, 1, input);
    for (const output of outputs) text(node, 2, output);
    text(node, 3, outputs[0] ?? type); // names the node in profiles
    text(node, 4, type);
    for (const [name, value] of Object.entries(attributes)) message(node, 5, attribute(name, value));
    if (domain !== '') text(node, 7, domain);
    this.nodes.push(node);
  }

  /** Adds a node with one output. @returns its name */
  step(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    domain = '',
  ): string {
    const output = this.temporary();
    this.node(type, inputs, [output], attributes, domain);
    return output;
  }

  /** An operation that is one ONNX node with the same inputs and outputs. */
  direct(
    node: Node,
    type: string,
    attributes: Readonly<Record<string, AttributeValue>> = {},
    domain = '',
  ): void {
    const names = (values: readonly Value[]): string[] => values.map((value) => this.name(value));
    this.node(type, names(node.inputs), names(node.outputs), attributes, domain);
  }

  /**
   * A graph inside the graph, such as the body of a loop. It may read everything that stands outside of it.
   *
   * @param inputs - names of its own inputs, float32
   * @param build - adds its nodes and says the names of its outputs, float32
   */
  body(inputs: readonly string[], build: () => readonly string[]): { readonly graph: BinaryWriter } {
    const outside = this.nodes;
    this.nodes = [];
    const outputs = build();
    const graph = new BinaryWriter();
    for (const node of this.nodes) message(graph, 1, node);
    text(graph, 2, 'body');
    for (const name of inputs) message(graph, 11, valueInfo(name, 'float32'));
    for (const name of outputs) message(graph, 12, valueInfo(name, 'float32'));
    this.nodes = outside;
    return { graph };
  }

  /** The name of an int64 vector. */
  integers(values: readonly number[]): string {
    const key = values.join(',');
    let name = this.#integers.get(key);
    if (name === undefined) {
      name = `i${this.#integers.size}`;
      this.#integers.set(key, name);
      this.initializer(name, 'int64', [values.length], BigInt64Array.from(values, BigInt));
    }
    return name;
  }

  /** The name of a float32 scalar. */
  number(value: number): string {
    let name = this.#numbers.get(value);
    if (name === undefined) {
      name = `f${this.#numbers.size}`;
      this.#numbers.set(value, name);
      this.initializer(name, 'float32', [], Float32Array.of(value));
    }
    return name;
  }

  initializer(
    name: string,
    dtype: DType | 'int8',
    shape: readonly number[],
    data: Float32Array | Int8Array | Int32Array | BigInt64Array,
  ): void {
    const tensor = new BinaryWriter();
    for (const size of shape) tensor.tag(1, WireType.Varint).int64(size);
    tensor.tag(2, WireType.Varint).int32(typeCode[dtype]);
    text(tensor, 8, name);
    tensor
      .tag(9, WireType.LengthDelimited)
      .bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    this.initializers.push(tensor);
  }

  /** The name of an int64 vector that holds `shape` when the graph runs. */
  shape(shape: Shape): string {
    if (shape.every((dim) => typeof dim === 'number')) return this.integers(shape);
    const output = this.temporary();
    this.node(
      'Concat',
      shape.map((dim) => this.#dim(dim)),
      [output],
      { axis: 0 },
    );
    return output;
  }

  /** An int64 [1] with one dimension, read off the first input that has its names. */
  #dim(dim: Dim): string {
    const combine =
      (type: string) =>
      (a: string, b: string): string => {
        const output = this.temporary();
        this.node(type, [a, b], [output]);
        return output;
      };
    return foldDim(dim, {
      number: (n) => this.integers([n]),
      add: combine('Add'),
      multiply: combine('Mul'),
      name: (name) => {
        const known = this.#dims.get(name);
        if (known !== undefined) return known;
        for (const [inputName, input] of this.#graph.inputs) {
          const axis = input.shape.indexOf(name);
          if (axis < 0) continue;
          const output = this.temporary();
          this.node('Shape', [this.name(input)], [output], { start: axis, end: axis + 1 });
          this.#dims.set(name, output);
          this.read.add(inputName);
          return output;
        }
        throw fail('E_SHAPE', {
          operation: 'dimension',
          expected: `an input with a dimension ${name}`,
          found: 'none',
        });
      },
    });
  }
}

/**
 * The bytes of a model that computes `outputs`.
 *
 * Only what the outputs need is written. Inputs keep their names; the result says which of them are used.
 *
 * @param outputs - output name to value, all of one graph
 * @param options.weights - inputs that become part of the file
 * @param options.describe - what an input or output means, which the file then says as a property of that name
 */
export function toOnnx(
  outputs: Readonly<Record<string, Value>>,
  {
    weights = new Map(),
    describe = () => undefined,
  }: {
    readonly weights?: Weights;
    readonly describe?: (name: string) => string | undefined;
  } = {},
): { bytes: Uint8Array; inputs: string[] } {
  const values = Object.values(outputs);
  const [first] = values;
  if (!first) throw fail('E_SHAPE', { operation: 'toOnnx', expected: 'at least one output', found: 'none' });
  const { graph } = first;
  const names = new Map([...graph.inputs].map(([name, value]) => [value.id, name]));
  const aliases: [string, Value][] = [];
  for (const [name, value] of Object.entries(outputs)) {
    if (names.has(value.id)) aliases.push([name, value]);
    else names.set(value.id, name);
  }
  const nodes = reachable(values);
  const used = new Set([...values, ...nodes.flatMap((node) => node.inputs)].map(({ id }) => id));
  const emitter = new Emitter(graph, names, used, weights);
  for (const node of executionOrder(nodes)) node.operation.emit(node, emitter);
  for (const [name, value] of aliases) emitter.node('Identity', [emitter.name(value)], [name]);
  for (const { value, data } of graph.constants) {
    if (emitter.read.has(emitter.nameOf(value)))
      emitter.initializer(emitter.nameOf(value), value.dtype, value.shape.map(Number), data);
  }
  const read = [...graph.inputs].filter(([name]) => emitter.read.has(name));
  for (const [name, { shape }] of read) {
    const weight = weights.get(name);
    if (weight) emitter.initializer(name, 'float32', shape.map(Number), weight.data);
  }
  const inputs = read.filter(([name]) => !weights.has(name));

  const body = new BinaryWriter();
  for (const node of emitter.nodes) message(body, 1, node);
  text(body, 2, 'relata');
  for (const initializer of emitter.initializers) message(body, 5, initializer);
  for (const [name, value] of inputs) message(body, 11, valueInfo(name, value.dtype, value.shape));
  for (const [name, value] of Object.entries(outputs))
    message(body, 12, valueInfo(name, value.dtype, value.shape));

  const model = new BinaryWriter();
  model.tag(1, WireType.Varint).int64(10);
  text(model, 2, 'relata');
  message(model, 7, body);
  for (const [domain, version] of [
    ['', 20],
    ['com.microsoft', 1],
  ] as const) {
    const opset = new BinaryWriter();
    if (domain !== '') text(opset, 1, domain);
    opset.tag(2, WireType.Varint).int64(version);
    message(model, 8, opset);
  }
  // As properties of the model: the engine drops the descriptions of values when it writes a model, and tells these.
  for (const name of [...inputs.map(([input]) => input), ...Object.keys(outputs)]) {
    const about = describe(name);
    if (about === undefined) continue;
    const property = new BinaryWriter();
    text(property, 1, name);
    text(property, 2, about);
    message(model, 14, property);
  }
  return { bytes: model.finish(), inputs: inputs.map(([name]) => name) };
}

/**
 * `nodes` with those at the end that no other reads, in reverse.
 *
 * The engine computes what the last of them needs, then what the one before it needs besides, and so on. Gradients of
 * weights are such nodes: so each is computed, and what it is computed from forgotten, before the backward pass goes on to
 * the layer below. In the order in which they were made all of them would wait for the end of that pass
 * (onnxruntime 1.30, measured 2026-11-23).
 */
function executionOrder(nodes: readonly Node[]): Node[] {
  const read = new Set(nodes.flatMap(({ inputs }) => inputs.map(({ id }) => id)));
  const isRead = ({ outputs }: Node): boolean => outputs.some(({ id }) => read.has(id));
  return [...nodes.filter(isRead), ...nodes.filter((node) => !isRead(node)).toReversed()];
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.tag(field, WireType.LengthDelimited).string(value);
}

function message(writer: BinaryWriter, field: number, value: BinaryWriter): void {
  writer.tag(field, WireType.LengthDelimited).bytes(value.finish());
}

function attribute(name: string, value: AttributeValue): BinaryWriter {
  const writer = new BinaryWriter();
  text(writer, 1, name);
  const kind = (code: number): BinaryWriter => writer.tag(20, WireType.Varint).int32(code);
  if (typeof value === 'number') {
    writer.tag(3, WireType.Varint).int64(value);
    return kind(2);
  }
  if (typeof value === 'string') {
    writer.tag(4, WireType.LengthDelimited).bytes(new TextEncoder().encode(value));
    return kind(3);
  }
  if ('float' in value) {
    writer.tag(2, WireType.Bit32).float(value.float);
    return kind(1);
  }
  if ('graph' in value) {
    message(writer, 6, value.graph);
    return kind(5);
  }
  for (const item of value) writer.tag(8, WireType.Varint).int64(item);
  return kind(7);
}

/** Name and type of a value; without a shape it is inferred. */
function valueInfo(name: string, dtype: DType, dims?: Shape): BinaryWriter {
  const tensor = new BinaryWriter();
  tensor.tag(1, WireType.Varint).int32(typeCode[dtype]);
  if (dims) {
    const shape = new BinaryWriter();
    for (const dim of dims) {
      const entry = new BinaryWriter();
      if (typeof dim === 'number') entry.tag(1, WireType.Varint).int64(dim);
      else text(entry, 2, dim);
      message(shape, 1, entry);
    }
    message(tensor, 2, shape);
  }
  const type = new BinaryWriter();
  message(type, 1, tensor);
  const info = new BinaryWriter();
  text(info, 1, name);
  message(info, 2, type);
  return info;
}
