/** The folder of a bundle: where the two models of it lie. */
import { join } from 'node:path';

import { z } from 'zod';

import { isFile, readJson } from '../core/files.ts';

const bundle = z.object({ relata: z.object({ format: z.literal(1), bundle: z.literal(true) }) });

export interface BundleParts {
  readonly mentions: string;
  readonly relations: string;
}

/** The models of a bundle; undefined where `folder` is none. */
export function bundleParts(folder: string): BundleParts | undefined {
  const path = join(folder, 'config.json');
  if (!isFile(path) || !bundle.safeParse(readJson(path)).success) return undefined;
  return { mentions: join(folder, 'mentions'), relations: join(folder, 'relations') };
}
