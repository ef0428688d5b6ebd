/** Flags of `relata train`, made from the schema of its configuration, so that the two cannot differ. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

import { type Command, Option } from '@commander-js/extra-typings';
import { z } from 'zod';

import { fail } from '../core/errors.ts';
import { readJson } from '../core/files.ts';
import { isEncoderSize } from '../models/bert-config.ts';
import { expectation, flagOf } from '../training/request-issue.ts';
import { isReader, requestSchema, type TrainingRequest } from '../training/request.ts';
import { noRelationOption } from './data-options.ts';

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
  readonly anyOf?: readonly JsonSchema[];
}

/** Lists of something else than files. */
const nameKeys: ReadonlySet<string> = new Set(['without', 'freeze']);

/** Options that name one file. */
const fileKeys: ReadonlySet<string> = new Set(['dev', 'vocabulary', 'wordVectors', 'relations']);

const keys = Object.keys(requestSchema.shape) as (keyof typeof requestSchema.shape)[];

/** Adds one flag for every key of the schema, less those in `except`. */
export function addRequestOptions(command: Command, except: readonly string[] = []): Command {
  for (const key of keys.filter((name) => !except.includes(name)))
    command.addOption(key === 'noRelation' ? (noRelationOption() as unknown as Option) : optionFor(key));
  return command;
}

function optionFor(key: keyof typeof requestSchema.shape): Option {
  const schema = z.toJSONSchema(requestSchema.shape[key], { io: 'input' }) as JsonSchema;
  const { type, default: value } = schema;
  const shown = value === undefined || Array.isArray(value) ? '' : ` (default: ${String(value)})`;
  const argument =
    type === 'boolean'
      ? ''
      : type === 'array'
        ? ` <${nameKeys.has(key) ? 'names' : 'files'}...>`
        : ` <${fileKeys.has(key) ? 'file' : 'value'}>`;
  const option = new Option(`${flagOf(key)}${argument}`, `${schema.description ?? ''}${shown}`);
  if (schema.enum) return option.choices(schema.enum);
  const kinds = (schema.anyOf ?? [schema]).map((part) => part.type ?? 'string');
  // What is no number is passed on, so that the schema says what was expected.
  if (kinds.some((kind) => kind === 'number' || kind === 'integer')) {
    option.argParser((text) => (text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text));
  }
  return option;
}

/** Flags as the keys of a request, paths as they are from anywhere. */
export function commonFrom(flags: Readonly<Record<string, unknown>>): Record<string, unknown> {
  for (const key of ['train', 'dev']) {
    if (flags[key] === undefined)
      throw fail('E_USAGE', {
        what: `Expected ${flagOf(key)}, but it is missing`,
        help: '`relata compare --help` lists every option.',
      });
  }
  const given = keys.flatMap((key) => (flags[key] === undefined ? [] : [[key, flags[key]] as const]));
  return absolute(Object.fromEntries(given));
}

/** Paths as they are from anywhere, so that a run resumes from any folder. */
export function absolute<T extends Readonly<Record<string, unknown>>>(request: T): T {
  const path = (value: unknown): unknown =>
    typeof value === 'string' ? resolve(value) : Array.isArray(value) ? value.map(path) : value;
  const paths = new Set(['train', 'dev', 'trainFacts', 'vocabulary', 'relations', 'wordVectors']);
  const changed = Object.entries(request).flatMap(([key, value]) => {
    const isFolder =
      key === 'encoder' &&
      typeof value === 'string' &&
      !isEncoderSize(value) &&
      !isReader({ system: String(request['system']), encoder: value }) &&
      existsSync(value);
    return value !== undefined && (paths.has(key) || isFolder) ? [[key, path(value)]] : [];
  });
  return { ...request, ...(Object.fromEntries(changed) as Partial<T>) };
}

/** A value as a shell takes it. */
export function quoted(value: unknown): string {
  const text = String(value);
  return /^[\w./:=+,@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The command that trains a request in a folder: its options that are not the defaults. */
export function commandOf(request: TrainingRequest, folder: string): string {
  const flags = keys.flatMap((key) => {
    const value = request[key];
    const initial = (z.toJSONSchema(requestSchema.shape[key], { io: 'input' }) as JsonSchema).default;
    if (value === undefined || JSON.stringify(value) === JSON.stringify(initial)) return [];
    if (value === true) return [flagOf(key)];
    // This flag takes one value: a list would swallow what follows.
    if (key === 'noRelation') return [flagOf(key), quoted(value)];
    return [flagOf(key), ...(Array.isArray(value) ? value.map(quoted) : [quoted(value)])];
  });
  return ['relata train', ...flags, '--out', quoted(folder)].join(' ');
}

/**
 * The request that a configuration file and flags make; a flag wins over the file.
 *
 * @throws RelataError `E_USAGE` naming the flag or key that is missing, unknown or wrong
 */
export function requestFrom(
  flags: Readonly<Record<string, unknown>>,
  configFile: string | undefined,
): TrainingRequest {
  const file = configFile === undefined ? {} : readJson(configFile, 'a configuration file');
  if (typeof file !== 'object' || file === null || Array.isArray(file)) {
    throw fail('E_FIELD', {
      expected: 'a configuration to be an object',
      found: JSON.stringify(file),
      where: String(configFile),
    });
  }
  const given = Object.fromEntries(
    keys.flatMap((key) => (flags[key] === undefined ? [] : [[key, flags[key]]])),
  );
  const merged: Record<string, unknown> = { ...file, ...given };
  const parsed = requestSchema.safeParse(merged);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const key = String(issue?.path[0] ?? '');
  const from = key in given ? flagOf(key) : `${configFile ?? ''}: ${key}`;
  const missing = key !== '' && !(key in merged);
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys.join(', ') : undefined;
  const what =
    unknown !== undefined
      ? `Expected only known keys in ${configFile}, got ${unknown}`
      : missing
        ? `Expected ${flagOf(key)}, but it is missing`
        : `Expected ${from} to be ${expectation(issue)}, got ${JSON.stringify(merged[key])}`;
  throw fail('E_USAGE', { what, help: '`relata train --help` lists every option.' });
}
