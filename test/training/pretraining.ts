/** A small text with structure, a checkpoint that takes milliseconds a step, and runs of both. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Rng } from '../../src/core/rng.ts';
import { Graph } from '../../src/graph/graph.ts';
import { saveMaskedModel } from '../../src/models/masked-lm-folder.ts';
import { maskedLanguageModel } from '../../src/models/masked-lm.ts';
import type { BertShape } from '../../src/nn/bert-encoder.ts';
import { noDropout } from '../../src/nn/dropout.ts';
import { initialValues } from '../../src/nn/parameters.ts';
import { createVocabulary } from '../../src/text/vocabulary.ts';
import { pretrain } from '../../src/training/pretrain.ts';
import type { PretrainEvent } from '../../src/training/pretrain-events.ts';
import { pretrainSchema } from '../../src/training/pretrain-options.ts';

/** Words of a topic; a document is about one. */
export const topics = ['b', 'c', 'd', 'f'].map((first) => [...'aeiou'].map((vowel) => first + vowel));
/** How often each word of a topic stands in its documents, of 16 times. */
const WEIGHTS = [6, 4, 3, 2, 1];
/** Of the words so many in four end in `s`, a piece of its own. */
const ENDINGS = 1;

const pieces = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', ...topics.flat(), '##s'];
const vocabulary = createVocabulary(pieces, { lowercase: true });

/** Writes documents of 160 words each, some 200 pieces. The tenth is held out. */
export function writeText(path: string, { documents = 12, seed = 1 } = {}): string {
  const rng = Rng.fromSeed(seed);
  const bag = WEIGHTS.flatMap((weight, i) => Array.from({ length: weight }, () => i));
  const word = (topic: readonly string[]): string =>
    (topic[rng.pick(bag)] ?? '') + (rng.integer(4) < ENDINGS ? 's' : '');
  const texts = Array.from({ length: documents }, (_, d) =>
    Array.from({ length: 160 }, () => word(topics[d % topics.length] ?? [])).join(' '),
  );
  writeFileSync(path, `${texts.join('\n\n')}\n`);
  return path;
}

const shape: BertShape = {
  vocabularySize: pieces.length,
  width: 16,
  layers: 1,
  heads: 2,
  intermediateWidth: 32,
  positions: 160,
  segments: 2,
  layerNormEpsilon: 1e-12,
  initialDeviation: 0.1,
};

/** Writes a checkpoint of random weights, with a language model's head. */
export function writeMaskedModel(folder: string): string {
  const { specs } = maskedLanguageModel(new Graph(), shape, noDropout).params;
  const values = initialValues(specs, 4);
  const parameter = (name: string): Float32Array => values.get(name) ?? new Float32Array(0);
  saveMaskedModel(folder, { shape, vocabulary, specs, parameter });
  return folder;
}

type Options = Readonly<Record<string, unknown>>;

export type EventOf<K extends PretrainEvent['kind']> = Extract<PretrainEvent, { kind: K }>;

/** Updates of eight windows of 16 pieces, windows of 32 at the end; a pass is about 20 updates. */
export const QUICK: Options = {
  updatePieces: 128,
  batchPieces: 512,
  window: 16,
  longWindow: 32,
  evaluations: 3,
  learningRate: 5e-3,
  threads: 1,
};

/** Runs a request until its end, or until `stop` says so of an event. */
export async function run(
  options: Options,
  out: string,
  { stop, now }: { stop?: (event: PretrainEvent) => boolean; now?: () => number } = {},
): Promise<PretrainEvent[]> {
  const request = pretrainSchema.parse({ ...QUICK, ...options });
  const controller = new AbortController();
  const events: PretrainEvent[] = [];
  for await (const event of pretrain(request, out, { signal: controller.signal, now })) {
    events.push(event);
    if (stop?.(event) === true) controller.abort();
  }
  return events;
}

export const ofKind = <K extends PretrainEvent['kind']>(
  events: readonly PretrainEvent[],
  kind: K,
): EventOf<K>[] => events.filter((event): event is EventOf<K> => event.kind === kind);

/** Every file of a run's folder by name, without what depends on the clock. */
export function filesOf(out: string): Map<string, string> {
  const names = existsSync(out) ? readdirSync(out, { recursive: true, encoding: 'utf8' }) : [];
  const files = names.filter((name) => /\.\w+$/.test(name)).sort();
  return new Map(files.map((name) => [name, withoutClock(name, readFileSync(join(out, name)))]));
}

function withoutClock(name: string, bytes: Buffer): string {
  const text = bytes.toString('latin1');
  const isTimed = name === 'metrics.jsonl' || name === 'finished.json';
  return isTimed ? text.replaceAll(/"(seconds|memory)": ?[\d.e-]+/g, '"$1":0') : text;
}
