/** The rules of the design that a compiler does not check: who imports whom, who prints, what is committed. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** From the bottom up. A folder imports folders of earlier lines and its own, never one of its own line. */
const layers = [
  ['core'],
  ['runtime'],
  ['graph', 'data'],
  ['nn', 'text'],
  ['features'],
  ['models', 'evaluation'],
  ['training', 'prediction'],
  ['server', 'report'],
  ['index.ts'], // the library's public names
  ['cli'],
];

/**
 * Files that import each other. An operation's gradient is made of operations, whose gradients are made of the first:
 * each is only called after all are loaded. The writer of ONNX and the graph share types, which no program loads.
 */
const cyclesAllowed = [
  'graph/graph.ts graph/onnx.ts',
  'graph/ops/_broadcast.ts graph/ops/broadcast-to.ts graph/ops/reduce-sum.ts',
  'graph/ops/gather.ts graph/ops/scatter-add.ts',
  'graph/ops/pad-rows.ts graph/ops/unpad-rows.ts',
  'graph/ops/pad.ts graph/ops/slice.ts',
];

const MOST_LINES = 600;

const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts'));
const text = new Map(files.map((path) => [path, readFileSync(join(root, 'src', path), 'utf8')]));

/** What a file imports, types too: paths of ours from `src/`, and names of packages. */
function importsOf(path: string): { ours: string[]; packages: string[] } {
  const source = text.get(path) ?? '';
  const found = [
    ...source.matchAll(/\bfrom\s+'([^']+)'/g),
    ...source.matchAll(/\bimport\s*\(?\s*'([^']+)'/g),
  ].map((match) => match[1] ?? '');
  return {
    ours: found
      .filter((name) => name.startsWith('.'))
      .map((name) => posix.normalize(posix.join(posix.dirname(path), name))),
    packages: found.filter((name) => !name.startsWith('.')),
  };
}

const folderOf = (path: string): string => path.split('/')[0] ?? '';
const layerOf = (path: string): number => layers.findIndex((line) => line.includes(folderOf(path)));

describe('imports', () => {
  test('every folder has a layer, and every import names a file', () => {
    expect(files.filter((path) => layerOf(path) < 0)).toEqual([]);
    expect(files.length).toBeGreaterThan(50);
    expect(files.flatMap((path) => importsOf(path).ours).filter((path) => !text.has(path))).toEqual([]);
  });

  test('go downwards only', () => {
    const upwards = files.flatMap((path) =>
      importsOf(path)
        .ours.filter((other) => folderOf(other) !== folderOf(path) && layerOf(other) >= layerOf(path))
        .map((other) => `${path} imports ${other}`),
    );
    expect(upwards).toEqual([]);
  });

  test('files whose names begin with an underscore are imported by their own folder only', () => {
    const foreign = files.flatMap((path) =>
      importsOf(path)
        .ours.filter((other) => posix.basename(other).startsWith('_') && dirname(other) !== dirname(path))
        .map((other) => `${path} imports ${other}`),
    );
    expect(foreign).toEqual([]);
  });

  test('make no circle but the known ones', () => {
    expect(circles().sort()).toEqual(cyclesAllowed);
  });

  test('the viewer runs little of src/, and is built again when that changes', () => {
    const page = text.get('prediction/viewer-page.ts') ?? '';
    const sources = readdirSync(join(root, 'web'), { recursive: true, encoding: 'utf8' }).filter((path) =>
      /\.tsx?$/.test(path),
    );
    const used = sources.flatMap((path) =>
      [
        ...readFileSync(join(root, 'web', path), 'utf8').matchAll(
          /\bimport \{[^}]*\} from '[./]+(src\/[^']+)'/g,
        ),
      ].map((match) => match[1] ?? ''),
    );
    expect(used).not.toEqual([]);
    expect(used.filter((path) => !page.includes(`'${path}'`))).toEqual([]);
  });

  test('only runtime/ knows the engine', () => {
    const users = files.filter((path) =>
      importsOf(path).packages.some((name) => name.startsWith('onnxruntime')),
    );
    expect(users.filter((path) => folderOf(path) !== 'runtime')).toEqual([]);
    expect(users).not.toEqual([]);
  });
});

describe('files', () => {
  test('only cli/ prints and exits', () => {
    const prints =
      /\bprocess\s*\.\s*(stdout|stderr|exit|exitCode)\b|\bconsole\b\s*\.|from\s+'(node:)?(console|readline)'/;
    const printing = files.filter((path) => prints.test(text.get(path) ?? ''));
    expect(printing.filter((path) => folderOf(path) !== 'cli')).toEqual([]);
    expect(printing).not.toEqual([]);
  });

  test('none is longer than 600 lines', () => {
    const long = files.filter((path) => (text.get(path) ?? '').split('\n').length > MOST_LINES);
    expect(long).toEqual([]);
  });

  test('every code of the catalogue of errors is used', () => {
    const catalogue = text.get('core/errors.ts') ?? '';
    const codes = [...catalogue.matchAll(/^ {2}(E_\w+): entry/gm)].map((match) => match[1] ?? '');
    const rest = [...text]
      .filter(([path]) => path !== 'core/errors.ts')
      .map(([, source]) => source)
      .join('\n');
    expect(codes.length).toBeGreaterThan(5);
    expect(codes.filter((code) => !rest.includes(`'${code}'`))).toEqual([]);
  });
});

const tracked = trackedFiles();

describe.skipIf(tracked.length === 0)('what is committed', () => {
  test('names no path of the machine it was made on, and no registry', () => {
    const machine = new RegExp(
      [
        ...['work', 'root'].map((folder) => `(?<![\\w.])/${folder}/`),
        String.raw`(?<![\w.])/home/\w`,
        String.raw`https?://[^\s"']*\bregistry\b`,
      ].join('|'),
    );
    const found = tracked.flatMap((path) => {
      const bytes = readFileSync(join(root, path));
      const [match] = bytes.includes(0) ? [] : (bytes.toString('utf8').match(machine) ?? []);
      return match === undefined ? [] : [`${path}: ${match}`];
    });
    expect(found).toEqual([]);
  });

  test('the lock file does not say where packages came from', () => {
    expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toContain('"resolved"');
  });
});

/** Files under version control that are there; none where this is no checkout. */
function trackedFiles(): string[] {
  try {
    const inside = execFileSync('git', ['rev-parse', '--show-cdup'], { cwd: root, encoding: 'utf8' });
    if (inside.trim() !== '') return []; // unpacked inside another project
    const listed = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' });
    const deleted = execFileSync('git', ['ls-files', '-z', '--deleted'], { cwd: root, encoding: 'utf8' });
    const gone = new Set(deleted.split('\0'));
    return listed.split('\0').filter((path) => path !== '' && !gone.has(path));
  } catch {
    return [];
  }
}

/** Groups of files that reach each other (Tarjan's strongly connected components), as sorted names. */
function circles(): string[] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const result: string[] = [];
  const visit = (path: string): number => {
    order.set(path, order.size);
    low.set(path, order.get(path) ?? 0);
    stack.push(path);
    for (const other of importsOf(path).ours) {
      const reached = order.has(other)
        ? stack.includes(other)
          ? order.get(other)
          : undefined
        : visit(other);
      low.set(path, Math.min(low.get(path) ?? 0, reached ?? Infinity));
    }
    if (low.get(path) === order.get(path)) {
      const group = stack.splice(stack.indexOf(path));
      if (group.length > 1) result.push(group.sort().join(' '));
    }
    return low.get(path) ?? 0;
  };
  for (const path of files) if (!order.has(path)) visit(path);
  return result;
}
