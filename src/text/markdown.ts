/**
 * The text of a Markdown file, with its places in the file: no markup, code blocks, targets of links, HTML or front matter.
 *
 * Parsed as CommonMark by `mdast-util-from-markdown`, in parts: its time is quadratic in the length of a paragraph, and its memory some
 * kilobytes a line. Tables, footnotes and references to links that are defined in another part are no part of what it parses; they are
 * recognised by their looks.
 */
import { fromMarkdown } from 'mdast-util-from-markdown';

import type { Span } from '../data/text-document.ts';
import { blank, linesOf, WORD_JOINER, type Blocks } from './blocks.ts';

type Root = ReturnType<typeof fromMarkdown>;
type Nodes = Root | Root['children'][number];

/** Characters of a part: where one may end, and where it does even within a paragraph. */
const PART = 4096;
const LONGEST_PART = 8192;

/** Leading metadata: YAML between lines of dashes. */
const LONGEST_FRONT_MATTER = 65_536;
const FRONT_MATTER = /^\uFEFF?---[ \t]*\r?\n(?:[^\r\n]*\r?\n)*?(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const TABLE_LINE = /^[ \t]*\|.*\||^[ \t]*:?-+:?[ \t]*\|[ \t:|-]*$/m;
const TABLE_RULE = /^[ \t:|-]+$/gm;
/** Within a paragraph, at the beginning of a line. */
const QUOTE_MARKS = /(?<=\n)[ \t>]+/g;
/** In text: a reference to a footnote, and the second half of a link to a definition elsewhere. */
const LEFT_OVER =
  /\[\^[^\]\s]{1,40}\]:?|\[(?=[^[\]\n]{1,200}\]\[)|(?<=\[[^[\]\n]{1,200})\]\[[^[\]\n]{0,200}\]/g;
const ESCAPE = /\\(?=[!-/:-@[-`{-~])/g;
const REFERENCE = /&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{1,31});/gi;

/** Characters by reference, of those that the text has used. */
type References = Map<string, string | undefined>;

/** The paragraphs, headings and items of a Markdown text. */
export function markdownBlocks(text: string): Blocks {
  const pieces: string[] = [];
  const spans: Span[] = [];
  const references: References = new Map();
  let start = FRONT_MATTER.exec(text.slice(0, LONGEST_FRONT_MATTER))?.[0].length ?? 0;
  pieces.push(blank(text.slice(0, start)));
  for (const { end, code } of parts(text, start)) {
    const part = text.slice(start, end);
    if (code) pieces.push(blank(part));
    else {
      const blocks = blocksOf(part, references);
      const offset = start;
      pieces.push(blocks.readable);
      spans.push(...blocks.spans.map(([from, to]): Span => [offset + from, offset + to]));
    }
    start = end;
  }
  return { readable: pieces.join(''), spans };
}

/** Where parts of the text end that can be parsed alone, and whether they are the rest of a long block of code. */
function* parts(text: string, from: number): Generator<{ end: number; code: boolean }> {
  let begin = from;
  let fence: string | undefined;
  let cutFence = false;
  let white = false;
  for (const [lineStart, lineEnd] of linesOf(text.slice(from))) {
    const [start, end] = [from + lineStart, from + lineEnd];
    const line = text.slice(start, Math.min(end, start + 80));
    const mayEnd = fence === undefined && white && /^\S/.test(line) && start - begin >= PART;
    if (start > begin && (mayEnd || end - begin > LONGEST_PART)) {
      yield { end: start, code: cutFence };
      begin = start;
      cutFence = fence !== undefined;
    }
    while (end - begin > LONGEST_PART) {
      yield { end: begin + LONGEST_PART, code: cutFence };
      begin += LONGEST_PART;
    }
    white = line.trim() === '';
    const mark = FENCE.exec(line)?.[1];
    if (fence === undefined) fence = mark;
    else if (mark?.startsWith(fence) === true) {
      fence = undefined;
      if (cutFence) {
        yield { end, code: true };
        begin = end;
        cutFence = false;
      }
    }
  }
  if (begin < text.length) yield { end: text.length, code: cutFence };
}

/** The blocks of one part. */
function blocksOf(text: string, references: References): Blocks {
  const spans: Span[] = [];
  const readable: string[] = [];
  let at = 0;
  let current: { readonly block: Nodes; readonly isTable: boolean } | undefined;
  for (const { node, block } of textNodes(fromMarkdown(text))) {
    const place = spanOf(node);
    if (place[0] < at) continue;
    if (current?.block !== block) {
      const span = spanOf(block);
      current = { block, isTable: TABLE_LINE.test(text.slice(...span)) };
      if (current.isTable)
        for (const [start, end] of linesOf(text.slice(...span))) spans.push([span[0] + start, span[0] + end]);
      else spans.push(span);
    }
    readable.push(blank(text.slice(at, place[0])));
    const source = text.slice(...place);
    if (node.type === 'inlineCode')
      readable.push(source.replace(/^`+|`+$|[\n\v\f\r\u0085\u2028\u2029]/g, blank));
    else
      readable.push(
        plain(current.isTable ? source.replace(TABLE_RULE, blank).replaceAll('|', '\t') : source, references),
      );
    at = place[1];
  }
  readable.push(blank(text.slice(at)));
  return { readable: readable.join(''), spans };
}

const spanOf = ({ position }: Nodes): Span => [position?.start.offset ?? 0, position?.end.offset ?? 0];

/** Text and inline code with the paragraph or heading around it, in order. */
function* textNodes(root: Nodes): Generator<{ node: Nodes; block: Nodes }> {
  const waiting: { node: Nodes; block: Nodes }[] = [{ node: root, block: root }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { node, block } = next;
    if (node.type === 'text' || node.type === 'inlineCode') yield next;
    else if ('children' in node && !isAutolink(node)) {
      const inner = node.type === 'paragraph' || node.type === 'heading' ? node : block;
      for (const child of node.children.toReversed()) waiting.push({ node: child, block: inner });
    }
  }
}

/** A link whose text is its target. */
function isAutolink(node: Nodes): boolean {
  if (node.type !== 'link') return false;
  const [text] = node.children;
  return (
    node.children.length === 1 && text?.type === 'text' && node.url.replace(/^mailto:/, '') === text.value
  );
}

/** The source of a text without its own markup, and character references as the characters that they stand for. */
function plain(source: string, references: References): string {
  const line = source.replace(QUOTE_MARKS, blank).replace(/[\n\v\f\r\u0085\u2028\u2029]/g, '\t');
  if (!/[\\&[]/.test(line)) return line;
  return line
    .replace(ESCAPE, '\t')
    .replace(LEFT_OVER, blank)
    .replace(REFERENCE, (reference) => {
      const character = characterOf(reference, references);
      if (character === undefined) return reference;
      if (character.trim() === '') return blank(reference);
      return character + WORD_JOINER.repeat(reference.length - character.length);
    });
}

/** What a character reference stands for, if for anything. */
function characterOf(reference: string, references: References): string | undefined {
  if (!references.has(reference)) {
    const [paragraph] = fromMarkdown(reference).children;
    const text = paragraph?.type === 'paragraph' ? paragraph.children[0] : undefined;
    references.set(reference, text?.type === 'text' && text.value.length <= 2 ? text.value : undefined);
  }
  return references.get(reference);
}
