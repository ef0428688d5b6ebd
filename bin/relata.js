#!/usr/bin/env node
// Runs the sources in a checkout, the built package elsewhere (or the sources, if it was packed unbuilt).
import { existsSync } from 'node:fs';

const at = (path) => new URL(`../${path}`, import.meta.url);
if (existsSync(at('dist/cli/main.js')) && !existsSync(at('tsconfig.json'))) {
  await import('../dist/cli/main.js');
} else {
  const { register } = await import('tsx/esm/api');
  register();
  await import(at('src/cli/main.ts').href);
}
