/** An explanation for people: what was said of a pair, what carried it, and which sentences it hangs on. */
import type { Document } from '../data/document.ts';
import type { Explanation } from '../prediction/explanation.ts';
import { wrap } from '../text/display-width.ts';
import {
  bar,
  barLength,
  cut,
  explained,
  fixed,
  isAnswer,
  note,
  type Page,
  signed,
  title,
} from './explanation-page.ts';
import { partsText } from './explanation-parts.ts';
import { sentencesText } from './explanation-sentences.ts';
import { markedText } from './explanation-words.ts';
import { count, paint, percent, table, type Output } from './terminal.ts';

export interface ExplanationTextOptions {
  /** The document that was explained. */
  readonly doc: Document;
  /** Default stdout. */
  readonly output?: Output | undefined;
}

/** Relations that are listed, at least where there are so many; more where more are above the threshold. */
const RELATIONS = 5;
const MOST_RELATIONS = 12;
/** Columns where the output does not say. */
const COLUMNS = 100;
const NARROWEST = 40;

/** As lines that fit the width of the output, painted where it takes colours. */
export function explanationText(
  explanation: Explanation,
  { doc, output = process.stdout }: ExplanationTextOptions,
): string {
  const width = Math.max(NARROWEST, Math.min(output.columns ?? COLUMNS, 120));
  const page: Page = { explanation, doc, output, width };
  return [headline(page), relations(page), partsText(page), words(page), sentencesText(page), missing(page)]
    .flatMap((part) => (part === '' ? [] : [...part.split('\n'), '']))
    .slice(0, -1)
    .flatMap((line) => wrap(line, { columns: width, indent: '    ' }))
    .join('\n');
}

function headline(page: Page): string {
  const { explanation, output, width } = page;
  const { headName, tailName, name, relation, threshold, gate } = explanation;
  const { score } = explained(page);
  const isAbove = score > threshold;
  const called = name === relation ? name : `${name} (${relation})`;
  const fact = `"${headName}" -- ${called} --> "${tailName}": ${fixed(score)}, ${isAbove ? '' : 'not '}above the threshold ${fixed(threshold)}`;
  const verdict =
    gate && !gate.open
      ? `Not an answer of the model: step 1 takes the two for unrelated${isAbove ? ', so the score does not count' : ''}.`
      : isAbove
        ? 'An answer of the model.'
        : 'Not an answer of the model.';
  const lines = [
    ...wrap(fact, { columns: width }).map((line) => paint('bold', line, output)),
    ...wrap(verdict, { columns: width }).map((line) =>
      paint(isAnswer(page) ? 'green' : 'yellow', line, output),
    ),
  ];
  if (gate) {
    const text = `Step 1, are the two related at all? ${fixed(gate.probability)}: ${gate.open ? 'yes' : 'no'}, by a margin of ${signed(gate.margin)} (it must be above 0).`;
    lines.push(...wrap(text, { columns: width }));
  }
  return lines.join('\n');
}

function relations(page: Page): string {
  const { explanation, output, width } = page;
  const { relations: all, threshold, relation } = explanation;
  const above = all.filter(({ score }) => score > threshold).length;
  const shown = all.slice(0, Math.min(MOST_RELATIONS, Math.max(RELATIONS, above)));
  const own = all.find((row) => row.relation === relation);
  if (own && !shown.includes(own)) shown.push(own);
  const isCalibrated = shown.some(({ probability }) => probability !== null);
  const longest = Math.max(...shown.map(({ name }) => name.length));
  const room = Math.min(longest, Math.max(12, width - (isCalibrated ? 58 : 36)));
  const rows = shown.map((row) => [
    row.relation === relation ? '>' : ' ',
    cut(row.name, room),
    row.name === row.relation ? '' : row.relation,
    fixed(row.score),
    paint(row.score > threshold ? 'green' : 'dim', bar(row.score, barLength(page)), output),
    ...(isCalibrated
      ? [row.probability === null ? '' : `right in ${percent(row.probability, 0)} of such cases`]
      : []),
  ]);
  const others = all.length - shown.length;
  return [
    title(
      `${explanation.gate ? 'Step 2, which relation?' : 'Which relation?'} Scores of 0 to 1, an answer above ${fixed(threshold)}`,
      page,
    ),
    table(rows, { align: 'lllrll', header: false, output }),
    ...(others > 0 ? [note(`  and ${count(others)} more below`, page)] : []),
  ].join('\n');
}

function words(page: Page): string {
  const { explanation, doc, output, width } = page;
  if (!explanation.effects) return '';
  return [
    title('Words that moved it, by what the model read', page),
    note(
      `(+) for "${explanation.name}", (-) against; about as many points as the word is worth (gradient times input). [head] and {tail} are marked.`,
      page,
    ),
    markedText(explanation, { doc, output, width }),
  ].join('\n');
}

const missing = (page: Page): string =>
  page.explanation.unavailable === null ? '' : note(page.explanation.unavailable, page);
