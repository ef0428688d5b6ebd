/** What stands in an ONNX file, read field by field. Source of the field numbers: onnx.proto3. */
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

export interface OnnxInput {
  readonly name: string;
  /** 1 float32, 6 int32, 7 int64. */
  readonly type: number;
  /** Names of open dimensions, and numbers. */
  readonly shape: readonly (string | number)[];
}

export interface OnnxFile {
  readonly inputs: readonly OnnxInput[];
  readonly outputs: readonly OnnxInput[];
  /** Names of the numbers that stand in the file. */
  readonly initializers: readonly string[];
  /** What the file says of itself, by key. */
  readonly properties: Readonly<Record<string, string>>;
  /** How often each operator occurs, by its name. */
  readonly operators: Readonly<Record<string, number>>;
}

/** Calls `visit` for every field of a message, which reads it or returns false to skip it. */
function fields(bytes: Uint8Array, visit: (field: number, reader: BinaryReader) => boolean): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (!visit(field, reader)) reader.skip(wire, field);
  }
}

function texts(bytes: Uint8Array, wanted: number): string[] {
  const found: string[] = [];
  fields(bytes, (field, reader) => field === wanted && found.push(reader.string()) > 0);
  return found;
}

function messages(bytes: Uint8Array, wanted: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  fields(bytes, (field, reader) => field === wanted && found.push(reader.bytes()) > 0);
  return found;
}

function valueInfo(bytes: Uint8Array): OnnxInput {
  const [tensor = new Uint8Array()] = messages(messages(bytes, 2)[0] ?? new Uint8Array(), 1);
  let type = 0;
  const shape: (string | number)[] = [];
  fields(tensor, (field, reader) => {
    if (field === 1) type = reader.int32();
    else if (field !== 2) return false;
    else
      for (const dim of messages(reader.bytes(), 1)) {
        fields(dim, (part, inner) => shape.push(part === 1 ? Number(inner.int64()) : inner.string()) > 0);
      }
    return true;
  });
  return { name: texts(bytes, 1)[0] ?? '', type, shape };
}

export function readOnnx(bytes: Uint8Array): OnnxFile {
  const [graph = new Uint8Array()] = messages(bytes, 7);
  const operators: Record<string, number> = {};
  for (const [type = ''] of messages(graph, 1).map((node) => texts(node, 4)))
    operators[type] = (operators[type] ?? 0) + 1;
  return {
    inputs: messages(graph, 11).map(valueInfo),
    outputs: messages(graph, 12).map(valueInfo),
    initializers: messages(graph, 5).map((tensor) => texts(tensor, 8)[0] ?? ''),
    properties: Object.fromEntries(
      messages(bytes, 14).map((property) => [texts(property, 1)[0] ?? '', texts(property, 2)[0] ?? '']),
    ),
    operators,
  };
}

/** A program without inputs that gives float32 numbers [`shape`] as `output`, which it reads from another file. */
export function onnxOfOtherFile(output: string, shape: readonly number[], location: string): Uint8Array {
  const message = (write: (to: BinaryWriter) => void): Uint8Array => {
    const writer = new BinaryWriter();
    write(writer);
    return writer.finish();
  };
  const text = (to: BinaryWriter, field: number, value: string): BinaryWriter =>
    to.tag(field, WireType.LengthDelimited).string(value);
  const part = (to: BinaryWriter, field: number, value: Uint8Array): BinaryWriter =>
    to.tag(field, WireType.LengthDelimited).bytes(value);
  const number = (to: BinaryWriter, field: number, value: number): BinaryWriter =>
    to.tag(field, WireType.Varint).int64(value);
  const tensor = message((to) => {
    for (const size of shape) number(to, 1, size);
    text(number(to, 2, 1), 8, 'elsewhere');
    const entry = message((of) => text(text(of, 1, 'location'), 2, location));
    number(part(to, 13, entry), 14, 1); // external_data, data_location EXTERNAL
  });
  const graph = message((to) => {
    part(
      to,
      1,
      message((of) => text(text(text(of, 1, 'elsewhere'), 2, output), 4, 'Identity')),
    );
    part(text(to, 2, 'graph'), 5, tensor);
    const type = message((of) =>
      part(
        of,
        1,
        message((inner) => number(inner, 1, 1)),
      ),
    );
    part(
      to,
      12,
      message((of) => part(text(of, 1, output), 2, type)),
    );
  });
  const opset = message((to) => number(to, 2, 20));
  return message((to) => part(part(number(to, 1, 10), 7, graph), 8, opset));
}
