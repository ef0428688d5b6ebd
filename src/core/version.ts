/** Which Relata this is. */
import { fileURLToPath } from 'node:url';

import { z } from 'zod';

import { readJson } from './files.ts';

/** The version in package.json, which lies two folders above both `src/core` and `dist/core`. */
export function packageVersion(): string {
  const path = fileURLToPath(new URL('../../package.json', import.meta.url));
  return z.object({ version: z.string() }).parse(readJson(path)).version;
}
