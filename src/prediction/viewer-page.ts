/**
 * The viewer: one file of HTML with its script and styles inside, which asks nothing of any network.
 *
 * The package holds it ready made. A checkout builds it when it is first asked for, and again when a source of it changes.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { fail } from '../core/errors.ts';
import { isFile, writeAtomic } from '../core/files.ts';
import { type Extraction, RESULTS_FORMAT } from './extraction.ts';

/** Both `src/prediction` and `dist/prediction` lie two folders below the package's. */
const root = fileURLToPath(new URL('../../', import.meta.url));
const built = join(root, 'dist', 'viewer.html');
const web = join(root, 'web');

/** What `web/index.html` keeps for data; the page reads it when it starts. */
const PLACE = '<script type="application/json" id="relata-data"></script>';

let page: Promise<string> | undefined;

/**
 * The page as a server gives it out.
 *
 * @throws RelataError `E_FILE_MISSING` where it was neither built nor can be
 */
export function viewerPage(): Promise<string> {
  page ??= load();
  return page;
}

/** The same page with extractions inside: opened from a file, it shows them. @throws RelataError as `viewerPage` */
export async function pageWith(data: { readonly extractions: readonly Extraction[] }): Promise<string> {
  // In JSON a "<" occurs in strings only; without it no text can end the element, nor begin a comment.
  const json = JSON.stringify({ format: RESULTS_FORMAT, results: data.extractions }).replaceAll(
    '<',
    '\\u003c',
  );
  const filled = PLACE.replace('></', () => `>${json}</`);
  return (await viewerPage()).replace(PLACE, () => filled);
}

async function load(): Promise<string> {
  if (!existsSync(join(web, 'vite.config.ts'))) {
    if (isFile(built)) return readFileSync(built, 'utf8');
    throw fail('E_FILE_MISSING', { path: built, expected: "the viewer's page" });
  }
  const cached = join(root, 'node_modules', '.cache', 'relata', `viewer-${sourcesHash()}.html`);
  if (isFile(cached)) return readFileSync(cached, 'utf8');
  const html = await build();
  keep(cached, html);
  return html;
}

async function build(): Promise<string> {
  const { build: bundle } = await import('vite');
  const result = await bundle({
    configFile: join(web, 'vite.config.ts'),
    root: web,
    mode: 'production',
    logLevel: 'silent',
    build: { write: false },
  });
  const outputs = (Array.isArray(result) ? result : [result]).flatMap((part) =>
    'output' in part ? part.output : [],
  );
  const html = outputs.find(({ fileName }) => fileName === basename(built));
  if (html?.type === 'asset') return String(html.source);
  throw fail('E_FILE_MISSING', { path: built, expected: "the viewer's page" });
}

/** Only spares the next process the seconds of a build; a folder that may not be written is no error. */
function keep(path: string, html: string): void {
  try {
    writeAtomic(path, [html]);
    for (const name of readdirSync(dirname(path))) {
      if (/^viewer-[0-9a-f]+\.html$/.test(name) && name !== basename(path)) {
        rmSync(join(dirname(path), name), { force: true });
      }
    }
  } catch {
    // It stays in memory.
  }
}

/** Of everything that the page is made of: all of `web/`, what that imports of `src/`, and the versions of packages. */
function sourcesHash(): string {
  const own = readdirSync(web, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const others = [
    'src/data/text-document.ts',
    'src/prediction/evidence.ts',
    'src/prediction/extraction.ts',
    'src/prediction/formats/fact-record.ts',
    'package.json',
  ];
  const hash = createHash('sha256');
  for (const path of [...own, ...others.map((name) => join(root, name))]) {
    hash
      .update(`${path.slice(root.length)}\0`)
      .update(readFileSync(path))
      .update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}
