/** Flags of a command, made from the schema of its configuration, so that the two cannot differ. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

import { type Command, Option } from '@commander-js/extra-typings';
import { z } from 'zod';

import { fail } from '../core/errors.ts';
import { readJson } from '../core/files.ts';
import { expectation, flagOf } from '../training/request-issue.ts';

/** What the flags of a command are made from. */
export interface RequestForm<S extends z.ZodObject = z.ZodObject> {
  /** The command, such as "train". */
  readonly name: string;
  /** Its keys are the flags. */
  readonly schema: S;
  /** Keys that hold the path of a file, or several. */
  readonly files: ReadonlySet<string>;
  /** Whether an encoder goes by its name, also where a folder is called so. */
  readonly isEncoderName: (encoder: string, request: Readonly<Record<string, unknown>>) => boolean;
  /** Flags that are made elsewhere, by key. They take their values with commas between them. */
  readonly made?: Readonly<Record<string, () => Option>>;
}

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
  readonly anyOf?: readonly JsonSchema[];
}

/** Adds one flag for every key of the schema, less those in `except`. */
export function addRequestOptions(
  command: Command,
  form: RequestForm,
  except: readonly string[] = [],
): Command {
  for (const key of keysOf(form).filter((name) => !except.includes(name)))
    command.addOption(form.made?.[key]?.() ?? optionFor(form, key));
  return command;
}

function optionFor(form: RequestForm, key: string): Option {
  const schema = schemaOf(form, key);
  const { type, default: value } = schema;
  const shown = value === undefined || Array.isArray(value) ? '' : ` (default: ${String(value)})`;
  const isFile = form.files.has(key);
  const argument =
    type === 'boolean'
      ? ''
      : type === 'array'
        ? ` <${isFile ? 'files' : 'names'}...>`
        : ` <${isFile ? 'file' : 'value'}>`;
  const option = new Option(`${flagOf(key)}${argument}`, `${schema.description ?? ''}${shown}`);
  if (schema.enum) return option.choices(schema.enum);
  const kinds = (schema.anyOf ?? [schema]).map((part) => part.type ?? 'string');
  // What is no number is passed on, so that the schema says what was expected.
  if (kinds.some((kind) => kind === 'number' || kind === 'integer')) {
    option.argParser((text) => (text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text));
  }
  return option;
}

/** Those of a command's flags that are keys of its request. */
export function givenOf(
  form: RequestForm,
  flags: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    keysOf(form).flatMap((key) => (flags[key] === undefined ? [] : [[key, flags[key]] as const])),
  );
}

/**
 * The request that a configuration file and flags make; a flag wins over the file.
 *
 * @throws RelataError `E_USAGE` naming the flag or key that is missing, unknown or wrong
 */
export function requestFrom<S extends z.ZodObject>(
  form: RequestForm<S>,
  flags: Readonly<Record<string, unknown>>,
  configFile: string | undefined,
): z.infer<S> {
  const file = configFile === undefined ? {} : readJson(configFile, 'a configuration file');
  if (typeof file !== 'object' || file === null || Array.isArray(file)) {
    throw fail('E_FIELD', {
      expected: 'a configuration to be an object',
      found: JSON.stringify(file),
      where: String(configFile),
    });
  }
  const given = givenOf(form, flags);
  const merged: Record<string, unknown> = { ...file, ...given };
  const parsed = form.schema.safeParse(merged);
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
  throw fail('E_USAGE', { what, help: `\`relata ${form.name} --help\` lists every option.` });
}

/** Paths as they are from anywhere, so that a run resumes from any folder. */
export function absolute<T extends Readonly<Record<string, unknown>>>(form: RequestForm, request: T): T {
  const path = (value: unknown): unknown =>
    typeof value === 'string' ? resolve(value) : Array.isArray(value) ? value.map(path) : value;
  const changed = Object.entries(request).flatMap(([key, value]) => {
    const isFolder =
      key === 'encoder' &&
      typeof value === 'string' &&
      !form.isEncoderName(value, request) &&
      existsSync(value);
    return value !== undefined && (form.files.has(key) || isFolder) ? [[key, path(value)]] : [];
  });
  return { ...request, ...(Object.fromEntries(changed) as Partial<T>) };
}

/** A value as a shell takes it. */
export function quoted(value: unknown): string {
  const text = String(value);
  return /^[\w./:=+,@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The command that runs a request in a folder: its options that are not the defaults. */
export function commandOf<S extends z.ZodObject>(
  form: RequestForm<S>,
  request: z.infer<S>,
  folder: string,
): string {
  const flags = Object.entries(givenOf(form, request)).flatMap(([key, value]) => {
    if (JSON.stringify(value) === JSON.stringify(schemaOf(form, key).default)) return [];
    if (value === true) return [flagOf(key)];
    // Such a flag takes one value: a list would swallow what follows.
    if (form.made?.[key] !== undefined) return [flagOf(key), quoted(value)];
    return [flagOf(key), ...(Array.isArray(value) ? value.map(quoted) : [quoted(value)])];
  });
  return [`relata ${form.name}`, ...flags, '--out', quoted(folder)].join(' ');
}

const keysOf = ({ schema }: RequestForm): string[] => Object.keys(schema.shape);

function schemaOf({ schema }: RequestForm, key: string): JsonSchema {
  return z.toJSONSchema(schema.shape[key] as z.ZodType, { io: 'input' }) as JsonSchema;
}
