/** What the parts of the document check share: its options, where they report, and how they read keys. */
import { quote, show, type ProblemCode } from './problem.ts';

export interface CheckOptions {
  /** Relation ids that labels may name; default: any. */
  readonly relations?: ReadonlySet<string> | undefined;
  /** Relation ids that mean "no relation": their labels are dropped, unchecked. */
  readonly noRelation?: readonly string[] | undefined;
  /** Pieces that the encoder makes of a word; default: a rule for words without a visible character. */
  readonly piecesOf?: ((word: string) => number) | undefined;
  /** Pieces (words, without `piecesOf`) that the encoder reads at once; default 510. */
  readonly encoderLimit?: number | undefined;
  /** Whether to look for warnings too; default true. Reading does not, which is faster. */
  readonly warnings?: boolean | undefined;
}

/** What the parts of the check share. */
export interface Check extends CheckOptions {
  readonly warnings: boolean;
  /** Whether an error was reported. */
  failed: boolean;
  /** Notes a problem at `path`; its severity follows from `code`. */
  readonly report: (code: ProblemCode, path: string, message: string) => void;
}

/** The value of a required key; reports its absence. */
export function required(object: Record<string, unknown>, key: string, path: string, check: Check): unknown {
  const value = object[key];
  if (value === undefined) check.report('missing-key', path, `Expected the key ${quote(key)}, got nothing`);
  return value;
}

/** Whether `value` is a JSON object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reports that `value`, found at `key` of the object at `path`, is absent or not `expected`. */
export function wrongValue(value: unknown, key: string, expected: string, path: string, check: Check): void {
  if (value === undefined) check.report('missing-key', path, `Expected the key ${quote(key)}, got nothing`);
  else check.report('wrong-type', `${path}.${key}`, `Expected ${key} to be ${expected}, got ${show(value)}`);
}
