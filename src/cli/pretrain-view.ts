/** Shows a pretraining run: how far the text is read, what the run works on, a row per look at the held-out part, the result. */
import { isEncoderSize } from '../models/bert-config.ts';
import type { PretrainEvent, PretrainPreparation } from '../training/pretrain-events.ts';
import type { PretrainRequest } from '../training/pretrain-options.ts';
import { growingRow } from './growing-row.ts';
import { count, duration, type Output, paint, percentage, percent, Progress, table } from './terminal.ts';
import { ignoredLine } from './training-view.ts';

/** Weight of the newest loss in the one that is shown. */
const SMOOTHING = 0.05;

type EventOf<K extends PretrainEvent['kind']> = Extract<PretrainEvent, { kind: K }>;

export class PretrainView {
  readonly #output: Output;
  readonly #now: (() => number) | undefined;
  #progress: Progress | undefined;
  /** How the text is being read. */
  #doing = '';
  #request: PretrainRequest | undefined;
  #header = false;
  #loss = Number.NaN;
  #learningRate = Number.NaN;
  /** Pieces read since the last look, the time it ended, and that of the last step. */
  #pieces = 0;
  #looked = 0;
  #stepped = 0;

  /** @param options.output - default stderr @param options.now - a clock in seconds */
  constructor(
    options: { readonly output?: Output | undefined; readonly now?: (() => number) | undefined } = {},
  ) {
    this.#output = options.output ?? process.stderr;
    this.#now = options.now;
  }

  show(event: PretrainEvent): void {
    switch (event.kind) {
      case 'text':
        return this.#text(event);
      case 'prepared':
        this.end();
        this.#request = event.about.request;
        return this.#say(preparation(event.about));
      case 'ignored':
        return this.#say(
          paint('dim', ignoredLine(event.names, "the encoder's or its language model's"), this.#output),
        );
      case 'no-head':
        return this.#say(
          'the checkpoint has no language-model head to go on from: it begins with random weights',
        );
      case 'start':
        return this.#start(event);
      case 'step':
        return this.#step(event);
      case 'evaluation':
        return this.#evaluation(event);
      case 'checkpoint':
        return;
      case 'interrupted':
      case 'result':
        return this.end();
      default:
        return event satisfies never;
    }
  }

  /** Ends the moving line, if there is one. */
  end(): void {
    this.#progress?.done();
    this.#progress = undefined;
    this.#doing = '';
  }

  #say(line: string): void {
    this.#output.write(`${line}\n`);
  }

  #text({ doing, bytes, totalBytes, words }: EventOf<'text'>): void {
    if (doing !== this.#doing) {
      this.end();
      this.#doing = doing;
      this.#progress = new Progress({
        label: doing,
        unit: 'bytes',
        total: totalBytes,
        from: bytes,
        output: this.#output,
        now: this.#now,
      });
    }
    this.#progress?.update(bytes, () => `${count(words)} words`);
  }

  #start({ step, share, parameters, seconds }: EventOf<'start'>): void {
    [this.#looked, this.#stepped] = [seconds, seconds];
    const resumed = step > 0 ? `, from step ${count(step)}, ${percent(share, 0)} done` : '';
    this.#say(
      `\n${paint('bold', 'masked language model', this.#output)}  ${count(parameters)} parameters, ${budget(this.#request)}${resumed}`,
    );
    const { hours } = this.#request ?? {};
    this.#progress = new Progress({
      label: 'pretrain',
      total: 1,
      from: share,
      // The speed of this process says nothing about when a budget of time ends.
      ...(hours !== undefined && { remaining: (done) => Math.max(0, 1 - done) * hours * 3600 }),
      output: this.#output,
      now: this.#now,
    });
  }

  #step({ share, loss, learningRate, pieces, seconds }: EventOf<'step'>): void {
    this.#loss = Number.isNaN(this.#loss) ? loss : this.#loss + SMOOTHING * (loss - this.#loss);
    this.#learningRate = learningRate;
    this.#pieces += pieces;
    this.#stepped = seconds;
    this.#progress?.update(share, () => `loss ${this.#loss.toFixed(3)}  ${this.#speed()} pieces/s`);
  }

  #evaluation({ step, pieces, loss, perplexity, accuracy, seconds }: EventOf<'evaluation'>): void {
    const { header, row } = growingRow([
      ['step', count(step)],
      ['M pieces', count(pieces / 1e6, 1)],
      ['loss', loss.toFixed(3)],
      ['perplexity', shortPerplexity(perplexity)],
      ['accuracy', percentage(accuracy)],
      ['rate', Number.isNaN(this.#learningRate) ? '-' : this.#learningRate.toExponential(1)],
      ['pieces/s', this.#speed()],
      ['time', duration(seconds)],
    ]);
    if (!this.#header) this.#progress?.log(paint('dim', header, this.#output));
    this.#header = true;
    this.#progress?.log(row);
    [this.#pieces, this.#looked] = [0, seconds];
  }

  /** Pieces a second since the last look, which is not counted. */
  #speed(): string {
    const time = this.#stepped - this.#looked;
    return time > 0 ? count(this.#pieces / time) : '-';
  }
}

function preparation(about: PretrainPreparation): string {
  const { request, shape, documents, words, pieces, heldOut, learningRate } = about;
  const { window, longWindow = shape.positions, longShare, updatePieces, maskShare } = request;
  const long =
    longShare > 0 && longWindow > window ? `, of ${longWindow} for the last ${percent(longShare, 0)}` : '';
  return [
    `${count(documents)} documents, ${count(words)} words: ${count(pieces)} pieces to train on, ${count(heldOut)} held out`,
    `${encoder(about)}; ${vocabulary(about)}`,
    `updates of ${count(updatePieces)} pieces at ${Number(learningRate.toPrecision(3))}, windows of ${window} pieces${long}, ${percent(maskShare, 0)} of the pieces to guess`,
  ].join('\n');
}

function encoder({ request, shape, pretrained }: PretrainPreparation): string {
  const { layers, width, heads } = shape;
  const size = `${layers} layers, ${width} wide, ${heads} heads`;
  if (pretrained) return `going on from ${request.encoder}: ${size}`;
  return `${isEncoderSize(request.encoder) ? `${request.encoder}: ` : ''}${size}, from random weights`;
}

function vocabulary({ request, vocabulary: size, vocabularyFrom }: PretrainPreparation): string {
  const sources = {
    text: 'built from the text',
    file: `of ${request.vocabulary}`,
    checkpoint: 'of the checkpoint',
  };
  return `vocabulary of ${count(size)} pieces, ${sources[vocabularyFrom]}`;
}

function budget({ hours, steps, passes = 1 }: Partial<PretrainRequest> = {}): string {
  if (hours !== undefined) return `for ${hours} h`;
  if (steps !== undefined) return `for ${count(steps)} step${steps === 1 ? '' : 's'}`;
  return `for ${count(passes)} pass${passes === 1 ? '' : 'es'} over the text`;
}

/** Up to the size of a vocabulary, and far above it where a run has gone wrong. */
const shortPerplexity = (value: number): string =>
  value < 1e6 ? count(value, value < 100 ? 2 : 0) : value.toExponential(1);

/** The table of a finished run, on the held-out part. */
export function pretrainTable({ scores, step, pieces, seconds }: EventOf<'result'>): string {
  return table(
    [
      ['', 'loss', 'perplexity', 'accuracy', 'steps', 'pieces', 'time'],
      [
        'held out',
        scores.loss.toFixed(3),
        shortPerplexity(scores.perplexity),
        percentage(scores.accuracy),
        step,
        pieces,
        duration(seconds),
      ],
    ],
    { align: 'lr' },
  );
}
