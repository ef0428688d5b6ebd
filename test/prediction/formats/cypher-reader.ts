/**
 * Reads statements of Cypher back, independently of how they are written.
 *
 * No parser of Cypher runs here as a package, so this is one, by the grammar of openCypher 9 (StringLiteral, EscapedChar, EscapedSymbolicName,
 * UnescapedSymbolicName, DecimalInteger, RegularDecimalReal, ExponentDecimalReal) for the statements that build a graph: MERGE, MATCH and SET.
 */

type Value = string | number | null | Value[];
export type Properties = Record<string, Value>;

export interface Relationship {
  readonly type: string;
  readonly head: string;
  readonly tail: string;
  readonly properties: Properties;
}

export interface Database {
  readonly nodes: Map<string, { readonly labels: Set<string>; readonly properties: Properties }>;
  readonly relationships: Map<string, Relationship>;
}

type Token =
  | { readonly kind: 'string' | 'name'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'sign'; readonly value: string };

const simpleEscapes = new Map([
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

export function tokens(text: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    const sticky = new RegExp(pattern.source, 'yu');
    sticky.lastIndex = at;
    const match = sticky.exec(text)?.[0];
    at += match?.length ?? 0;
    return match;
  };
  while (at < text.length) {
    if (take(/\s+/)) continue;
    const quote = take(/['"]/);
    if (quote !== undefined) {
      let value = '';
      while (text[at] !== quote) {
        if (at >= text.length) throw new Error('a string without end');
        value += text[at] === '\\' ? escaped() : (text[at] ?? '');
        if (text[at] !== '\\') at++;
        else at += escapeLength();
      }
      at++;
      found.push({ kind: 'string', value });
      continue;
    }
    const quotedName = take(/(?:`[^`]*`)+/);
    if (quotedName !== undefined) {
      found.push({ kind: 'name', value: quotedName.slice(1, -1).replaceAll('``', '`') });
      continue;
    }
    const bareName = take(/[\p{ID_Start}\p{Pc}][\p{ID_Continue}\p{Sc}]*/u);
    if (bareName !== undefined) {
      found.push({ kind: 'name', value: bareName });
      continue;
    }
    const number = take(/(?:\d+\.\d+|\.\d+|\d+)(?:[eE]-?\d+)?/);
    if (number !== undefined) {
      found.push({ kind: 'number', value: Number(number) });
      continue;
    }
    const sign = take(/[(){}[\]:,;.=<>-]/);
    if (sign === undefined)
      throw new Error(`not a token of Cypher: ${JSON.stringify(text.slice(at, at + 20))}`);
    found.push({ kind: 'sign', value: sign });
  }
  return found;

  function escapeLength(): number {
    return { u: 6, U: 10 }[text[at + 1] ?? ''] ?? 2;
  }
  function escaped(): string {
    const letter = text[at + 1] ?? '';
    if (letter === 'u' || letter === 'U') {
      const digits = text.slice(at + 2, at + escapeLength());
      if (!/^(?:[\da-f]{4}|[\da-f]{8})$/i.test(digits)) throw new Error('not an escape of Cypher');
      return String.fromCodePoint(Number.parseInt(digits, 16));
    }
    const value = simpleEscapes.get(letter) ?? simpleEscapes.get(letter.toLowerCase());
    if (value === undefined) throw new Error(`not an escape of Cypher: ${letter}`);
    return value;
  }
}

/** Runs statements; MERGE finds by `id` and creates what is not there. */
export function run(
  text: string,
  database: Database = { nodes: new Map(), relationships: new Map() },
): Database {
  const list = tokens(text);
  let at = 0;
  const next = (kind: Token['kind']): string | number => {
    const token = list[at++];
    if (token?.kind !== kind) throw new Error(`expected ${kind}, got ${JSON.stringify(token)}`);
    return token.value;
  };
  const name = (): string => String(next('name'));
  const expectAll = (...values: string[]): void => {
    for (const value of values) {
      const token = list[at++];
      if (token?.value !== value) throw new Error(`expected ${value}, got ${JSON.stringify(token)}`);
    }
  };
  const isNext = (value: string): boolean => list[at]?.kind !== 'string' && list[at]?.value === value;
  const value = (): Value => {
    if (isNext('null')) return (at++, null);
    if (!isNext('[')) return next(list[at]?.kind === 'string' ? 'string' : 'number');
    expectAll('[');
    const values: Value[] = [];
    while (!isNext(']')) {
      if (values.length > 0) expectAll(',');
      values.push(value());
    }
    expectAll(']');
    return values;
  };
  const node = (variable: string): string => {
    expectAll('(', variable, ':', 'Entity', '{', 'id', ':');
    const id = String(next('string'));
    expectAll('}', ')');
    return id;
  };
  const set = (variable: string, properties: Properties, labels?: Set<string>): void => {
    for (let first = true; first || isNext(','); first = false) {
      expectAll(first ? 'SET' : ',', variable);
      if (isNext(':')) {
        expectAll(':');
        labels?.add(name());
        continue;
      }
      expectAll('.');
      const key = name();
      expectAll('=');
      const found = value();
      if (found === null) delete properties[key];
      else properties[key] = found;
    }
    expectAll(';');
  };
  while (at < list.length) {
    const verb = name();
    if (verb === 'CREATE') {
      while (!isNext(';')) at++;
      at++;
    } else if (verb === 'MERGE') {
      const id = node('e');
      const found = database.nodes.get(id) ?? { labels: new Set(['Entity']), properties: { id } };
      database.nodes.set(id, found);
      set('e', found.properties, found.labels);
    } else if (verb === 'MATCH') {
      const head = node('h');
      expectAll(',');
      const tail = node('t');
      expectAll('MERGE', '(', 'h', ')', '-', '[', 'r', ':');
      const type = name();
      expectAll('{', 'id', ':');
      const id = String(next('string'));
      expectAll('}', ']', '-', '>', '(', 't', ')');
      const both = database.nodes.has(head) && database.nodes.has(tail);
      const key = JSON.stringify([head, type, id, tail]);
      const found = database.relationships.get(key) ?? { type, head, tail, properties: { id } };
      if (both) database.relationships.set(key, found);
      set('r', found.properties);
    } else throw new Error(`not a statement: ${verb}`);
  }
  return database;
}
