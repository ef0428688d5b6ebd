/**
 * Seeded random numbers whose state can be saved and restored.
 *
 * The generator is xoshiro128** (Blackman and Vigna 2018), seeded through splitmix32.
 * Randomness is always passed as an `Rng`, never taken from a global.
 */

export type RngState = readonly [number, number, number, number];

export class Rng {
  #s: Uint32Array;

  private constructor(state: Uint32Array) {
    this.#s = state;
  }

  /** A generator for `seed`; `stream` names independent sequences of one seed. */
  static fromSeed(seed: number, stream = ''): Rng {
    let h = seed >>> 0;
    for (const character of stream) h = Math.imul(h ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
    const state = new Uint32Array(4);
    for (let i = 0; i < 4; i++) {
      h = (h + 0x9e3779b9) >>> 0;
      let z = h;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      state[i] = (z ^ (z >>> 15)) >>> 0;
    }
    return new Rng(state);
  }

  static fromState(state: RngState): Rng {
    return new Rng(Uint32Array.from(state));
  }

  /** Four 32-bit words that `fromState` takes back. */
  get state(): RngState {
    const [a = 0, b = 0, c = 0, d = 0] = this.#s;
    return [a, b, c, d];
  }

  /** A whole number, 0 <= n < 2^32. */
  uint32(): number {
    const s = this.#s;
    const s1 = s[1] ?? 0;
    const five = Math.imul(s1, 5);
    const result = Math.imul((five << 7) | (five >>> 25), 9) >>> 0;
    const t = s1 << 9;
    s[2] = (s[2] ?? 0) ^ (s[0] ?? 0);
    s[3] = (s[3] ?? 0) ^ s1;
    s[1] = s1 ^ (s[2] ?? 0);
    s[0] = (s[0] ?? 0) ^ (s[3] ?? 0);
    s[2] = (s[2] ?? 0) ^ t;
    const s3 = s[3] ?? 0;
    s[3] = (s3 << 11) | (s3 >>> 21);
    return result;
  }

  /** 0 <= x < 1, 53 bits. */
  uniform(): number {
    return ((this.uint32() >>> 5) * 67108864 + (this.uint32() >>> 6)) / 9007199254740992;
  }

  /** A whole number, 0 <= n < below (below at least 1). */
  integer(below: number): number {
    return Math.floor(this.uniform() * below);
  }

  /** Standard normal (Box and Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** One of `items`, which must not be empty. */
  pick<T>(items: readonly T[]): T {
    return items[this.integer(items.length)] as T;
  }

  /** A shuffled copy (Fisher and Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [result[i], result[j]] = [result[j] as T, result[i] as T];
    }
    return result;
  }

  /** `count` of `items`, drawn uniformly without replacement (all of them, shuffled, when there are fewer). */
  sample<T>(items: readonly T[], count: number): T[] {
    const pool = [...items];
    const size = Math.min(count, pool.length);
    for (let i = 0; i < size; i++) {
      const j = i + this.integer(pool.length - i);
      [pool[i], pool[j]] = [pool[j] as T, pool[i] as T];
    }
    return pool.slice(0, size);
  }
}
