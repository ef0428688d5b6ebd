/** One line on stderr that says how far a long task is; plain lines now and then where there is no terminal. */
import { bytes, count, duration, paint, percent, type Output } from './format.ts';

/** Seconds between two drawings of the line. */
const REDRAW = 0.1;
/** Seconds between two plain lines. */
const PLAIN = 30;
/** Characters of the bar. */
const BAR = 20;

export interface ProgressOptions {
  /** What is being done, such as "train". */
  readonly label: string;
  /** What is counted, such as "documents"; "bytes" are shown as MB and the like. Without it only the share of `total` is shown. */
  readonly unit?: string | undefined;
  /** How many there are; without it, no bar and no remaining time. */
  readonly total?: number | undefined;
  /** How many were done before, which count for no speed; default 0. */
  readonly from?: number | undefined;
  /** Seconds left when so many are done; default: those that the rest takes at the speed so far. */
  readonly remaining?: ((done: number) => number) | undefined;
  /** Default stderr. */
  readonly output?: Output | undefined;
  /** Clock in seconds. */
  readonly now?: (() => number) | undefined;
}

export class Progress {
  readonly #options: ProgressOptions;
  readonly #output: Output;
  readonly #now: () => number;
  readonly #live: boolean;
  readonly #began: number;
  #printed: number;
  #line = '';
  #drawn = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#output = options.output ?? process.stderr;
    this.#now = options.now ?? (() => performance.now() / 1000);
    this.#live = this.#output.isTTY === true && (process.env['CI'] ?? '') === '';
    this.#began = this.#now();
    this.#printed = this.#live ? Number.NEGATIVE_INFINITY : this.#began;
  }

  /**
   * Says that `done` of the units are done; cheap enough to call for each of them.
   *
   * @param text - anything else worth seeing, such as a loss; a function is called only when the line is drawn
   */
  update(done: number, text: string | (() => string) = ''): void {
    const now = this.#now();
    if (now - this.#printed < (this.#live ? REDRAW : PLAIN)) return;
    this.#printed = now;
    this.#line = this.#describe(done, typeof text === 'string' ? text : text(), now - this.#began);
    if (this.#live) this.#draw();
    else this.#output.write(`${this.#line}\n`);
  }

  /** Prints `line` above the progress line (on its own where there is no terminal). */
  log(line: string): void {
    this.#clear();
    this.#output.write(`${line}\n`);
    if (this.#live && this.#line !== '') this.#draw();
  }

  /** Ends the line: it disappears from a terminal. */
  done(): void {
    this.#clear();
    this.#line = '';
  }

  #describe(done: number, text: string, elapsed: number): string {
    const { label, unit, total, from = 0, remaining } = this.#options;
    const rate = elapsed > 0 ? (done - from) / elapsed : 0;
    const parts = [paint('bold', label, this.#output)];
    if (total !== undefined && total > 0) {
      const share = Math.min(1, done / total);
      const full = Math.round(share * BAR);
      if (this.#live) parts.push(paint('cyan', '━'.repeat(full), this.#output) + '─'.repeat(BAR - full));
      parts.push(percent(share, 0));
    }
    if (unit !== undefined) parts.push(...amounts({ done, total, rate, unit }));
    parts.push(duration(elapsed));
    if (remaining !== undefined || (total !== undefined && rate > 0))
      parts.push(`${duration(remaining?.(done) ?? Math.max(0, (total ?? 0) - done) / rate)} left`);
    if (text !== '') parts.push(text);
    return parts.join('  ');
  }

  #draw(): void {
    this.#output.write(`\r\x1b[2K${fit(this.#line, (this.#output.columns ?? 80) - 1)}`);
    this.#drawn = true;
  }

  #clear(): void {
    if (this.#drawn) this.#output.write('\r\x1b[2K');
    this.#drawn = false;
  }
}

/** How much is done of how much, and how fast. */
function amounts({
  done,
  total = 0,
  rate,
  unit,
}: {
  readonly done: number;
  readonly total: number | undefined;
  readonly rate: number;
  readonly unit: string;
}): string[] {
  const inBytes = unit === 'bytes';
  const all = total > 0 ? `/${inBytes ? bytes(total) : count(total)}` : '';
  return inBytes
    ? [`${bytes(done)}${all}`, `${bytes(Math.round(rate))}/s`]
    : [`${count(done)}${all} ${unit}`, `${count(rate, rate < 10 ? 1 : 0)}/s`];
}

/** `line` cut to `columns`, its colours kept and ended. */
function fit(line: string, columns: number): string {
  let shown = 0;
  let at = 0;
  while (at < line.length) {
    // oxlint-disable-next-line no-control-regex
    const style = /^\x1b\[[\d;]*m/.exec(line.slice(at, at + 12));
    if (style !== null) {
      at += style[0].length;
      continue;
    }
    if (shown === columns) return `${line.slice(0, at)}\x1b[0m`;
    shown++;
    at++;
  }
  return line;
}
