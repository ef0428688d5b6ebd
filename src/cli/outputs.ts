/** Where results go: files that appear when all of them are whole, or standard output. */
import { AtomicFile } from '../core/files.ts';

export class Outputs {
  readonly #files = new Map<string, AtomicFile>();
  readonly #pathOf: (file: string) => string | undefined;

  /** @param pathOf - where a file of the format goes; undefined or `-`: standard output */
  constructor(pathOf: (file: string) => string | undefined) {
    this.#pathOf = pathOf;
  }

  write(file: string, text: string): void {
    const path = this.#pathOf(file);
    if (path === undefined || path === '-') {
      process.stdout.write(text);
      return;
    }
    const open = this.#files.get(file) ?? new AtomicFile(path);
    this.#files.set(file, open);
    open.write(text);
  }

  /** Puts all files in place. */
  commit(): void {
    for (const file of this.#files.values()) file.commit();
  }

  /** Leaves no trace of files that are not in place. */
  discard(): void {
    for (const file of this.#files.values()) file.discard();
  }
}
