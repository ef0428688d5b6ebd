/**
 * Numbers triples of whole numbers 0, 1, ... in the order of their first appearance, in some 25 bytes each.
 *
 * A JavaScript `Map` of keys takes several times that and holds at most 2^24; the distantly labelled
 * documents have millions of facts.
 */
export class Triples {
  /** Triple n at 3n. */
  #items = new Int32Array(3 * 512);
  /** Open hash table of triple numbers + 1; its length is a power of two, at least twice the triples. */
  #slots = new Int32Array(1024);
  #size = 0;

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  /**
   * The number of [a, b, c] (whole numbers of 32 bits); `size` before the call when it is new.
   */
  of(a: number, b: number, c: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash(a, b, c) & mask;
    for (; ; slot = (slot + 1) & mask) {
      const number = (slots[slot] as number) - 1;
      if (number < 0) break;
      if (this.#items[3 * number] !== a) continue;
      if (this.#items[3 * number + 1] === b && this.#items[3 * number + 2] === c) return number;
    }
    const number = this.#size++;
    slots[slot] = this.#size;
    this.#items.set([a, b, c], 3 * number);
    if (this.#size * 2 === slots.length) this.#grow();
    return number;
  }

  /** Calls `visit` with each triple, in order. */
  forEach(visit: (a: number, b: number, c: number) => void): void {
    const items = this.#items;
    for (let i = 0; i < 3 * this.#size; i += 3) {
      visit(items[i] as number, items[i + 1] as number, items[i + 2] as number);
    }
  }

  #grow(): void {
    const items = new Int32Array(this.#items.length * 2);
    items.set(this.#items);
    this.#items = items;
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    let number = 0;
    this.forEach((a, b, c) => {
      let slot = hash(a, b, c) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = ++number;
    });
    this.#slots = slots;
  }
}

function hash(a: number, b: number, c: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return h ^ (h >>> 13);
}
