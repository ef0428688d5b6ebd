/**
 * HTML and SVG text in which whatever came from outside is escaped.
 *
 * A template's own text is markup; values put into it are text, unless they are markup themselves. So nothing reaches the
 * page unescaped by being forgotten.
 */

/** Markup that was made by `markup` here. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Part = string | number | Markup | null | undefined | false | readonly Part[];

/** @example markup`<td>${name}</td>` */
export function markup(pieces: TemplateStringsArray, ...values: readonly Part[]): Markup {
  let text = pieces[0] ?? '';
  for (const [i, value] of values.entries()) text += textOf(value) + (pieces[i + 1] ?? '');
  return new Markup(text);
}

function textOf(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'number') return String(part);
  if (typeof part === 'string') return escape(part);
  return part.map(textOf).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Characters that no document may hold, and those that turn the direction of the text after them. */
const unfit =
  /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]|[\u{7f}-\u{9f}\u{202a}-\u{202e}\u{2066}-\u{2069}]/gu;

/** Right inside elements and quoted attributes. Unfit characters, half a surrogate pair too, become U+FFFD. */
function escape(text: string): string {
  return text.replace(unfit, '\u{fffd}').replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
