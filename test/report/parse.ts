/**
 * A strict reader of HTML and SVG, apart from the code that writes them: every element is closed in order, attributes are quoted,
 * `<`, `>` and `&` stand for themselves nowhere.
 */

export interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: (Element | string)[];
}

const empty = new Set(['meta', 'input', 'br', 'hr', 'img', 'link']);
const references = new Map([
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&#39;', "'"],
]);

/** @throws Error where the text is not well-formed */
export function parse(text: string): Element {
  const root: Element = { name: '', attributes: new Map(), children: [] };
  const open = [root];
  let at = text.startsWith('<!doctype html>') ? '<!doctype html>'.length : 0;
  while (at < text.length) {
    const top = open.at(-1) ?? root;
    if (top.name === 'style' && !text.startsWith('</style>', at)) {
      const end = text.indexOf('</', at);
      top.children.push(text.slice(at, end));
      at = end;
    } else if (text[at] === '<') {
      const tag = /^<(\/?)([A-Za-z][A-Za-z0-9]*)((?:\s+[A-Za-z][\w:-]*(?:="[^"<>]*")?)*)\s*(\/?)>/.exec(
        text.slice(at, at + 100_000),
      );
      if (tag === null) throw new Error(`no tag: ${text.slice(at, at + 60)}`);
      const [whole, closing, name = '', inside = '', selfClosing] = tag;
      at += whole.length;
      if (closing) {
        if (open.pop()?.name !== name)
          throw new Error(`</${name}> closes ${top.name}: ${text.slice(at - 60, at)}`);
      } else {
        const element: Element = { name, attributes: attributesOf(inside), children: [] };
        top.children.push(element);
        if (!selfClosing && !empty.has(name)) open.push(element);
      }
    } else {
      const end = text.indexOf('<', at);
      top.children.push(decoded(text.slice(at, end < 0 ? undefined : end)));
      at = end < 0 ? text.length : end;
    }
  }
  if (open.length !== 1) throw new Error(`${open.at(-1)?.name} is not closed`);
  return root;
}

/** All elements of a name below one, in order. */
export function all(element: Element, name: string): Element[] {
  return element.children.flatMap((child) =>
    typeof child === 'string' ? [] : [...(child.name === name ? [child] : []), ...all(child, name)],
  );
}

/** What is read, styles apart; pieces of different elements have a space between them. */
export function textOf(element: Element): string {
  return element.children
    .map((child) => (typeof child === 'string' ? child : child.name === 'style' ? '' : ` ${textOf(child)} `))
    .join('')
    .replace(/[ \n]+/g, ' ')
    .trim();
}

/** An attribute that has to be there. */
export function attribute(element: Element, name: string): string {
  const value = element.attributes.get(name);
  if (value === undefined) throw new Error(`<${element.name}> has no ${name}`);
  return value;
}

function attributesOf(text: string): Map<string, string> {
  const found = [...text.matchAll(/([A-Za-z][\w:-]*)(?:="([^"]*)")?/g)];
  const result = new Map(found.map(([, name = '', value = '']) => [name, decoded(value)]));
  if (result.size < found.length) throw new Error(`an attribute comes twice: ${text}`);
  return result;
}

function decoded(text: string): string {
  if (text.includes('>')) throw new Error(`a bare > in ${text}`);
  return text.replace(/&[^;]{0,8};?/g, (reference) => {
    const character = references.get(reference);
    if (character === undefined) throw new Error(`a bare & or an unknown reference: ${reference}`);
    return character;
  });
}
