import { z } from 'zod';

import { readJson } from '../core/files.ts';
import { fileURLToPath } from 'node:url';

/** The version in package.json, which lies two folders above both `src/cli` and `dist/cli`. */
export function packageVersion(): string {
  const path = fileURLToPath(new URL('../../package.json', import.meta.url));
  return z.object({ version: z.string() }).parse(readJson(path)).version;
}
