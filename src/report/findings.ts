/** What the comparison says, in sentences: the best system, and the paper's two claims. */
import type { BootstrapResult, Comparison } from './comparison.ts';
import { fixed, probability, score, scoreDifference, scoreSpread, shortened } from './numbers.ts';
import { paperF1, table2, table3 } from './paper.ts';
import { byDevF1, devF1, measured, type Row } from './rows.ts';

/** Sentences shorten longer names; tables hold them whole. */
const LONGEST_NAME = 48;

/** Differences below it print as 0.00. */
const EQUAL = 0.00005;

/** A difference between two rows, and the bootstrap of one pair of their runs where there is one. */
interface Difference {
  readonly a: Row;
  readonly b: Row;
  /** Of the mean dev F1. */
  readonly value: number;
  /** Turned so that it is a's score less b's. */
  readonly bootstrap: BootstrapResult | undefined;
}

export interface Findings {
  readonly best: Row;
  readonly headline: string;
  /** The first is the one about the headline. */
  readonly sentences: readonly string[];
}

/** @param rows - of the comparison */
export function findings(comparison: Comparison, rows: readonly [Row, ...Row[]]): Findings {
  const [first, second] = byDevF1(rows);
  const best = first ?? rows[0];
  const sentences = [bestSentence(comparison, best)];
  if (second !== undefined) sentences.push(aheadSentence(difference(comparison, best, second)));
  return {
    best,
    headline: `${name(best)} ${rows.length > 1 ? 'is best with' : 'reaches'} ${score(devF1(best))} F1 on dev`,
    sentences: [...sentences, ...claims(comparison, rows)],
  };
}

function bestSentence({ data }: Comparison, best: Row): string {
  const dev = data.find(({ role }) => role === 'dev');
  const ours = scoreSpread(measured(best, (run) => run.dev.f1));
  const test = measured(best, (run) => run.test?.f1 ?? null);
  const paper = paperF1(best);
  return [
    `F1 ${ours}${seeds(best)}`,
    dev
      ? ` on the ${dev.documents.toLocaleString('en-US')} documents of ${shortened(dev.file, LONGEST_NAME)}`
      : '',
    test ? `, ${scoreSpread(test)} on test` : '',
    paper ? `; the paper has ${score(paper.dev)} on its own dev documents` : '',
    '.',
  ].join('');
}

function aheadSentence({ b, value, bootstrap }: Difference): string {
  const lead = value < EQUAL ? `${name(b)} has the same F1` : `It is ${score(value)} F1 ahead of ${name(b)}`;
  return bootstrap === undefined
    ? `${lead}; no bootstrap says how much of that is chance.`
    : `${lead}. ${intervalText(bootstrap)}`;
}

/** The paper's: SentModel is about as good as BiLSTM; two steps are better than one. */
function claims(comparison: Comparison, rows: readonly Row[]): string[] {
  const found: string[] = [];
  const oneOf = (system: Row['system'], twoStep: boolean): Row | undefined =>
    byDevF1(rows.filter((row) => row.system === system && row.twoStep === twoStep))[0];
  const [sentence, bilstm] = [oneOf('sentence', false), oneOf('bilstm', false)];
  if (sentence && bilstm) {
    const [theirs, ours] = [table3.find(({ system }) => system === 'sentence'), table3[0]];
    found.push(
      `The paper finds that ${name(sentence)} (${score(theirs?.f1)}), which reads sentence by sentence, is about as good as ${name(bilstm)} (${score(ours?.f1)}). ${hereText(difference(comparison, sentence, bilstm))}`,
    );
  }
  for (const system of new Set(rows.map((row) => row.system))) {
    const [two, one] = [oneOf(system, true), oneOf(system, false)];
    if (!two || !one) continue;
    const [paperTwo, paperOne] = [paperF1(two), paperF1(one)];
    const claim =
      paperTwo && paperOne
        ? `The paper's two steps add ${score(paperTwo.dev - paperOne.dev)} F1 to ${table2.find((row) => row.system === system)?.label ?? name(one)} on dev. `
        : '';
    found.push(claim + hereText(difference(comparison, two, one)));
  }
  return found;
}

function hereText({ a, b, value, bootstrap }: Difference): string {
  const numbers = `${scoreSpread(measured(a, (run) => run.dev.f1))}${seeds(a)}, against ${scoreSpread(measured(b, (run) => run.dev.f1))}${seeds(b)}`;
  const size = Math.abs(value);
  const place =
    size < EQUAL
      ? `${name(a)} and ${name(b)} are equal`
      : `${name(a)} is ${score(size)} F1 ${value > 0 ? 'above' : 'below'} ${name(b)}`;
  return `Here ${place} (${numbers}). ${bootstrap ? intervalText(bootstrap) : 'No bootstrap says how much of that is chance.'}`;
}

/** What the interval allows to be said. */
function intervalText({ low, high, level, p }: BootstrapResult): string {
  const about =
    low > 0 || high < 0
      ? 'more than chance in the choice of documents'
      : 'the choice of documents alone could do that';
  const chance =
    p < 0.001 ? `p\u{a0}${probability(p).replace(' ', '\u{a0}')}` : `p\u{a0}=\u{a0}${probability(p)}`;
  return `${fixed(level * 100, 0)}\u{a0}% interval of the difference: ${scoreDifference(low)} to ${scoreDifference(high)}, ${chance}; ${about}.`;
}

/** The bootstrap of most runs is the one of the rows themselves. */
function difference({ bootstraps }: Comparison, a: Row, b: Row): Difference {
  const within = (ids: readonly string[], row: Row): boolean =>
    ids.every((id) => row.runs.some((run) => run.id === id));
  const [bootstrap] = bootstraps
    .filter(({ measure }) => measure.toLowerCase() === 'f1')
    .flatMap((one) => {
      if (within(one.a, a) && within(one.b, b)) return [one];
      return within(one.a, b) && within(one.b, a) ? [turned(one)] : [];
    })
    .sort((x, y) => y.a.length + y.b.length - (x.a.length + x.b.length));
  return { a, b, value: devF1(a) - devF1(b), bootstrap };
}

function turned(result: BootstrapResult): BootstrapResult {
  const { a, b, difference, low, high } = result;
  return { ...result, a: b, b: a, difference: -difference, low: -high, high: -low };
}

function seeds({ runs }: Row): string {
  return runs.length > 1 ? ` over ${runs.length} seeds` : '';
}

function name({ label }: Row): string {
  return shortened(label, LONGEST_NAME);
}
