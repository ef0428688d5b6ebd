/** The unpadded encoder against BERT one sequence at a time. */
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { Rng } from '../../src/core/rng.ts';
import { encoderInputs } from '../../src/features/batch.ts';
import { Graph } from '../../src/graph/graph.ts';
import { toOnnx } from '../../src/graph/onnx.ts';
import { bertInputs } from '../../src/models/inputs.ts';
import { batchTensors } from '../../src/models/tensors.ts';
import { bertEncoder } from '../../src/nn/bert-encoder.ts';
import { noDropout } from '../../src/nn/dropout.ts';
import { Parameters } from '../../src/nn/parameters.ts';
import { float32, Session, type Tensor } from '../../src/runtime/session.ts';
import { relativeError } from '../graph/check.ts';
import { randomArray } from '../graph/numeric.ts';
import { bert64 } from './bert64.ts';

const shape = {
  vocabularySize: 20,
  width: 12,
  layers: 2,
  heads: 3,
  intermediateWidth: 16,
  positions: 16,
  segments: 2,
  layerNormEpsilon: 1e-12,
  initialDeviation: 0.02,
};

describe('bertEncoder', () => {
  const graph = new Graph();
  const params = new Parameters(graph);
  const hidden = bertEncoder(params, shape, bertInputs(graph), noDropout);
  const rng = Rng.fromSeed(1);
  const weights = new Map(
    params.specs.map(({ name, shape: size }) => [name, Float32Array.from(randomArray(size, rng).data)]),
  );
  let session: Session;
  beforeAll(async () => {
    session = await Session.open(toOnnx({ hidden }).bytes, { threads: 1 });
  });
  afterAll(async () => session.dispose());

  /** @param padding - places added to the longest sequence */
  const run = async (sequences: readonly (readonly number[])[], padding = 0): Promise<Float32Array> => {
    const T = Math.max(...sequences.map((ids) => ids.length)) + padding;
    const inputs = encoderInputs(
      sequences.map((ids) => Int32Array.from(ids)),
      { T },
    );
    const feeds: Record<string, Tensor> = batchTensors(inputs);
    for (const { name, shape: size } of params.specs)
      feeds[name] = float32(weights.get(name) ?? new Float32Array(0), size);
    return (await session.run(feeds))['hidden']?.data as Float32Array;
  };

  const arbSequence = fc.array(fc.nat(shape.vocabularySize - 1), {
    minLength: 1,
    maxLength: shape.positions,
  });

  test('is BERT, each sequence for itself', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(arbSequence, { minLength: 1, maxLength: 4 }), async (sequences) => {
        const expected = sequences.flatMap((ids) =>
          bert64(ids, shape, (name) => weights.get(name) ?? []).flat(),
        );
        expect(relativeError(await run(sequences), expected)).toBeLessThan(2e-5);
      }),
      { numRuns: 20 },
    );
  });

  test('padding changes nothing', async () => {
    const sequences = [
      [2, 5, 7, 3],
      [2, 3],
      [2, 9, 9, 9, 9, 3],
    ];
    expect(relativeError(await run(sequences, 9), await run(sequences))).toBeLessThan(1e-6);
  });
});
