/** The rows of the report: runs that differ in their seed only are one row, with mean and deviation. */
import type { ComparedRun, Comparison } from './comparison.ts';
import { list, spread, type Spread } from './numbers.ts';

export interface Row {
  /** Unique among rows: the runs' label, and what sets the row apart where others have the same. */
  readonly label: string;
  /** At least one. */
  readonly runs: readonly [ComparedRun, ...ComparedRun[]];
  readonly system: ComparedRun['system'];
  readonly twoStep: boolean;
  /** Position among the rows; it chooses colour and dashes. */
  readonly index: number;
}

/** In the order of the runs. */
export function rowsOf({ runs }: Pick<Comparison, 'runs'>): Row[] {
  const groups = new Map<string, [ComparedRun, ...ComparedRun[]]>();
  for (const run of runs) {
    const { label, system, twoStep, negatives, mode, encoder } = run;
    const key = JSON.stringify([label, system, twoStep, negatives, mode, encoder]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [run]);
    else group.push(run);
  }
  const firsts = [...groups.values()].map(([first]) => first);
  return [...groups.values()].map((runs, index) => {
    const [first] = runs;
    return { label: distinctLabel(first, firsts), runs, system: first.system, twoStep: first.twoStep, index };
  });
}

/** Mean and deviation of a measure over a row's runs. */
export function measured(row: Row, measure: (run: ComparedRun) => number | null): Spread | null {
  return spread(row.runs.map(measure));
}

/** The run with the F1 in the middle; of an even number the better of the two. */
export function middleRun({ runs }: Row): ComparedRun {
  const ordered = [...runs].sort((a, b) => a.dev.f1 - b.dev.f1);
  return ordered[Math.floor(ordered.length / 2)] ?? runs[0];
}

/** Mean dev F1. */
export function devF1(row: Row): number {
  return measured(row, (run) => run.dev.f1)?.mean ?? 0;
}

/** Best first; equal ones in their order. */
export function byDevF1(rows: readonly Row[]): Row[] {
  return [...rows].sort((a, b) => devF1(b) - devF1(a));
}

/** A run's name in a sentence or row: with its seed where the row has several. */
export function runName(run: ComparedRun, rows: readonly Row[]): string {
  const row = rows.find(({ runs }) => runs.includes(run));
  if (row === undefined) return run.id;
  return row.runs.length > 1 ? `${row.label}, seed ${run.seed}` : row.label;
}

/** The same for several runs: "BiLSTM, seeds 1, 2 and 3". */
export function runsName(runs: readonly ComparedRun[], rows: readonly Row[]): string {
  const parts = rows.flatMap((row) => {
    const mine = runs.filter((run) => row.runs.includes(run));
    if (mine.length < 2) return mine.map((run) => runName(run, rows));
    return [`${row.label}, seeds ${list(mine.map(({ seed }) => String(seed)))}`];
  });
  return list(parts);
}

/** What a system reads with, in words. */
export function encoderText({ encoder }: Pick<ComparedRun, 'encoder'>): string {
  if (encoder.kind === 'bert')
    return `BERT ${encoder.size}, ${encoder.pretrained ? 'pretrained' : 'random weights'}`;
  const { dimension, vectors } = encoder;
  if (vectors === null) return `words, ${dimension} learnt`;
  return `words, ${dimension} from ${vectors.file}${vectors.trained ? ', trained on' : ', frozen'}`;
}

/** "all" or "3 : 1". */
export function negativesText({ negatives }: Pick<ComparedRun, 'negatives'>): string {
  return negatives === 'all' ? 'all' : `${negatives} : 1`;
}

/** The first of these that no other row of the label shares: the label, or the label with what differs. */
function distinctLabel(run: ComparedRun, others: readonly ComparedRun[]): string {
  const same = others.filter(({ label }) => label === run.label);
  if (same.length < 2) return run.label;
  const settings: ((run: ComparedRun) => string)[] = [
    ({ mode }) => mode,
    (run) => `negatives ${negativesText(run)}`,
    encoderText,
    ({ twoStep }) => (twoStep ? 'two steps' : 'one step'),
    ({ system }) => system,
  ];
  const telling = settings.filter((of) => new Set(same.map(of)).size > 1).map((of) => of(run));
  return `${run.label} (${telling.join(', ')})`;
}
