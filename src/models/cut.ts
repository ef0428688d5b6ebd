/**
 * A system cut in two at its entity vectors: one program reads a part of a document, the other scores a block of pairs.
 *
 * Both come from the system's one definition, and a model's weights fit both.
 */
import { fail, RelataError } from '../core/errors.ts';
import { isFile } from '../core/files.ts';
import { classCount } from '../features/task.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { toOnnx } from '../graph/onnx.ts';
import { noDropout } from '../nn/dropout.ts';
import type { Parameters } from '../nn/parameters.ts';
import type { EngineThread, Runner } from '../runtime/engine-thread.ts';
import { Session, type SessionOptions } from '../runtime/session.ts';
import { blockLogits } from './pair-logits.ts';
import { ENTITIES, LOGITS } from './program.ts';
import { buildSystem, type PairModelConfig } from './systems.ts';

/** The two programs. */
export interface Cut {
  /** Sequences and mentions to entity vectors: `ENTITIES`, [E, D]. */
  readonly reader: Runner;
  /** Entity vectors to logits of pairs: `LOGITS`, [P, R]. */
  readonly scorer: Runner;
}

/** Why a model cannot be cut. */
export type CutProblem = 'attention' | 'older-export';

/** Opens the two programs when they are first needed. */
export interface CutSource {
  readonly open: () => Promise<Cut>;
  /** Where there is one, `open` must not be called. */
  readonly problem: CutProblem | undefined;
}

/** The second program of a system whose entity vectors are known. @param entities - [E, D] */
export function blockGraph(config: PairModelConfig, entities: Value): { params: Parameters; logits: Value } {
  const classes = classCount(config.relations, config);
  return blockLogits(new Graph(), { ...config, classes, width: Number(entities.shape[1]) });
}

/** Of a trained model, whose weights are fed. `open` @throws RelataError `E_ENGINE_MISSING`, `E_DEVICE`, `E_ENGINE` */
export function trainedCut(config: PairModelConfig, options: SessionOptions): CutSource {
  return {
    problem: config.system === 'context-aware' ? 'attention' : undefined,
    open: async () => {
      const { entities } = buildSystem(new Graph(), config, noDropout);
      if (!entities) throw new TypeError(`${config.system} cannot be cut`);
      const reader = await Session.open(toOnnx({ [ENTITIES]: entities }).bytes, options);
      const scorer = await Session.open(
        toOnnx({ [LOGITS]: blockGraph(config, entities).logits }).bytes,
        options,
      );
      return { reader, scorer };
    },
  };
}

/**
 * Of an exported model.
 *
 * @param files.program - opened; it tells entity vectors besides logits
 * @param files.pairs - path of the second file
 * @returns `open` @throws RelataError `E_PROGRAM` when the engine refuses the second file; as `EngineThread.open`
 */
export function exportedCut(
  config: PairModelConfig,
  files: { readonly program: Runner; readonly pairs: string },
  thread: EngineThread,
  options: SessionOptions,
): CutSource {
  const older = isFile(files.pairs) ? undefined : 'older-export';
  return {
    problem: config.system === 'context-aware' ? 'attention' : older,
    open: async () => {
      const scorer = await thread.open(files.pairs, options).catch((error: unknown) => {
        if (!(error instanceof RelataError && error.code === 'E_ENGINE')) throw error;
        throw fail('E_PROGRAM', { path: files.pairs, reason: error.message }, { cause: error });
      });
      return { reader: { run: files.program.run, dispose: () => Promise.resolve() }, scorer };
    },
  };
}
