/** Logits of all pairs from given entity vectors: the pair scorer alone. */
import { Rng } from '../../src/core/rng.ts';
import { buildBatch } from '../../src/features/batch.ts';
import { Graph } from '../../src/graph/graph.ts';
import { toOnnx } from '../../src/graph/onnx.ts';
import { pairInputs } from '../../src/models/inputs.ts';
import { batchTensors, parameterTensors } from '../../src/models/tensors.ts';
import { pairScorer } from '../../src/nn/pair-scorer.ts';
import { initialValues, Parameters } from '../../src/nn/parameters.ts';
import { float32, Session, type Tensor } from '../../src/runtime/session.ts';
import { type BenchDocument, CLASSES, toItem } from '../batches.ts';
import { serve, timed } from './serve.ts';

export interface ScoresSetup {
  readonly threads: number;
  readonly batch: readonly BenchDocument[];
  /** Scorings per turn; a turn reports the time of one. */
  readonly repeat: number;
}

const WIDTH = 128;

await serve<ScoresSetup>(async ({ threads, batch, repeat }) => {
  const graph = new Graph();
  const params = new Parameters(graph);
  const logits = pairScorer(params, graph.input('entities', 'float32', ['E', WIDTH]), pairInputs(graph), {
    classes: CLASSES,
    distanceWidth: 20,
  });
  const model = toOnnx({ logits });
  const session = await Session.open(model.bytes, { threads });
  const built = buildBatch(batch.map(toItem), { reads: 'pieces', context: false });
  const { E = 0 } = built.sizes;
  const values = initialValues(params.specs, 1);
  const rng = Rng.fromSeed(1, 'entities');
  const entities = Float32Array.from({ length: E * WIDTH }, () => rng.uniform() - 0.5);
  const everything: Record<string, Tensor> = {
    ...batchTensors(built),
    ...parameterTensors(params.specs, (name) => values.get(name) ?? new Float32Array(0)),
    entities: float32(entities, [E, WIDTH]),
  };
  const feeds = Object.fromEntries(
    Object.entries(everything).filter(([name]) => model.inputs.includes(name)),
  );
  return {
    turn: async () => {
      const ms = await timed(async () => {
        for (let i = 0; i < repeat; i++) await session.run(feeds);
      });
      return { ms: ms / repeat };
    },
  };
});
