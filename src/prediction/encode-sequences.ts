/** The encoder by itself: last-layer states of sequences of piece ids. */
import { encoderInputs } from '../features/batch.ts';
import { fillToBudget } from '../features/budget.ts';
import { Graph } from '../graph/graph.ts';
import { toOnnx } from '../graph/onnx.ts';
import { bertInputs } from '../models/inputs.ts';
import type { EncoderSource } from '../models/encoder-source.ts';
import { batchTensors, parameterTensors } from '../models/tensors.ts';
import { budgetOf } from '../models/systems.ts';
import { bertEncoder } from '../nn/bert-encoder.ts';
import { noDropout } from '../nn/dropout.ts';
import { Parameters } from '../nn/parameters.ts';
import { Session, type SessionOptions } from '../runtime/session.ts';

export interface Encoded {
  /** [B, T, D], T of the longest sequence, zero at padding. */
  readonly shape: readonly [number, number, number];
  readonly hidden: Float32Array;
  /** Weights of the checkpoint that were not used. */
  readonly ignored: readonly string[];
}

/**
 * The last-layer states of every sequence, in their order.
 *
 * @param sequences - piece ids, each at most as long as the encoder's positions and within its vocabulary
 * @throws RelataError what opening a session and reading the encoder's weights throw; `E_ENGINE`
 */
export async function encodeSequences(
  source: EncoderSource,
  sequences: readonly Int32Array[],
  options: SessionOptions & { readonly batchPieces?: number | undefined },
): Promise<Encoded> {
  const graph = new Graph();
  const params = new Parameters(graph);
  const output = bertEncoder(params, source.shape, bertInputs(graph), noDropout);
  const { values, ignored } = source.initial(params.specs, 0);
  const session = await Session.open(toOnnx({ output }).bytes, options);
  const D = source.shape.width;
  const longest = sequences.reduce((most, ids) => Math.max(most, ids.length), 0);
  const hidden = new Float32Array(sequences.length * longest * D);
  const numbered = sequences.map((ids, index) => ({ ids, index })).filter(({ ids }) => ids.length > 0);
  try {
    for (const group of fillToBudget(
      numbered,
      ({ ids }) => ids.length,
      budgetOf('bert', options.batchPieces),
    )) {
      const inputs = encoderInputs(group.map(({ ids }) => ids));
      const results = await session.run({
        ...parameterTensors(params.specs, (name) => values.get(name) ?? new Float32Array(0)),
        ...batchTensors(inputs),
      });
      const states = results['output']?.data as Float32Array;
      let row = 0;
      for (const { ids, index } of group) {
        hidden.set(states.subarray(row * D, (row + ids.length) * D), index * longest * D);
        row += ids.length;
      }
    }
  } finally {
    await session.dispose();
  }
  return { shape: [sequences.length, longest, D], hidden, ignored };
}
