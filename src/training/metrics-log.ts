/** `metrics.jsonl`: one line per logged step and per evaluation. Only ever appended to, but for what a resumed run does again. */
import { appendFileSync, existsSync, mkdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export class MetricsLog {
  readonly #path: string;

  /** @param keep - bytes that stand; later lines are dropped */
  constructor(path: string, keep: number) {
    this.#path = path;
    mkdirSync(dirname(path), { recursive: true });
    if (!existsSync(path)) writeFileSync(path, '');
    else if (statSync(path).size > keep) truncateSync(path, keep);
  }

  append(entry: object): void {
    appendFileSync(this.#path, `${JSON.stringify(entry)}\n`);
  }

  /** Bytes written. */
  get size(): number {
    return statSync(this.#path).size;
  }
}
