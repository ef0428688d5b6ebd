/** A table in a box of its own that scrolls sideways where the page is narrow. */
import { markup, type Markup, type Part } from './markup.ts';

export interface Table {
  /** What the table is, above it. */
  readonly caption: Part;
  /** For those who hear the page. */
  readonly name: string;
  /** Rows of the head, `<tr>`s. */
  readonly head: Part;
  /** Groups of rows, each a `<tbody>`. */
  readonly bodies: readonly Part[];
  /** More columns than a page of paper is wide. */
  readonly wide?: boolean;
}

export function table({ caption, name, head, bodies, wide = false }: Table): Markup {
  return markup`<div class="scroll${wide && ' wide'}" role="region" aria-label="${name}" tabindex="0"><table><caption>${caption}</caption><thead>${head}</thead>${bodies.map((body) => markup`<tbody>${body}</tbody>`)}</table></div>`;
}

export interface HeadingOptions {
  readonly text?: boolean;
  readonly span?: number;
  readonly rows?: number;
  /** First column of a group. */
  readonly first?: boolean;
}

/** Heading of a column of numbers (of words with `text`), or of `span` columns. */
export function heading(
  content: Part,
  { text = false, span = 1, rows = 1, first = false }: HeadingOptions = {},
): Markup {
  const classes = [text ? 'text' : '', span > 1 ? 'group' : '', first ? 'first' : '']
    .filter(Boolean)
    .join(' ');
  return markup`<th scope="${span > 1 ? 'colgroup' : 'col'}"${span > 1 && markup` colspan="${span}"`}${rows > 1 && markup` rowspan="${rows}"`}${classes !== '' && markup` class="${classes}"`}>${content}</th>`;
}

/** Heading of a row. */
export function rowHeading(content: Part): Markup {
  return markup`<th scope="row">${content}</th>`;
}

export interface CellOptions {
  /** The best of its column. */
  readonly best?: boolean;
  /** Somebody else's, or of minor interest. */
  readonly quiet?: boolean;
  readonly text?: boolean;
  /** Text that may have several lines. */
  readonly long?: boolean;
  /** First column of a group. */
  readonly first?: boolean;
}

export function cell(
  content: Part,
  { best = false, quiet = false, text = false, long = false, first = false }: CellOptions = {},
): Markup {
  const classes = [
    best && 'best',
    quiet && 'quiet',
    (text || long) && 'text',
    long && 'long',
    first && 'first',
  ]
    .filter(Boolean)
    .join(' ');
  return markup`<td${classes !== '' && markup` class="${classes}"`}>${content}</td>`;
}

/** A number with a bar below it, `share` of the cell's width. */
export function barCell(
  content: Part,
  share: number,
  { best = false, more }: { best?: boolean; more?: Part } = {},
): Markup {
  const width = Math.round(Math.min(1, Math.max(0, share)) * 1000) / 10;
  return markup`<td class="bar${best && ' best'}">${content}${more}<svg class="inline-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect width="100" height="4" class="track"/><rect width="${width}" height="4" class="fill"/></svg></td>`;
}
