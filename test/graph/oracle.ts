/**
 * A second, slow engine: every operation as a plain loop in float64.
 *
 * It shares nothing with the code it checks but the graph itself.
 */
import { type Bindings, type Dim, evaluateDim, evaluateShape } from '../../src/graph/dims.ts';
import { type Node, reachable, type Value } from '../../src/graph/graph.ts';

export interface Array64 {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

type Run = (
  inputs: readonly Array64[],
  node: Node,
  shape: readonly number[],
  bindings: Bindings,
) => Float64Array | Float64Array[];

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** All positions of `shape`, last axis fastest. */
export function* positions(shape: readonly number[]): Generator<number[]> {
  const total = sizeOf(shape);
  for (let i = 0; i < total; i++) {
    const position: number[] = [];
    let rest = i;
    for (const size of shape.toReversed()) {
      position.unshift(rest % size);
      rest = Math.floor(rest / size);
    }
    yield position;
  }
}

/** The entry of x at a position of a shape that x broadcasts to. */
function at(x: Array64, position: readonly number[]): number {
  const lead = position.length - x.shape.length;
  let offset = 0;
  x.shape.forEach((size, axis) => {
    offset = offset * size + (size === 1 ? 0 : (position[axis + lead] ?? 0));
  });
  return x.data[offset] ?? Number.NaN;
}

const fill = (shape: readonly number[], f: (position: number[]) => number): Float64Array =>
  Float64Array.from(positions(shape), f);
const map1 =
  (f: (x: number) => number): Run =>
  ([x], _, shape) =>
    fill(shape, (p) => f(at(x as Array64, p)));
const map2 =
  (f: (a: number, b: number) => number): Run =>
  ([a, b], _, shape) =>
    fill(shape, (p) => f(at(a as Array64, p), at(b as Array64, p)));

/** The error function by its series (|x| < 3) or continued fraction. */
export function erf64(x: number): number {
  const a = Math.abs(x);
  if (a < 3) {
    let term = a;
    let sum = a;
    for (let n = 1; n < 200; n++) {
      term *= (-a * a) / n;
      sum += term / (2 * n + 1);
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
  }
  let f = 0;
  for (let k = 60; k > 0; k--) f = k / 2 / (a + f);
  return Math.sign(x) * (1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + f));
}

function rows(x: Array64, f: (row: number[]) => number[]): Float64Array {
  const width = x.shape.at(-1) ?? 1;
  const result: number[] = [];
  for (let start = 0; start < x.data.length; start += width)
    result.push(...f([...x.data.subarray(start, start + width)]));
  return Float64Array.from(result);
}

function logSumExp(row: readonly number[]): number {
  const top = Math.max(...row);
  return top + Math.log(row.reduce((sum, x) => sum + Math.exp(x - top), 0));
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
const zeros = (length: number): number[] => Array.from({ length }, () => 0);

/** The equations of an LSTM, one number after the other. */
function lstm64(inputs: readonly Array64[], _: Node, shape: readonly number[]): Float64Array[] {
  const [x, weight, first, firstCell] = inputs as [Array64, Array64, Array64, Array64];
  const [T, D, U, H] = shape as [number, number, number, number];
  const kept = Array.from({ length: 8 }, () => new Float64Array(sizeOf(shape)));
  for (let d = 0; d < D; d++) {
    for (let u = 0; u < U; u++) {
      let state = Array.from({ length: H }, (__, k) => at(first, [d, u, k]));
      let cell = Array.from({ length: H }, (__, k) => at(firstCell, [d, u, k]));
      for (let t = 0; t < T; t++) {
        const gate = (which: number, k: number): number =>
          state.reduce(
            (sum, h, j) => sum + at(weight, [d, which * H + k, j]) * h,
            at(x, [t, d, u, which * H + k]),
          );
        const next = state.map((before, k) => {
          const [i, f, g, o] = [
            logistic(gate(0, k)),
            logistic(gate(1, k)),
            Math.tanh(gate(2, k)),
            logistic(gate(3, k)),
          ];
          const c = f * (cell[k] as number) + i * g;
          const row = [o * Math.tanh(c), i, f, g, o, Math.tanh(c), cell[k] as number, before];
          row.forEach((value, n) => ((kept[n] as Float64Array)[((t * D + d) * U + u) * H + k] = value));
          return [row[0] as number, c];
        });
        state = next.map(([h]) => h as number);
        cell = next.map(([, c]) => c as number);
      }
    }
  }
  return kept;
}

/** The same, backwards: the chain rule step by step. */
function lstmGradient64(inputs: readonly Array64[], _: Node, shape: readonly number[]): Float64Array[] {
  const [dStates, weight, i, f, g, o, squashed, cellBefore] = inputs as Array64[] as [
    Array64,
    Array64,
    Array64,
    Array64,
    Array64,
    Array64,
    Array64,
    Array64,
  ];
  const [T, D, U, H] = dStates.shape as [number, number, number, number];
  const dX = new Float64Array(sizeOf(shape));
  const [dFirst, dFirstCell] = [new Float64Array(D * U * H), new Float64Array(D * U * H)];
  for (let d = 0; d < D; d++) {
    for (let u = 0; u < U; u++) {
      let [dh, dc] = [zeros(H), zeros(H)];
      for (let t = T - 1; t >= 0; t--) {
        const gates = zeros(4 * H);
        const nextCell = dc.map((later, k) => {
          const p = [t, d, u, k];
          const total = (dh[k] as number) + at(dStates, p);
          const cell = later + total * at(o, p) * (1 - at(squashed, p) ** 2);
          gates[k] = cell * at(g, p) * at(i, p) * (1 - at(i, p));
          gates[H + k] = cell * at(cellBefore, p) * at(f, p) * (1 - at(f, p));
          gates[2 * H + k] = cell * at(i, p) * (1 - at(g, p) ** 2);
          gates[3 * H + k] = total * at(squashed, p) * at(o, p) * (1 - at(o, p));
          return cell * at(f, p);
        });
        gates.forEach((value, j) => (dX[((t * D + d) * U + u) * 4 * H + j] = value));
        dh = dh.map((__, k) => gates.reduce((sum, value, j) => sum + value * at(weight, [d, j, k]), 0));
        dc = nextCell;
      }
      dFirst.set(dh, (d * U + u) * H);
      dFirstCell.set(dc, (d * U + u) * H);
    }
  }
  return [dX, dFirst, dFirstCell];
}

/** Attention of one row of one head after the other; what stands at padding is taken from the last row, as the engine does. */
function attention64(inputs: readonly Array64[], _: Node, [N, D]: readonly number[]): Float64Array[] {
  const [query, key, value, mask, toPadded, toRows, dropout] = inputs as Array64[] as [
    Array64,
    Array64,
    Array64,
    ...Array64[],
  ];
  const [U, H, T] = (toPadded as Array64).shape as [number, number, number];
  const width = (D as number) / H;
  const all = (N as number) * H;
  const entry = (x: Array64, u: number, h: number, t: number, i: number): number => {
    const row = Math.min(at(toPadded as Array64, [u, h, t]), all - 1);
    return x.data[row * width + i] as number;
  };
  const block = (x: Array64): Float64Array =>
    fill([U, H, T, width], ([u, h, t, i]) => entry(x, u as number, h as number, t as number, i as number));
  const weights = Float64Array.from(
    Array.from(positions([U, H, T]), ([u, h, t]) => {
      const scores = Array.from({ length: T }, (__, s) => {
        let dot = 0;
        for (let i = 0; i < width; i++)
          dot +=
            entry(query, u as number, h as number, t as number, i) *
            entry(key, u as number, h as number, s, i);
        return dot / Math.sqrt(width) + at(mask as Array64, [u as number, 0, 0, s]);
      });
      return scores.map((score) => Math.exp(score - logSumExp(scores)));
    }).flat(),
  );
  const context = new Float64Array((N as number) * (D as number));
  for (let row = 0; row < all; row++) {
    const place = at(toRows as Array64, [row]);
    const [u, h] = [Math.floor(place / (H * T)), Math.floor(place / T) % H];
    for (let i = 0; i < width; i++) {
      let sum = 0;
      for (let s = 0; s < T; s++) {
        const kept = dropout ? (dropout.data[place * T + s] as number) : 1;
        sum += (weights[place * T + s] as number) * kept * entry(value, u, h, s, i);
      }
      context[row * width + i] = sum;
    }
  }
  return [context, weights, block(query), block(key), block(value)];
}

const runs: Record<string, Run> = {
  add: map2((a, b) => a + b),
  subtract: map2((a, b) => a - b),
  multiply: map2((a, b) => a * b),
  divide: map2((a, b) => a / b),
  exp: map1(Math.exp),
  after: ([x]) => (x as Array64).data,
  sigmoid: map1((x) => 1 / (1 + Math.exp(-x))),
  softplus: map1((x) => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)))),
  gelu: ([x]) => {
    const phi = (x as Array64).data.map((v) => 0.5 * (1 + erf64(v * Math.SQRT1_2)));
    return [phi.map((v, i) => v * ((x as Array64).data[i] as number)), phi];
  },
  attention: attention64,
  headRows: ([toPadded, toRows], { attributes }) => {
    const [rows, places, H] = [toPadded as Array64, toRows as Array64, Number(attributes['heads'])];
    const [U, T] = rows.shape as [number, number];
    const N = places.data.length;
    const blocks = fill([U, H, T], ([u, h, t]) => {
      const row = at(rows, [u as number, t as number]);
      return row < N ? row * H + (h as number) : N * H;
    });
    const back = fill([N, H], ([n, h]) => {
      const place = at(places, [n as number]);
      return (Math.floor(place / T) * H + (h as number)) * T + (place % T);
    });
    return [blocks, back];
  },
  softmax: ([x]) => rows(x as Array64, (row) => row.map((v) => Math.exp(v - logSumExp(row)))),
  logSoftmax: ([x]) => rows(x as Array64, (row) => row.map((v) => v - logSumExp(row))),
  logSumExp: ([x], _, shape) => {
    const logSoftmax = rows(x as Array64, (row) => row.map((v) => v - logSumExp(row)));
    const width = (x as Array64).shape.at(-1) as number;
    const sums = Float64Array.from({ length: sizeOf(shape) }, (__, i) => {
      return logSumExp([...(x as Array64).data.subarray(i * width, (i + 1) * width)]);
    });
    return [sums, logSoftmax];
  },
  reshape: ([x]) => (x as Array64).data,
  broadcastTo: ([x], _, shape) => fill(shape, (p) => at(x as Array64, p)),
  reduceSum: ([x], { attributes: { axes } }, shape) => {
    const result = new Float64Array(sizeOf(shape));
    const source = x as Array64;
    const kept = source.shape.map((size, axis) => ((axes as number[]).includes(axis) ? 1 : size));
    for (const p of positions(source.shape)) {
      let offset = 0;
      kept.forEach((size, axis) => (offset = offset * size + (size === 1 ? 0 : (p[axis] as number))));
      result[offset] = (result[offset] as number) + at(source, p);
    }
    return result;
  },
  transpose: ([x], { attributes: { order } }, shape) =>
    fill(shape, (p) =>
      at(
        x as Array64,
        (order as number[]).map((_, axis) => p[(order as number[]).indexOf(axis)] as number),
      ),
    ),
  concat: (inputs, { attributes: { axis } }, shape) =>
    fill(shape, (p) => {
      let place = p[axis as number] as number;
      for (const x of inputs) {
        const size = x.shape[axis as number] as number;
        if (place < size) return at(x, p.with(axis as number, place));
        place -= size;
      }
      return Number.NaN;
    }),
  slice: ([x], { attributes: { axis, range } }, shape, bindings) =>
    fill(shape, (p) => {
      const start = evaluateDim((range as Dim[])[0] as Dim, bindings);
      return at(x as Array64, p.with(axis as number, (p[axis as number] as number) + start));
    }),
  splitRows: ([x], { outputs }, _, bindings) => {
    let from = 0;
    return outputs.map(({ shape }) => {
      const to = from + sizeOf(evaluateShape(shape, bindings));
      const part = (x as Array64).data.slice(from, to);
      from = to;
      return part;
    });
  },
  pad: ([x], { attributes: { axis, before } }, shape) =>
    fill(shape, (p) => {
      const place = (p[axis as number] as number) - (before as number);
      const inside = place >= 0 && place < ((x as Array64).shape[axis as number] as number);
      return inside ? at(x as Array64, p.with(axis as number, place)) : 0;
    }),
  matmul: ([a, b], { attributes: { transposeA, transposeB, scale } }, shape) => {
    const [x, y] = [a as Array64, b as Array64];
    const inner = x.shape.at(transposeA === true ? -2 : -1) as number;
    return fill(shape, (p) => {
      const lead = p.slice(0, -2);
      const [i, j] = p.slice(-2) as [number, number];
      let sum = 0;
      for (let k = 0; k < inner; k++) {
        const left = at(x, [...lead, ...(transposeA === true ? [k, i] : [i, k])]);
        const right = at(y, [
          ...lead.slice(lead.length - y.shape.length + 2),
          ...(transposeB === true ? [j, k] : [k, j]),
        ]);
        sum += left * right;
      }
      return sum * (scale as number);
    });
  },
  linear: ([x, w, b], _, shape) =>
    fill(shape, ([n, o]) => {
      let sum = at(b as Array64, [o as number]);
      for (let i = 0; i < ((x as Array64).shape[1] as number); i++) {
        sum += at(x as Array64, [n as number, i]) * at(w as Array64, [o as number, i]);
      }
      return sum;
    }),
  layerNorm: ([x, w, b], { attributes: { epsilon } }) => {
    const [means, inverses]: number[][] = [[], []];
    const y = rows(x as Array64, (row) => {
      const mean = row.reduce((s, v) => s + v, 0) / row.length;
      const inverse =
        1 / Math.sqrt(row.reduce((s, v) => s + (v - mean) ** 2, 0) / row.length + (epsilon as number));
      means?.push(mean);
      inverses?.push(inverse);
      return row.map((v, i) => (v - mean) * inverse * at(w as Array64, [i]) + at(b as Array64, [i]));
    });
    return [y, Float64Array.from(means ?? []), Float64Array.from(inverses ?? [])];
  },
  gather: ([table, index], _, shape) =>
    fill(shape, ([n, d]) => at(table as Array64, [at(index as Array64, [n as number]), d as number])),
  scatterAdd: ([x, index], _, shape) => {
    const result = new Float64Array(sizeOf(shape));
    for (const [n, d] of positions((x as Array64).shape)) {
      const place = at(index as Array64, [n as number]) * (shape[1] as number) + (d as number);
      result[place] = (result[place] as number) + at(x as Array64, [n as number, d as number]);
    }
    return result;
  },
  padRows: ([x, toPadded], _, shape) =>
    fill(shape, (p) => {
      const row = at(toPadded as Array64, p.slice(0, -1));
      return row < ((x as Array64).shape[0] as number) ? at(x as Array64, [row, p.at(-1) as number]) : 0;
    }),
  relu: map1((x) => Math.max(x, 0)),
  positive: map1((x) => (x > 0 ? 1 : 0)),
  maximum: map2(Math.max),
  shiftRows: ([x, from], { attributes: { filler } }, shape) =>
    fill(shape, ([n, d]) => {
      const row = at(from as Array64, [n as number]);
      return row < (shape[0] as number) ? at(x as Array64, [row, d as number]) : (filler as number);
    }),
  lstm: lstm64,
  lstmGradient: lstmGradient64,
  unpadRows: ([block, , toRows], _, shape) =>
    fill(
      shape,
      ([m, d]) =>
        (block as Array64).data[
          at(toRows as Array64, [m as number]) * (shape[1] as number) + (d as number)
        ] as number,
    ),
};

/** The values of `outputs`, given those of the graph's inputs. */
export function evaluate64(outputs: readonly Value[], feeds: Readonly<Record<string, Array64>>): Array64[] {
  const graph = outputs[0]?.graph;
  if (!graph) return [];
  const known = new Map<number, Array64>();
  const bindings: Record<string, number> = {};
  for (const [name, value] of graph.inputs) {
    const feed = feeds[name];
    if (!feed) continue;
    known.set(value.id, feed);
    value.shape.forEach((dim, axis) => {
      if (typeof dim === 'string' && /^\w+$/.test(dim)) bindings[dim] = feed.shape[axis] as number;
    });
  }
  for (const { value, data } of graph.constants) {
    known.set(value.id, { shape: value.shape.map(Number), data: Float64Array.from(data, Number) });
  }
  for (const node of reachable(outputs)) {
    const run = runs[node.operation.name];
    if (!run) throw new Error(`the oracle does not know ${node.operation.name}`);
    const inputs = node.inputs.map((input) => known.get(input.id) as Array64);
    const shapes = node.outputs.map((output) => evaluateShape(output.shape, bindings));
    const result = run(inputs, node, shapes[0] as number[], bindings);
    const list = Array.isArray(result) ? result : [result];
    list.forEach((data, i) => {
      const output = node.outputs[i];
      if (output) known.set(output.id, { shape: shapes[i] as number[], data });
    });
  }
  return outputs.map((output) => known.get(output.id) as Array64);
}
