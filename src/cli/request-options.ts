/** Flags of `relata train`, made from the schema of its configuration, so that the two cannot differ. */
import { type Command, Option } from '@commander-js/extra-typings';
import { z } from 'zod';

import { fail } from '../core/errors.ts';
import { readJson } from '../core/files.ts';
import { requestSchema, type TrainingRequest } from '../training/request.ts';
import { noRelationOption } from './data-options.ts';

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
  readonly anyOf?: readonly JsonSchema[];
}

const keys = Object.keys(requestSchema.shape) as (keyof typeof requestSchema.shape)[];

/** `batchPieces` as `--batch-pieces`. */
export const flagOf = (key: string): string =>
  `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Adds one flag for every key of the schema. */
export function addRequestOptions(command: Command): Command {
  for (const key of keys)
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
        ? ' <files...>'
        : ` <${key === 'dev' || key === 'vocabulary' || key === 'relations' ? 'file' : 'value'}>`;
  const option = new Option(`${flagOf(key)}${argument}`, `${schema.description ?? ''}${shown}`);
  if (schema.enum) return option.choices(schema.enum);
  const kinds = (schema.anyOf ?? [schema]).map((part) => part.type ?? 'string');
  // What is no number is passed on, so that the schema says what was expected.
  if (kinds.some((kind) => kind === 'number' || kind === 'integer')) {
    option.argParser((text) => (text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text));
  }
  return option;
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

/** What the schema asks for, in words that follow "to be". */
function expectation(issue: z.core.$ZodIssue | undefined): string {
  switch (issue?.code) {
    case 'too_small':
      return `${issue.inclusive === true ? 'at least' : 'above'} ${issue.minimum}${unit(issue.origin)}`;
    case 'too_big':
      return `${issue.inclusive === false ? 'below' : 'at most'} ${issue.maximum}${unit(issue.origin)}`;
    case 'invalid_value':
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.join(', ')}`;
    case 'invalid_type':
      return kindNames[issue.expected] ?? issue.expected;
    case 'invalid_union':
      return issue.errors.map(([first]) => expectation(first)).join(' or ');
    default:
      return `valid (${issue?.message ?? 'it is not'})`;
  }
}

const kindNames: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
};

const unit = (origin: string): string => (origin === 'array' ? ' file(s)' : '');
