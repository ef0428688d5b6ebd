/** Counts the requests under way, and lets no more in once the server is to end. */
export class Gate {
  #active = 0;
  #draining = false;
  #empty: (() => void) | undefined;

  get draining(): boolean {
    return this.#draining;
  }

  get active(): number {
    return this.#active;
  }

  /** Begins a request. @returns what ends it */
  enter(): () => void {
    this.#active++;
    let isDone = false;
    return () => {
      if (isDone) return;
      isDone = true;
      if (--this.#active === 0) this.#empty?.();
    };
  }

  /** Closes the gate. Settled when all that had entered is done. */
  async drain(): Promise<void> {
    this.#draining = true;
    if (this.#active > 0) await new Promise<void>((resolve) => (this.#empty = resolve));
  }
}
