/** Files that people have, as sources to extract from: texts, Markdown, documents in DocRED's form. */
import { basename } from 'node:path';
import { statSync } from 'node:fs';

import { fail } from '../core/errors.ts';
import { readBytes } from '../core/files.ts';
import { annotate, type Annotation, type OffsetUnit } from '../data/annotations.ts';
import { readDocuments } from '../data/read.ts';
import { MAX_TEXT_CHARACTERS } from '../text/limits.ts';
import { segmentText } from '../text/segment.ts';
import type { Source } from './extract.ts';

/** How a file is read; `auto` goes by its name. */
export const inputForms = ['auto', 'text', 'markdown', 'documents'] as const;
export type InputForm = (typeof inputForms)[number];

export interface ReadSourcesOptions {
  /** Default `auto`: .md and .markdown, .json and .jsonl (also gzipped), everything else is plain text. */
  readonly form?: InputForm;
  /** Mentions of the texts, which are then not looked for. */
  readonly annotations?: readonly Annotation[] | undefined;
  /** What the annotations' offsets count; default UTF-16 code units. */
  readonly unit?: OffsetUnit;
  /** What stands for `-`. */
  readonly standardInput?: () => Promise<Uint8Array>;
}

/**
 * Sources of files, one after the other. A text is titled by its file's name, without its ending.
 *
 * @throws RelataError `E_USAGE` for annotations of other texts, or of no text in particular where there are several; `E_FILE_MISSING`; `E_TEXT` for a file that is no text or too long; as `readDocuments` and `annotate`
 */
export async function* readSources(
  paths: readonly string[],
  { form = 'auto', annotations, unit, standardInput }: ReadSourcesOptions = {},
): AsyncGenerator<Source> {
  mustBeOfTexts(annotations ?? [], paths.map(titleOf));
  for (const path of paths) {
    const as = form === 'auto' ? formOf(path) : form;
    if (as === 'documents') {
      if (annotations !== undefined) {
        throw fail('E_USAGE', {
          what: `Expected a text beside --entities, got documents in DocRED's form (${path})`,
          help: 'Their entities stand in their vertexSet; leave --entities out, or give the text.',
        });
      }
      for await (const doc of readDocuments(path)) yield { kind: 'document', doc };
      continue;
    }
    const bytes = path === '-' ? await standardInput?.() : readBounded(path);
    const text = decodeText(bytes ?? new Uint8Array(0), path);
    const title = titleOf(path);
    const source = { kind: 'text', title, text, markdown: as === 'markdown' } as const;
    if (annotations === undefined) {
      yield source;
      continue;
    }
    const own = annotations.filter(
      (annotation) => annotation.title === undefined || annotation.title === title,
    );
    yield { kind: 'annotated', ...annotate(segmentText(source), own, unit === undefined ? {} : { unit }) };
  }
}

const titleOf = (path: string): string =>
  path === '-' ? 'standard input' : basename(path).replace(/\.(txt|text|md|markdown)$/i, '');

/** Refuses what would leave texts without any entities, or give them those of another. */
function mustBeOfTexts(annotations: readonly Annotation[], titles: readonly string[]): void {
  if (titles.length > 1 && annotations.some(({ title }) => title === undefined)) {
    throw fail('E_USAGE', {
      what: `Expected every annotation of --entities to name its text, of which there are ${titles.length}, got one without a title`,
      help: "A text's title is the name of its file without its ending; or read one text at a time.",
    });
  }
  const others = annotations.flatMap(({ title }) => title ?? []);
  if (others.length > 0 && others.length === annotations.length && !others.some((t) => titles.includes(t))) {
    throw fail('E_USAGE', {
      what: `Expected annotations of --entities for ${named(titles)}, got only those of other texts (${named(others)})`,
      help: "A text's title is the name of its file without its ending.",
    });
  }
}

/** The first few of some titles. */
function named(titles: readonly string[]): string {
  const all = [...new Set(titles)];
  return `${all.slice(0, 3).map(quoted).join(', ')}${all.length > 3 ? ', ...' : ''}`;
}

const quoted = (title: string): string => `"${title.length > 60 ? `${title.slice(0, 60)}…` : title}"`;

function formOf(path: string): Exclude<InputForm, 'auto'> {
  if (/\.(json|jsonl)(\.gz)?$/i.test(path)) return 'documents';
  return /\.(md|markdown)$/i.test(path) ? 'markdown' : 'text';
}

/** Bytes of a character in UTF-8, at most; of a UTF-16 code unit, 3. */
const BYTES_PER_CHARACTER = 4;

function readBounded(path: string): Uint8Array {
  const expected = 'a text';
  const { size } = statSync(path, { throwIfNoEntry: false }) ?? { size: 0 };
  if (size > MAX_TEXT_CHARACTERS * BYTES_PER_CHARACTER) throw tooLong(path, `${size} bytes`);
  return readBytes(path, expected);
}

/**
 * Bytes as text: UTF-8, or UTF-16 where a byte order mark says so. Every character stays, the mark too, so that offsets of other
 * programs fit.
 *
 * @throws RelataError `E_TEXT`
 */
function decodeText(bytes: Uint8Array, where: string): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  let text: string;
  try {
    text = new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw fail('E_TEXT', { where, reason: 'it is not UTF-8' }, { cause: error });
  }
  if (text.length > MAX_TEXT_CHARACTERS) throw tooLong(where, `${text.length} characters`);
  // Images and archives happen to be valid UTF-8 at times; no text has this character.
  if (text.includes('\0'))
    throw fail('E_TEXT', { where, reason: 'it holds NUL characters, so it is no text' });
  return text;
}

const tooLong = (where: string, size: string): Error =>
  fail('E_TEXT', { where, reason: `it has ${size}, more than ${MAX_TEXT_CHARACTERS} characters` });
