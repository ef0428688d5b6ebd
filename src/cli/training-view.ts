/** Shows a training run: a line that moves, a row per evaluation, a table at the end. */
import type { TaggerPreparation } from '../training/prepare-tagger.ts';
import type { Preparation } from '../training/prepare.ts';
import type { ResultRow, Stage, SystemEvent } from '../training/stage.ts';
import type { TrainingEvent } from '../training/train-model.ts';
import { type GrowingRow, growingRow } from './growing-row.ts';
import { count, duration, paint, percent, percentage, Progress, table } from './terminal.ts';

const titles: Record<Stage, string> = {
  'one step': 'one step: which relation, if any',
  'step 1': 'step 1: is there a relation?',
  'step 2': 'step 2: which relation?',
  combined: 'both steps together',
  mentions: 'mentions: where are they, and of which type?',
};

/** Weight of the newest loss in the one that is shown. */
const SMOOTHING = 0.05;

export class TrainingView {
  #progress: Progress | undefined;
  #loss = Number.NaN;
  #pieces = 0;
  /** Pairs, or words, that the loss was over. */
  #terms = 0;
  /** Time that earlier processes took. */
  #before = 0;
  #header = false;
  readonly #say: (line: string) => void;

  /** @param say - takes the lines that stay */
  constructor(say: (line: string) => void = (line) => process.stderr.write(`${line}\n`)) {
    this.#say = say;
  }

  show(event: SystemEvent): void {
    switch (event.kind) {
      case 'prepared':
        return this.#say(preparation(event.about));
      case 'prepared-tagger':
        return this.#say(taggerPreparation(event.about));
      case 'ignored':
        return this.#say(paint('dim', ignoredLine(event.names), process.stderr));
      case 'skipped':
        return this.#say(`${titles[event.stage]}: finished before`);
      case 'stage':
        return this.#stage(event.stage, event.event);
      case 'result':
        return undefined;
      default:
        return event satisfies never;
    }
  }

  /** Ends the moving line, if there is one. */
  end(): void {
    this.#progress?.done();
    this.#progress = undefined;
  }

  #stage(stage: Stage, event: TrainingEvent): void {
    switch (event.kind) {
      case 'start': {
        [this.#loss, this.#pieces, this.#terms, this.#header] = [Number.NaN, 0, 0, false];
        this.#before = event.seconds;
        const resumed = event.from > 0 ? `, from step ${count(event.from)}` : '';
        this.#say(
          `\n${paint('bold', titles[stage], process.stderr)}  ${parameters(event)}, at most ${event.epochs} epoch${event.epochs === 1 ? '' : 's'}${resumed}`,
        );
        this.#progress = new Progress({ label: stage, unit: 'steps', total: event.steps, from: event.from });
        return;
      }
      case 'step': {
        this.#loss = Number.isNaN(this.#loss)
          ? event.loss
          : this.#loss + SMOOTHING * (event.loss - this.#loss);
        this.#pieces += event.pieces;
        this.#terms += event.pairs ?? event.words ?? 0;
        const rate = (amount: number): string => count(amount / (event.seconds - this.#before));
        this.#progress?.update(
          event.step,
          `loss ${shortNumber(this.#loss)}  ${rate(this.#pieces)} pieces/s  ${rate(this.#terms)} ${event.pairs === undefined ? 'words' : 'pairs'}/s`,
        );
        return;
      }
      case 'evaluation': {
        const { header, row } = evaluationRow(event, this.#loss);
        if (!this.#header) this.#progress?.log(paint('dim', header, process.stderr));
        this.#header = true;
        this.#progress?.log(event.best ? paint('green', row, process.stderr) : row);
        return;
      }
      case 'interrupted':
      case 'end':
        return this.end();
      case 'checkpoint':
        return;
      default:
        return event satisfies never;
    }
  }
}

function parameters({ parameters: trained, frozen }: Extract<TrainingEvent, { kind: 'start' }>): string {
  return frozen === 0
    ? `${count(trained)} parameters`
    : `${count(trained)} parameters trained, ${count(frozen)} frozen`;
}

function preparation({
  documents,
  devDocuments,
  relations,
  relatedPairs,
  unrelatedPairs,
  pieces,
  reads,
  vocabulary,
  pretrained,
  coverage,
  options,
}: Preparation): string {
  const start = startOf({ reads, coverage, pretrained });
  const lines = [
    `${count(documents)} documents to train on, ${count(devDocuments)} to choose on, ${count(pieces)} ${reads} (vocabulary ${count(vocabulary)})`,
    `${count(relations)} relations; ${count(relatedPairs)} related pairs, ${count(unrelatedPairs)} not related (1 : ${(unrelatedPairs / Math.max(1, relatedPairs)).toFixed(1)})`,
    `${start}, ${options.mode}, ${options.optimizer} at ${options.learningRate}, batches of ${options.batchDocuments} documents`,
  ];
  if (coverage) lines.push(coverageLine(coverage));
  return lines.join('\n');
}

function startOf({
  reads,
  coverage,
  pretrained,
}: Pick<Preparation, 'reads' | 'coverage' | 'pretrained'>): string {
  if (reads === 'words') return coverage ? 'given word vectors' : 'word vectors learnt';
  return pretrained ? 'pretrained encoder' : 'encoder from random weights';
}

function taggerPreparation(about: TaggerPreparation): string {
  const { documents, devDocuments, pieces, reads, vocabulary, mentions, lost, types, options } = about;
  const without = lost === 0 ? '' : `; ${count(lost)} overlap a longer one and are not learnt`;
  const lines = [
    `${count(documents)} documents to train on, ${count(devDocuments)} to choose on, ${count(pieces)} ${reads} (vocabulary ${count(vocabulary)})`,
    `${count(mentions)} mentions of ${types.length} types (${types.slice(0, 8).join(', ')}${types.length > 8 ? ', ...' : ''})${without}`,
    `${startOf(about)}, ${options.optimizer} at ${options.learningRate}, batches of ${options.batchDocuments} documents`,
  ];
  if (about.coverage) lines.push(coverageLine(about.coverage));
  return lines.join('\n');
}

function coverageLine({ words, occurrences, missing }: NonNullable<Preparation['coverage']>): string {
  const without = missing.slice(0, 5).map(({ word }) => word);
  const most = without.length === 0 ? '' : `; most frequent without one: ${without.join(' ')}`;
  return `vectors for ${percentage(words)} % of the training words, ${percentage(occurrences)} % of their occurrences${most}`;
}

/** @param whose - what the others are of */
export function ignoredLine(names: readonly string[], whose = "the encoder's"): string {
  const some = names.slice(0, 3).join(', ');
  return `ignored ${names.length} weights of the checkpoint that are not ${whose}: ${some}${names.length > 3 ? ', ...' : ''}`;
}

function evaluationRow(event: Extract<TrainingEvent, { kind: 'evaluation' }>, loss: number): GrowingRow {
  const scores = Object.entries(event.scores).filter(([, value]) => value !== null);
  const cells: [string, string][] = [
    ['epoch', String(event.epoch + 1)],
    ['step', count(event.step)],
    ['loss', shortNumber(loss)],
    ...scores.map(([name, value]): [string, string] => [label(name), percentage(value)]),
    ['waited', percent(event.waiting)],
    ['time', duration(event.seconds)],
  ];
  const { header, row } = growingRow(cells);
  return { header, row: event.best ? `${row}  best` : row };
}

/** Three digits, in at most seven characters. */
const shortNumber = (value: number): string =>
  value !== 0 && Math.abs(value) < 0.001 ? value.toExponential(1) : value.toPrecision(3);

const labels: Record<string, string> = {
  f1: 'F1',
  ignF1: 'Ign F1',
  auc: 'AUC',
  removed: 'N/A removed',
  rankingF1: 'ranking F1',
  rankingIgnF1: 'ranking Ign',
  untypedF1: 'untyped F1',
};
const label = (name: string): string => labels[name] ?? name;

/** The table of a finished run: a row per stage, on development data. */
export function resultTable(rows: readonly (ResultRow & { readonly name?: string })[]): string {
  const columns = ['f1', 'ignF1', 'precision', 'recall', 'auc', 'accuracy', 'removed'].filter((key) =>
    rows.some((row) => typeof row.scores[key] === 'number'),
  );
  const body = rows.map((row) => [
    row.name ?? row.stage,
    ...columns.map((key) => percentage(row.scores[key])),
    row.theta === null ? '-' : row.theta.toFixed(4),
  ]);
  return table([['dev', ...columns.map(label), 'theta'], ...body], { align: 'lr' });
}
