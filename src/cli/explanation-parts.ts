/** A printed logit in its parts: the two entities, their distance, each mention. */
import { firstMentionWords } from '../data/word-distance.ts';
import {
  bar,
  barLength,
  colours,
  cut,
  explained,
  fixed,
  note,
  type Page,
  signed,
  title,
} from './explanation-page.ts';
import { count, paint, table } from './terminal.ts';

/** Mentions that are listed. */
const MENTIONS = 8;

export function partsText(page: Page): string {
  const { explanation, doc, output } = page;
  const { logit, headName, tailName, head, tail, name } = explanation;
  if (!logit) return '';
  const starts = firstMentionWords(doc);
  const far = Math.abs((starts[head] ?? 0) - (starts[tail] ?? 0));
  const { plus, minus } = colours;
  const most = Math.max(...[logit.entities, logit.distance, logit.bias, logit.total].map(Math.abs));
  const row = (text: string, value: number): string[] => [
    `  ${text}`,
    signed(value),
    paint(value < 0 ? minus : plus, bar(Math.abs(value) / (most || 1), barLength(page)), output),
  ];
  const sum = table(
    [
      row('the two entities', logit.entities),
      row(`their distance, ${count(far)} ${far === 1 ? 'word' : 'words'}`, logit.distance),
      row('the relation itself (bias)', logit.bias),
      row(`sum, a score of ${fixed(explained(page).score)}`, logit.total),
    ],
    { align: 'lrl', header: false, output },
  );
  const side = (which: 'head' | 'tail'): string =>
    [
      `The two entities' ${signed(logit.entities)} by mentions of ${which === 'head' ? `"${headName}"` : `"${tailName}"`}`,
      mentionRows(page, which),
    ].join('\n');
  return [
    title(`What "${name}" is made of`, page),
    note(
      'Points for (+) and against (-) it; their sum, the logit, is the score on another scale: 0 is a score of 0.50, +2 is 0.88, -2 is 0.12.',
      page,
    ),
    sum,
    side('head'),
    side('tail'),
  ].join('\n');
}

/** Mentions with their points, the largest first. */
function mentionRows(page: Page, which: 'head' | 'tail'): string {
  const { explanation, doc, output, width } = page;
  const { logit } = explanation;
  const points = (which === 'head' ? logit?.headMentions : logit?.tailMentions) ?? [];
  const shares = (which === 'head' ? logit?.headWords : logit?.tailWords) ?? [];
  const mentions = (doc.vertexSet[explanation[which]] ?? [])
    .map((mention, i) => ({ mention, value: points[i] ?? 0 }))
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const rows = mentions.slice(0, MENTIONS).map(({ mention: { sent_id, pos, name }, value }) => {
    const words = (doc.sents[sent_id] ?? []).slice(...pos);
    const text = words.map((word, i) => {
      const own = shares.find(({ sentence, word: at }) => sentence === sent_id && at === pos[0] + i);
      return words.length > 1 && own ? `${word} ${signed(own.share)}` : word;
    });
    return [`  ${signed(value)}`, `sentence ${sent_id}`, cut(text.join(', ') || name, width - 24)];
  });
  const rest = mentions.slice(MENTIONS);
  const sum = rest.reduce((total, { value }) => total + value, 0);
  return [
    table(rows, { align: 'rll', header: false, output }),
    ...(rest.length > 0 ? [note(`  and ${signed(sum)} of ${count(rest.length)} more mentions`, page)] : []),
  ].join('\n');
}
