/**
 * Values as literals of Cypher, so that no text can break out of them.
 *
 * openCypher 9 reads escapes inside string literals only; Neo4j replaces `\uXXXX` anywhere, before it looks for quotes.
 * What is written here means the same to both: no backslash stands before a `u` unless it begins an escape of a character that does no harm.
 */
import { wellFormed } from './identifiers.ts';

export type CypherValue = string | number | null | readonly string[] | readonly number[];

const escapes: Readonly<Record<string, string>> = {
  "'": String.raw`\'`,
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
  '\b': String.raw`\b`,
  '\f': String.raw`\f`,
};

/** A string, on one line; an escaped backslash before a `u` is followed by the escape of that `u`. */
function string(text: string): string {
  const inside = wellFormed(text)
    .replaceAll('\\', '\\\\')
    .replaceAll(/(?<=\\)[uU]/g, unicode)
    .replaceAll(/['\p{Cc}\u2028\u2029\ufeff]/gu, (character) => escapes[character] ?? unicode(character));
  return `'${inside}'`;
}

/** @param options.real - whether numbers are floating-point ones, also when they are whole. Default: integers. */
export function literal(value: CypherValue, { real = false }: { readonly real?: boolean } = {}): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return string(value);
  if (typeof value === 'number') return real && Number.isInteger(value) ? value.toFixed(1) : String(value);
  return `[${value.map((item) => literal(item)).join(', ')}]`;
}

/**
 * A label or relationship type in backticks.
 *
 * Names know no escape that all readers share, so control characters, line ends and backslashes become U+FFFD; properties hold
 * what was there. An empty name, which is none, becomes `_`.
 */
export function name(text: string): string {
  const inside = wellFormed(text).replaceAll(/[\\\p{Cc}\u2028\u2029\ufeff]/gu, '\ufffd');
  return `\`${inside.replaceAll('`', '``') || '_'}\``;
}

const unicode = (character: string): string =>
  String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
