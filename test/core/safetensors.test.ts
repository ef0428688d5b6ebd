import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';

import { RelataError } from '../../src/core/errors.ts';
import { Rng } from '../../src/core/rng.ts';
import { halfOfFloat32, readSafetensors, toFloat32, writeSafetensors } from '../../src/core/safetensors.ts';
import type { SafeTensor } from '../../src/core/safetensors.ts';
import { hasShared, shared } from '../shared.ts';

const folder = mkdtempSync(join(tmpdir(), 'relata-safetensors-'));
const file = join(folder, 'a.safetensors');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A file from raw parts: what a careless or hostile writer could make. */
function craft(header: string | object, bytes = 0, length?: bigint): string {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(length ?? BigInt(text.byteLength));
  writeFileSync(file, Buffer.concat([head, text, Buffer.alloc(bytes)]));
  return file;
}

const f32 = (shape: number[], begin: number, end: number) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

const half = (...bits: number[]) => [
  ...toFloat32({ dtype: 'F16', shape: [bits.length], data: Uint16Array.from(bits) }),
];

const refused = (path: string, reason: RegExp) => {
  expect(() => readSafetensors(path)).toThrow(
    expect.objectContaining({ code: 'E_SAFETENSORS', message: expect.stringMatching(reason) }),
  );
};

const arbTensor: fc.Arbitrary<SafeTensor> = fc
  .record({
    shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
    dtype: fc.constantFrom('F32', 'F64', 'F16', 'BF16', 'I64', 'I32', 'U8', 'BOOL'),
    seed: fc.integer({ min: 0, max: 2 ** 31 }),
  })
  .map(({ shape, dtype, seed }): SafeTensor => {
    const size = shape.reduce((product, item) => product * item, 1);
    const numbers = Array.from({ length: size }, (_, i) => (Math.imul(seed + i, 0x9e3779b9) >>> 0) % 65536);
    switch (dtype) {
      case 'F32':
        return { dtype, shape, data: Float32Array.from(numbers, (n) => n / 7) };
      case 'F64':
        return { dtype, shape, data: Float64Array.from(numbers, (n) => n / 7) };
      case 'I64':
        return { dtype, shape, data: BigInt64Array.from(numbers, (n) => -BigInt(n) << 40n) };
      case 'I32':
        return { dtype, shape, data: Int32Array.from(numbers, (n) => -n * 30000) };
      case 'U8':
      case 'BOOL':
        return { dtype, shape, data: Uint8Array.from(numbers) };
      default:
        return { dtype, shape, data: Uint16Array.from(numbers) };
    }
  });

const arbName = fc.string({ unit: 'grapheme', maxLength: 8 }).filter((name) => name !== '__metadata__');

describe('round trip', () => {
  it('gives back every name, type, shape, number and metadata entry', () => {
    const arbEntries = fc.uniqueArray(fc.tuple(arbName, arbTensor), {
      selector: ([name]) => name,
      maxLength: 6,
    });
    const arbMetadata = fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 });
    fc.assert(
      fc.property(arbEntries, arbMetadata, (entries, metadata) => {
        writeSafetensors(file, entries, metadata);
        const read = readSafetensors(file);
        expect([...read.tensors.keys()].sort()).toEqual(entries.map(([name]) => name).sort());
        for (const [name, tensor] of entries) expect(read.tensors.get(name)).toEqual(tensor);
        expect(Object.entries(read.metadata).sort()).toEqual(Object.entries(metadata).sort());
        // The data begins aligned, whatever the header's length.
        expect(Number(readFileSync(file).readBigUInt64LE(0)) % 8).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it('writes these very bytes', () => {
    writeSafetensors(file, [['w', { dtype: 'F32', shape: [1], data: Float32Array.of(1) }]]);
    const header = '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
    const bytes = readFileSync(file);
    expect(bytes.readBigUInt64LE(0)).toBe(56n);
    expect(bytes.subarray(8, 64).toString()).toBe(`${header}  `);
    expect([...bytes.subarray(64)]).toEqual([0, 0, 0x80, 0x3f]);
  });

  it('writes a view of a larger buffer, wider types first', () => {
    const whole = Float32Array.of(1, 2, 3, 4);
    writeSafetensors(file, [
      ['flag', { dtype: 'BOOL', shape: [1], data: Uint8Array.of(1) }],
      ['part', { dtype: 'F32', shape: [2], data: whole.subarray(1, 3) }],
    ]);
    const { tensors } = readSafetensors(file);
    expect([...tensors.keys()]).toEqual(['part', 'flag']);
    expect(tensors.get('part')?.data).toEqual(Float32Array.of(2, 3));
  });

  it('refuses data that does not fit, and names used twice or reserved', () => {
    const one: SafeTensor = { dtype: 'F32', shape: [1], data: new Float32Array(1) };
    const shapeError = expect.objectContaining({ code: 'E_SHAPE' });
    expect(() => writeSafetensors(file, [['a', { ...one, shape: [2] }]])).toThrow(shapeError);
    expect(() =>
      writeSafetensors(file, [
        ['a', one],
        ['a', one],
      ]),
    ).toThrow(shapeError);
    expect(() => writeSafetensors(file, [['__metadata__', one]])).toThrow(shapeError);
  });
});

describe('large files', () => {
  it('reads a tensor that lies past 4 GiB, and skips what is not asked for', () => {
    // A sparse file: zeros that take no room on the disk, and 8 bytes after them.
    const gap = 2 ** 32 + 2 ** 26;
    const header = JSON.stringify({
      gap: { dtype: 'U8', shape: [gap], data_offsets: [0, gap] },
      last: f32([2], gap, gap + 8),
    });
    craft(header);
    const handle = openSync(file, 'r+');
    writeSync(handle, new Uint8Array(Float32Array.of(3, 4).buffer), 0, 8, 8 + header.length + gap);
    closeSync(handle);
    const { tensors } = readSafetensors(file, { only: (name) => name === 'last' });
    expect([...tensors]).toEqual([['last', { dtype: 'F32', shape: [2], data: Float32Array.of(3, 4) }]]);
    rmSync(file);
  });
});

describe('toFloat32', () => {
  it('knows halves: normal, subnormal, zeros, infinities, NaN', () => {
    expect(half(0x3c00, 0xc000, 0x7bff, 0x3555, 0x0400)).toEqual([1, -2, 65504, 0.333251953125, 2 ** -14]);
    expect(half(0x0001, 0x03ff, 0x8001)).toEqual([2 ** -24, 1023 * 2 ** -24, -(2 ** -24)]);
    expect(half(0x0000, 0x8000)).toEqual([0, -0]);
    expect(half(0x7c00, 0xfc00, 0x7e00)).toEqual([Infinity, -Infinity, NaN]);
  });

  it('knows bfloat16 and rounds float64 and integers', () => {
    const bf16 = toFloat32({
      dtype: 'BF16',
      shape: [4],
      data: Uint16Array.of(0x3f80, 0xc049, 0x7f80, 0x0001),
    });
    expect([...bf16]).toEqual([1, -3.140625, Infinity, 2 ** -133]);
    expect([...toFloat32({ dtype: 'F64', shape: [1], data: Float64Array.of(0.1) })]).toEqual([
      Math.fround(0.1),
    ]);
    expect([...toFloat32({ dtype: 'I64', shape: [1], data: BigInt64Array.of(-3n) })]).toEqual([-3]);
    expect([...toFloat32({ dtype: 'U8', shape: [1], data: Uint8Array.of(200) })]).toEqual([200]);
  });

  it('does not copy F32', () => {
    const data = Float32Array.of(1);
    expect(toFloat32({ dtype: 'F32', shape: [1], data })).toBe(data);
  });
});

describe('halfOfFloat32', () => {
  /** The value of a half without its sign, by the definition of the format; that of infinity is the one that would follow. */
  const valueOf = (bits: number): number => {
    const [exponent, fraction] = [bits >>> 10, (bits & 1023) / 1024];
    return exponent === 0 ? fraction * 2 ** -14 : (1 + fraction) * 2 ** (exponent - 15);
  };
  /** The nearest half by bisection; of two that are as near, the even one. */
  function nearest(x: number): number {
    const size = Math.min(Math.abs(x), valueOf(0x7c00));
    let [low, high] = [0, 0x7c00];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (valueOf(middle) <= size) low = middle;
      else high = middle;
    }
    const [below, above] = [size - valueOf(low), valueOf(high) - size];
    const bits = below < above || (below === above && low % 2 === 0) ? low : high;
    return (x < 0 || Object.is(x, -0) ? 0x8000 : 0) + bits;
  }
  const wrongOf = (numbers: Float32Array): (readonly [number, number])[] =>
    [...halfOfFloat32(numbers).entries()]
      .filter(([i, bits]) => bits !== nearest(numbers[i] ?? 0))
      .map(([i, bits]) => [numbers[i] ?? 0, bits] as const);
  const bitsAs = (bits: readonly number[]): Float32Array => new Float32Array(Uint32Array.from(bits).buffer);

  it('gives every half back that is a number', () => {
    const all = Uint16Array.from({ length: 2 ** 16 }, (_, i) => i);
    const back = halfOfFloat32(toFloat32({ dtype: 'F16', shape: [all.length], data: all }));
    const isNaN = (bits: number): boolean => (bits & 0x7fff) > 0x7c00;
    expect([...all].filter((bits) => !isNaN(bits) && back[bits] !== bits)).toEqual([]);
    expect([...all].filter((bits) => isNaN(bits) !== isNaN(back[bits] ?? 0))).toEqual([]);
  });

  it('rounds to the nearest, and what lies between two to the even one', () => {
    const middles = Array.from({ length: 0x7c00 }, (_, bits) => (valueOf(bits) + valueOf(bits + 1)) / 2);
    const exact = Float32Array.from(middles);
    expect([...exact]).toEqual(middles);
    const words = [...new Uint32Array(exact.buffer)];
    const around = words.flatMap((word) => [word - 1, word, word + 1].flatMap((w) => [w, w + 2 ** 31]));
    expect(wrongOf(bitsAs(around))).toEqual([]);
    expect([...halfOfFloat32(Float32Array.of(65519.99, 65520, -65520, 1e30))]).toEqual([
      0x7bff, 0x7c00, 0xfc00, 0x7c00,
    ]);
  });

  it('rounds any float', () => {
    const rng = Rng.fromSeed(7);
    // Exponents around those of halves, from below their subnormals to above their largest.
    const words = Array.from(
      { length: 100_000 },
      () => rng.integer(2) * 2 ** 31 + (100 + rng.integer(45)) * 2 ** 23 + rng.integer(2 ** 23),
    );
    expect(wrongOf(bitsAs(words))).toEqual([]);
    expect(wrongOf(bitsAs(Array.from({ length: 1000 }, () => rng.integer(2 ** 23))))).toEqual([]);
  });

  it('keeps the sign of zero, infinities and NaN, and reads a part of a buffer', () => {
    expect([...halfOfFloat32(Float32Array.of(0, -0, Infinity, -Infinity))]).toEqual([
      0, 0x8000, 0x7c00, 0xfc00,
    ]);
    expect(half(...halfOfFloat32(Float32Array.of(Number.NaN)))).toEqual([Number.NaN]);
    expect([...halfOfFloat32(Float32Array.of(9, 1, -2, 9).subarray(1, 3))]).toEqual([0x3c00, 0xc000]);
  });
});

describe('untrusted files', () => {
  it('names what is wrong', () => {
    refused(craft({ a: f32([1], 0, 4), b: f32([1], 2, 6) }, 6), /overlaps/);
    refused(craft({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12), /belong to no tensor/);
    refused(craft({ a: f32([1], 0, 4) }, 5), /end at byte 4, but 5 follow/);
    refused(craft({ a: f32([2], 0, 8) }, 7), /cut off/);
    refused(craft({ a: f32([2], 0, 4) }, 4), /8 bytes, but its data_offsets span 4/);
    refused(craft({ a: f32([2 ** 40, 2 ** 40], 0, 4) }, 4), /data_offsets/);
    refused(craft({ a: f32([-1], 0, 4) }, 4), /shape of whole numbers/);
    refused(craft({ a: f32([1.5], 0, 6) }, 6), /shape of whole numbers/);
    refused(craft({ a: { ...f32([1], 0, 4), dtype: 'F8' } }, 4), /type "F8"/);
    refused(craft({ a: { ...f32([1], 0, 4), dtype: 'constructor' } }, 4), /type "constructor"/);
    refused(craft({ a: { dtype: 'F32', shape: [] } }), /data_offsets/);
    refused(craft({ a: 1 }), /not an object/);
    refused(craft({ __metadata__: { a: 1 } }), /not a string/);
    refused(craft('[]'), /not a JSON object/);
    refused(craft('{"a'), /not JSON/);
    refused(craft('{}', 0, 3n), /only 2 follow/);
    refused(craft('{}', 0, 25_000_001n), /more than 25000000/);
    refused(craft('{}', 0, 2n ** 64n - 1n), /more than/);
    const one = JSON.stringify(f32([0], 0, 0));
    refused(craft(`{"a":${one},"a":${one}}`), /repeats a name/);
    refused(craft(`{"a:\\"":${one},"a:\\"":${one}}`), /repeats a name/);
    refused(folder, /not a regular file/);
    expect(() => readSafetensors(join(folder, 'none'))).toThrow(
      expect.objectContaining({ code: 'E_FILE_MISSING' }),
    );
  });

  it('accepts empty tensors, colons and quotes in names, and __proto__', () => {
    craft(
      `{"__proto__":${JSON.stringify(f32([0, 3], 0, 0))},"a:\\"b\\":":${JSON.stringify(f32([], 0, 4))}}`,
      4,
    );
    expect([...readSafetensors(file).tensors.keys()]).toEqual(['__proto__', 'a:"b":']);
  });

  it('never fails with anything but a coded error, however the file is damaged', () => {
    writeSafetensors(
      file,
      [
        ['weight', { dtype: 'F32', shape: [2, 3], data: new Float32Array(6) }],
        ['ids', { dtype: 'I64', shape: [2], data: new BigInt64Array(2) }],
      ],
      { format: 'pt' },
    );
    const sound = readFileSync(file);
    const damaged = join(folder, 'damaged');
    const arbEdit = fc.record({
      at: fc.nat(sound.byteLength - 1),
      byte: fc.oneof(fc.nat(255), fc.constantFrom(...[...'"{}[],:0129-.e\\ '].map((c) => c.charCodeAt(0)))),
    });
    let refusals = 0;
    fc.assert(
      fc.property(fc.array(arbEdit, { maxLength: 3 }), fc.nat(sound.byteLength), (edits, keep) => {
        const bytes = Buffer.from(sound.subarray(0, edits.length === 0 ? keep : undefined));
        for (const { at, byte } of edits) bytes[at] = byte;
        writeFileSync(damaged, bytes);
        try {
          readSafetensors(damaged);
        } catch (error) {
          if (!(error instanceof RelataError)) throw error;
          refusals++;
        }
      }),
      { numRuns: 1000 },
    );
    expect(refusals).toBeGreaterThan(500);
  });
});

describe.skipIf(!hasShared)('a published file', () => {
  it('reads a checkpoint and its expected states', () => {
    const weights = readSafetensors(shared('fixtures/bert-reference/model.safetensors')).tensors;
    expect([...weights.keys()].every((name) => name.startsWith('bert.'))).toBe(true);
    const hidden = readSafetensors(shared('fixtures/bert-reference/expected.safetensors')).tensors.get(
      'hidden',
    );
    expect(hidden?.shape).toEqual([3, 29, 32]);
    expect(hidden === undefined ? [] : toFloat32(hidden)).toHaveLength(3 * 29 * 32);
  });
});
