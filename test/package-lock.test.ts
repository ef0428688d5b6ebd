/** `npm ci` installs on every platform: the lock file agrees with the package and leaves no optional package out. */
import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';
import { z } from 'zod';

const names = z.record(z.string(), z.string()).default({});
const entry = z.object({ dependencies: names, devDependencies: names, optionalDependencies: names });
const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'));
const { packages } = z.object({ packages: z.record(z.string(), entry) }).parse(read('package-lock.json'));

test('the lock file asks for what the package asks for', () => {
  expect(packages['']).toEqual(entry.parse(read('package.json')));
});

test('every optional package has an entry', () => {
  // npm leaves out those that its registry lacks, and `npm ci` then refuses the lock file.
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
    ),
  );
  expect(missing).toEqual([]);
});
