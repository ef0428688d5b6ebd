/** What happens in a run, and what its models reached. */
import { join } from 'node:path';

import { z } from 'zod';

import { fail } from '../core/errors.ts';
import { isFile, readJson } from '../core/files.ts';
import { savedMentionScores } from '../models/tagger-folder.ts';
import type { TaggerPreparation } from './prepare-tagger.ts';
import type { Preparation } from './prepare.ts';
import type { TrainingEvent } from './train-model.ts';

const stages = ['one step', 'step 1', 'step 2', 'combined', 'mentions'] as const;
/** A model of a system, or their combination. */
export type Stage = (typeof stages)[number];

const resultRow = z.object({
  stage: z.enum(stages),
  scores: z.record(z.string(), z.number().nullable()),
  theta: z.number().nullable(),
  /** Of a tagger: by type too. */
  mentions: savedMentionScores.optional(),
});

/** What a stage reached on the development documents. */
export type ResultRow = Readonly<z.infer<typeof resultRow>>;

export type SystemEvent =
  | { readonly kind: 'prepared'; readonly about: Preparation }
  | { readonly kind: 'prepared-tagger'; readonly about: TaggerPreparation }
  | { readonly kind: 'ignored'; readonly names: readonly string[] }
  | { readonly kind: 'stage'; readonly stage: Stage; readonly event: TrainingEvent }
  | { readonly kind: 'skipped'; readonly stage: Stage }
  | { readonly kind: 'result'; readonly rows: readonly ResultRow[]; readonly folder: string };

/** A result that was saved, whose model must be there too. @throws RelataError `E_RUN_DAMAGED`, `E_JSON` */
export function readResult(folder: string, name: 'finished.json' | 'best.json'): ResultRow {
  const damaged = (file: string, reason: string): Error =>
    fail('E_RUN_DAMAGED', { path: join(folder, file), reason });
  for (const file of [name, 'config.json', 'model.safetensors'])
    if (!isFile(join(folder, file))) throw damaged(file, 'there is none');
  const parsed = resultRow.safeParse(readJson(join(folder, name)));
  if (parsed.success) return parsed.data;
  throw damaged(name, 'it holds something else');
}
