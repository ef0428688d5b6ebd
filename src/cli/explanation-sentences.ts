/** What a printed explanation says of a document's sentences: the score without each of them. */
import type { Explanation } from '../prediction/explanation.ts';
import { cut, fixed, isAnswer, note, type Page, signed, title } from './explanation-page.ts';
import { count, paint, table } from './terminal.ts';

/** Sentences that are listed. */
const SENTENCES = 6;
/** Columns from which on a sentence is shown by its beginning, and what the numbers before it take. */
const [WIDE, NUMBERS] = [84, 64];
/** A change of score that is worth a line. */
const NOTABLE = 0.005;

export function sentencesText(page: Page): string {
  const { explanation, doc, output, width } = page;
  const { sentences: all, headName, tailName } = explanation;
  const notable = all
    .filter((row) => Math.abs(row.change) >= NOTABLE || turns(page, row))
    .toSorted((a, b) => Number(turns(page, b)) - Number(turns(page, a)));
  const shown = notable.slice(0, SENTENCES);
  const rows = shown.map((row) => {
    const { sentence, score, change } = row;
    const alone = missingNames(page, sentence).map(
      (entity) => `"${cut(entity === 'head' ? headName : tailName, 24)}"`,
    );
    const what =
      score === null
        ? `only there: ${alone.join(' and ')}`
        : `score ${change < 0 ? 'rises' : 'falls'} to ${fixed(score)}`;
    const turn = turns(page, row) ? (isAnswer(page) ? ', no longer an answer' : ', then an answer') : '';
    return [
      `  [${sentence}]`,
      signed(-change),
      what + turn,
      ...(width < WIDE
        ? []
        : [paint('dim', cut((doc.sents[sentence] ?? []).join(' '), width - NUMBERS), output)]),
    ];
  });
  const others = all.length - shown.length;
  const largest = all.reduce(
    (most, row) => (shown.includes(row) ? most : Math.max(most, Math.abs(row.change))),
    0,
  );
  const which =
    shown.length > 0 ? (others === 1 ? 'the other one' : `the other ${count(others)}`) : 'each of them';
  const left = doc.sents.length - all.length;
  return [
    title('What each sentence is worth: the score if it were not there', page),
    ...(rows.length > 0 ? [table(rows, { align: 'lrll', header: false, output })] : []),
    ...(others > 0
      ? [
          note(
            `  ${which} would change it by ${largest < NOTABLE ? `less than ${NOTABLE}` : `${fixed(largest)} at most`}`,
            page,
          ),
        ]
      : []),
    ...(left > 0
      ? [note(`  ${count(left)} sentences far from the two, or empty, were not tried`, page)]
      : []),
  ].join('\n');
}

/** Whether that is another one without a sentence. */
const turns = (page: Page, { score, open }: Explanation['sentences'][number]): boolean =>
  isAnswer(page) !== (score !== null && score > page.explanation.threshold && open !== false);

/** Which of the two is named in this sentence alone. */
function missingNames({ doc, explanation }: Page, sentence: number): ('head' | 'tail')[] {
  return (['head', 'tail'] as const).filter((which) =>
    doc.vertexSet[explanation[which]]?.every(({ sent_id }) => sent_id === sentence),
  );
}
