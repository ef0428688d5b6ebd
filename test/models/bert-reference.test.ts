/** The encoder against numbers from an independent float64 implementation. */
import { describe, expect, test } from 'vitest';

import { readJson } from '../../src/core/files.ts';
import { readSafetensors, toFloat32 } from '../../src/core/safetensors.ts';
import { encoderInputs } from '../../src/features/batch.ts';
import { gradients } from '../../src/graph/gradients.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { toOnnx } from '../../src/graph/onnx.ts';
import { multiply, padRows, reduceSum, scatterAdd } from '../../src/graph/ops/index.ts';
import { bertInputs } from '../../src/models/inputs.ts';
import { canonicalName, readEncoderWeights } from '../../src/models/bert-checkpoint.ts';
import { readBertConfig } from '../../src/models/bert-config.ts';
import { batchTensors } from '../../src/models/tensors.ts';
import { bertEncoder } from '../../src/nn/bert-encoder.ts';
import { noDropout } from '../../src/nn/dropout.ts';
import { Parameters } from '../../src/nn/parameters.ts';
import { float32, Session, type Tensor } from '../../src/runtime/session.ts';
import { relativeError } from '../graph/check.ts';
import { hasShared, shared } from '../shared.ts';

describe.skipIf(!hasShared)('bert-reference', async () => {
  if (!hasShared) return;
  const folder = shared('fixtures/bert-reference');
  const shape = readBertConfig(folder);
  const { input_ids, loss: expectedLoss } = readJson(`${folder}/inputs.json`) as {
    input_ids: number[][];
    loss: number;
  };
  const expected = readSafetensors(`${folder}/expected.safetensors`).tensors;
  const entries = (name: string): Float32Array => toFloat32(expected.get(name) as never);

  const graph = new Graph();
  const params = new Parameters(graph);
  const inputs = bertInputs(graph);
  const hidden = bertEncoder(params, shape, inputs, noDropout);
  const byHand = {
    toPadded: graph.input('toPadded', 'int32', ['U', 'T']),
    toRows: graph.input('toRows', 'int32', ['N']),
  };
  const padded = padRows(hidden, byHand);
  const weights = graph.input('weights', 'float32', ['U', 'T', shape.width]);
  const real = input_ids.flat().length;
  const loss = multiply(reduceSum(multiply(padded, weights)), graph.constant(1 / real));
  const tables = new Set(
    params.specs.filter((spec) => spec.rows).map((spec) => params.values.get(spec.name) as Value),
  );
  const { dense, rows } = gradients(loss, [...params.values.values()], { rows: tables });

  const sequences = input_ids.map((ids) => Int32Array.from(ids));
  const many = encoderInputs(sequences);
  const { piecesToPadded, piecesToRows } = batchTensors(many);
  const { U = 0, T = 0 } = many.sizes;
  const outputs: Record<string, Value> = { padded, loss };
  for (const [name, value] of params.values) {
    const whole = dense.get(value);
    const [kept] = rows.get(value) ?? [];
    outputs[`d ${name}`] =
      whole ?? scatterAdd(kept?.rows as Value, kept?.index as Value, value.shape[0] ?? 0);
  }
  const { values } = readEncoderWeights(folder, params.specs);
  const feeds: Record<string, Tensor> = {
    ...batchTensors(many),
    toPadded: piecesToPadded as Tensor,
    toRows: piecesToRows as Tensor,
    weights: float32(entries('loss_weights'), [U, T, shape.width]),
  };
  for (const spec of params.specs)
    feeds[spec.name] = float32(values.get(spec.name) as Float32Array, spec.shape);
  const session = await Session.open(toOnnx(outputs).bytes);
  const results = await session.run(feeds);
  await session.dispose();

  test('hidden states agree to 1e-5, zero at padding', () => {
    expect(relativeError(results['padded']?.data ?? [], entries('hidden'))).toBeLessThan(1e-5);
    expect(results['loss']?.data[0]).toBeCloseTo(expectedLoss, 5);
  });

  test('every gradient agrees to 1e-4 of its largest entry', () => {
    const reference = readSafetensors(`${folder}/gradients.safetensors`).tensors;
    const worst: Record<string, number> = {};
    for (const [name, tensor] of reference) {
      const own = params.specs.find((spec) => canonicalName(spec.name) === canonicalName(name));
      if (!own) continue;
      const ours = results[`d ${own.name}`]?.data ?? [];
      const theirs = toFloat32(tensor);
      const largest = theirs.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      const difference = theirs.reduce((most, x, i) => Math.max(most, Math.abs(x - Number(ours[i]))), 0);
      // The bias of the keys has no effect: softmax is blind to what is added to all of a row.
      worst[name] = name.endsWith('key.bias') ? difference : difference / largest;
    }
    expect(Object.keys(worst)).toHaveLength(params.specs.length);
    expect(Object.entries(worst).filter(([, error]) => !(error < 1e-4))).toEqual([]);
  });
});
