/** `metrics.jsonl`: one line per logged step and per evaluation. Only ever appended to, but for what a resumed run does again. */
import { appendFileSync, existsSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { makeFolder } from '../core/files.ts';

export class MetricsLog {
  readonly #path: string;

  /** @param keep - bytes that stand; later lines are dropped */
  constructor(path: string, keep: number) {
    this.#path = path;
    makeFolder(dirname(path));
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
