/**
 * Dimensions that may be named.
 *
 * A dimension is a number, a name such as `N`, or a sum of products of these in a canonical spelling
 * (`12*N+1`), so that two dimensions are equal exactly when their spellings are.
 */

export type Dim = number | string;
export type Shape = readonly Dim[];
/** What each name stands for in one run. */
export type Bindings = Readonly<Record<string, number>>;

/** Terms of a dimension: product of names (sorted, joined by `*`) to its coefficient. */
function terms(dim: Dim): Map<string, number> {
  const result = new Map<string, number>();
  for (const term of String(dim).split('+')) {
    let coefficient = 1;
    const names: string[] = [];
    for (const factor of term.split('*')) {
      if (/^\d+$/.test(factor)) coefficient *= Number(factor);
      else names.push(factor);
    }
    const key = names.sort().join('*');
    result.set(key, (result.get(key) ?? 0) + coefficient);
  }
  return result;
}

function spell(polynomial: ReadonlyMap<string, number>): Dim {
  const parts: string[] = [];
  for (const key of [...polynomial.keys()].sort().reverse()) {
    const coefficient = polynomial.get(key) ?? 0;
    if (coefficient === 0) continue;
    parts.push(key === '' ? String(coefficient) : coefficient === 1 ? key : `${coefficient}*${key}`);
  }
  const text = parts.length === 0 ? '0' : parts.join('+');
  return /^\d+$/.test(text) ? Number(text) : text;
}

/** The sum of `dims`. */
export function addDims(...dims: readonly Dim[]): Dim {
  const sum = new Map<string, number>();
  for (const dim of dims) for (const [key, n] of terms(dim)) sum.set(key, (sum.get(key) ?? 0) + n);
  return spell(sum);
}

/** The product of `dims` (1 when there are none). */
export function multiplyDims(...dims: readonly Dim[]): Dim {
  let product = new Map([['', 1]]);
  for (const dim of dims) {
    const next = new Map<string, number>();
    for (const [a, n] of product) {
      for (const [b, m] of terms(dim)) {
        const key = [...a.split('*'), ...b.split('*')].filter(Boolean).sort().join('*');
        next.set(key, (next.get(key) ?? 0) + n * m);
      }
    }
    product = next;
  }
  return spell(product);
}

/** Builds a dimension from parts that stand for its names, numbers, sums and products (used to emit and to evaluate). */
export function foldDim<T>(
  dim: Dim,
  on: {
    name: (name: string) => T;
    number: (n: number) => T;
    add: (a: T, b: T) => T;
    multiply: (a: T, b: T) => T;
  },
): T {
  let sum: T | undefined;
  for (const [key, coefficient] of terms(dim)) {
    let product: T | undefined = coefficient === 1 && key !== '' ? undefined : on.number(coefficient);
    for (const name of key.split('*').filter(Boolean)) {
      product = product === undefined ? on.name(name) : on.multiply(product, on.name(name));
    }
    if (product !== undefined) sum = sum === undefined ? product : on.add(sum, product);
  }
  return sum ?? on.number(0);
}

/** The size of `dim` under `bindings`; NaN when a name is not bound. */
export function evaluateDim(dim: Dim, bindings: Bindings): number {
  if (typeof dim === 'number') return dim;
  return foldDim(dim, {
    name: (name) => bindings[name] ?? Number.NaN,
    number: (n) => n,
    add: (a, b) => a + b,
    multiply: (a, b) => a * b,
  });
}

/** The sizes of `shape` under `bindings`. */
export function evaluateShape(shape: Shape, bindings: Bindings): number[] {
  return shape.map((dim) => evaluateDim(dim, bindings));
}

/** `[N, 768]`, for messages. */
export function showShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}
