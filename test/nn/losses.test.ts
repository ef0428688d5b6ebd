/** Losses and their gradients against their definitions, in float64. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { gradients } from '../../src/graph/gradients.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { toOnnx } from '../../src/graph/onnx.ts';
import { binaryCrossEntropy, crossEntropy } from '../../src/nn/losses.ts';
import { float32, Session } from '../../src/runtime/session.ts';
import { relativeError } from '../graph/check.ts';

const R = 4;

async function open(loss: typeof crossEntropy): Promise<Session> {
  const graph = new Graph();
  const logits = graph.input('logits', 'float32', ['P', R]);
  const value = loss(
    logits,
    graph.input('targets', 'float32', ['P', R]),
    graph.input('scale', 'float32', []),
  );
  const gradient = gradients(value, [logits]).dense.get(logits) as Value;
  return Session.open(toOnnx({ loss: value, gradient }).bytes, { threads: 1 });
}

/** Logits as far as float32 carries the loss, and beyond where e^x overflows. */
const arbRow = fc.array(
  fc.oneof(fc.double({ min: -4, max: 4, noNaN: true }), fc.constantFrom(-120, 0, 120)),
  {
    minLength: R,
    maxLength: R,
  },
);
const arbRows = fc.array(fc.tuple(arbRow, fc.array(fc.nat(R - 1), { minLength: 1, maxLength: 2 })), {
  minLength: 1,
  maxLength: 5,
});

/** Errors of loss and gradient; both small where the engine computes the reference. */
async function compare(
  session: Session,
  rows: readonly (readonly [number[], number[]])[],
  one: boolean,
  reference: (logits: readonly number[], targets: readonly number[]) => { loss: number; gradient: number[] },
): Promise<{ loss: number; gradient: number }> {
  const scale = Math.fround(1 / (rows.length * R));
  const logits = rows.map(([row]) => row.map(Math.fround));
  const targets = rows.map(([, right]) => {
    const classes = one ? right.slice(0, 1) : right;
    return Array.from({ length: R }, (_, k) => (classes.includes(k) ? 1 : 0));
  });
  const results = await session.run({
    logits: float32(Float32Array.from(logits.flat()), [rows.length, R]),
    targets: float32(Float32Array.from(targets.flat()), [rows.length, R]),
    scale: float32(Float32Array.of(scale), []),
  });
  const expected = logits.map((row, p) => reference(row, targets[p] ?? []));
  const loss = expected.reduce((sum, row) => sum + row.loss, 0) * scale;
  const gradient = expected.flatMap((row) => row.gradient.map((x) => x * scale));
  return {
    loss: relativeError(results['loss']?.data ?? [], [loss]),
    gradient: relativeError(results['gradient']?.data ?? [], gradient),
  };
}

describe('losses', () => {
  test('binary cross-entropy is the sum over pairs and classes of -log of the right probability', async () => {
    const session = await open(binaryCrossEntropy);
    await fc.assert(
      fc.asyncProperty(arbRows, async (rows) => {
        const error = await compare(session, rows, false, (logits, targets) => ({
          // -log s(x) = log(1 + e^-x); -log(1 - s(x)) = log(1 + e^x)
          loss: logits.reduce((sum, x, k) => {
            const margin = targets[k] === 1 ? -x : x;
            return sum + Math.max(margin, 0) + Math.log1p(Math.exp(-Math.abs(margin)));
          }, 0),
          gradient: logits.map((x, k) => 1 / (1 + Math.exp(-x)) - (targets[k] ?? 0)),
        }));
        expect(Math.max(error.loss, error.gradient)).toBeLessThan(1e-5);
      }),
      { numRuns: 50 },
    );
    await session.dispose();
  });

  test('cross-entropy is the sum over pairs of -log of the softmax of the right class', async () => {
    const session = await open(crossEntropy);
    await fc.assert(
      fc.asyncProperty(arbRows, async (rows) => {
        const error = await compare(session, rows, true, (logits, targets) => {
          const top = Math.max(...logits);
          const total = logits.reduce((sum, x) => sum + Math.exp(x - top), 0);
          return {
            loss: logits.reduce((sum, x, k) => sum - (targets[k] ?? 0) * (x - top - Math.log(total)), 0),
            gradient: logits.map((x, k) => Math.exp(x - top) / total - (targets[k] ?? 0)),
          };
        });
        expect(Math.max(error.loss, error.gradient)).toBeLessThan(1e-5);
      }),
      { numRuns: 50 },
    );
    await session.dispose();
  });

  test('by hand: even odds cost log 2 each', async () => {
    for (const loss of [binaryCrossEntropy, crossEntropy]) {
      const session = await open(loss);
      const results = await session.run({
        logits: float32(new Float32Array(R), [1, R]),
        targets: float32(Float32Array.of(0, 1, 0, 0), [1, R]),
        scale: float32(Float32Array.of(0.5), []),
      });
      // Four problems of log 2, or one of log 4; halved.
      expect(results['loss']?.data[0]).toBeCloseTo(
        loss === crossEntropy ? Math.log(4) / 2 : 2 * Math.log(2),
        6,
      );
      await session.dispose();
    }
  });
});
