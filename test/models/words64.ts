/**
 * The word-level systems once more, as plain loops in float64 over the words of a document.
 *
 * Written from the definitions of the systems (DocRED baselines and the paper's repository), sharing nothing with the code
 * that it checks but the names of the parameters. No layer knows of graphs, batches or padding.
 */
import type { Document } from '../../src/data/document.ts';
import type { Mode } from '../../src/features/encode.ts';
import type { WordSystem } from '../../src/models/systems.ts';

/** A parameter's numbers, last axis fastest. */
export type Values = (name: string) => ArrayLike<number>;

export interface Masks {
  /** Of the words of a sequence, [140]; sequences are counted over the batch. */
  readonly locked?: (sequence: number) => ArrayLike<number>;
  /** Of a word after a convolution, [200]; words are counted over the batch. */
  readonly elements?: (block: number, word: number) => ArrayLike<number>;
}

export interface System64 {
  readonly system: WordSystem;
  readonly mode: Mode;
  readonly words: readonly string[];
  readonly types: readonly string[];
  readonly without: readonly string[];
  readonly classes: number;
  readonly values: Values;
  readonly masks?: Masks;
}

type Vector = Float64Array;

const [WORD, TAG, HIDDEN, FILTERS] = [100, 20, 128, 200];

/** Logits [P, R] of every document of a batch; pairs h outer, t inner. */
export function logits64(docs: readonly Document[], system: System64): Vector[][] {
  const { masks = {}, mode } = system;
  const longest = Math.max(...docs.map((doc) => doc.sents.flat().length));
  let [sequence, row] = [0, 0];
  return docs.map((doc) => {
    const inputs = wordRows(doc, system);
    const read = mode === 'faithful' ? Math.min(512, inputs.length) : inputs.length;
    let words: Vector[];
    if (system.system === 'cnn') {
      // The original pads documents to the longest of their batch with the word 0, and convolves the padding too.
      const padding = mode === 'faithful' ? Math.min(512, longest) - read : 0;
      const blank = concat([take(system.values('word_embedding.weight'), 0, WORD)], inputs[0]?.length ?? 0);
      const rows = [...inputs.slice(0, read), ...Array.from({ length: padding }, () => blank)];
      words = convolve(rows, system, row);
      row += rows.length;
    } else {
      const run = (part: readonly Vector[]): Vector[] => {
        const mask = masks.locked?.(sequence++);
        return recurrent(
          mask ? part.map((x) => x.map((value, i) => value * Number(mask[i]))) : part,
          system.system === 'lstm' ? 1 : 2,
          system.values,
        );
      };
      const states =
        system.system === 'sentence' ? bySentence(doc, inputs, mode, run) : run(inputs.slice(0, read));
      words = states.map((state) => relu(affine(system.values, 'projection', state)));
    }
    const vectors = doc.vertexSet.map((_, e) => entityVector(doc, e, words, mode));
    return scores(doc, vectors, system);
  });
}

/** [word ; coreference ; type] of every word; id 0 of a tag is a row of zeros. */
function wordRows(doc: Document, { words, types, without, values }: System64): Vector[] {
  const text = doc.sents.flat();
  const [coreference, type] = [text.map(() => 0), text.map(() => 0)];
  doc.vertexSet.forEach((entity, e) => {
    for (const mention of entity) {
      for (const place of placesOf(doc, mention)) {
        coreference[place] = Math.min(e + 1, 511);
        type[place] = types.indexOf(mention.type) + 1;
      }
    }
  });
  const tag = (name: string, id: number): ArrayLike<number> =>
    id === 0 ? new Float64Array(TAG) : take(values(`${name}_embedding.weight`), id, TAG);
  return text.map((word, i) => {
    const id = words.indexOf(word.toLowerCase());
    return concat([
      take(values('word_embedding.weight'), id < 0 ? 1 : id, WORD),
      ...(without.includes('coreference') ? [] : [tag('coreference', coreference[i] ?? 0)]),
      ...(without.includes('types') ? [] : [tag('type', type[i] ?? 0)]),
    ]);
  });
}

/** Document positions of a mention's words. */
function placesOf(
  doc: Document,
  { sent_id, pos }: { sent_id: number; pos: readonly [number, number] },
): number[] {
  const before = doc.sents.slice(0, sent_id).flat().length;
  return Array.from({ length: pos[1] - pos[0] }, (_, i) => before + pos[0] + i);
}

/** Every sentence for itself. The original through its own two tables of 25 x 100 places and 512 ways back. */
function bySentence(
  doc: Document,
  inputs: readonly Vector[],
  mode: Mode,
  run: (part: readonly Vector[]) => Vector[],
): Vector[] {
  let at = 0;
  const sentences = doc.sents.map(({ length }) => Array.from({ length }, () => at++));
  const rowsAt = (places: readonly number[]): Vector[] => places.map((place) => inputs[place] as Vector);
  if (mode === 'corrected') return sentences.flatMap((places) => run(rowsAt(places)));
  const [SENTENCES, WORDS, LONGEST] = [25, 100, 512];
  const outputs = Array.from({ length: SENTENCES * WORDS }, (): Vector => new Float64Array(2 * HIDDEN));
  const back = Array<number>(LONGEST).fill(-1);
  let start = 0;
  sentences.slice(0, SENTENCES).forEach((all, s) => {
    const places = all.slice(0, WORDS);
    const length = Math.max(1, places.filter((place) => place > 0).length);
    run(rowsAt(places.slice(0, length))).forEach((state, i) => (outputs[s * WORDS + i] = state));
    places.forEach((_, i) => {
      if (start + i < LONGEST) back[start + i] = s * WORDS + i;
    });
    start += places.length;
  });
  return back.slice(0, inputs.length).map((place) => outputs.at(place) as Vector);
}

function recurrent(rows: readonly Vector[], directions: 1 | 2, values: Values): Vector[] {
  const forward = direction(rows, 0, values);
  if (directions === 1) return forward;
  const backward = direction(rows.toReversed(), 1, values).reverse();
  return forward.map((state, i) => concat([state, backward[i] as Vector]));
}

/** i, f, g, o = W_ih x + b_ih + W_hh h + b_hh; c = f c + i g; h = o tanh(c). */
function direction(rows: readonly Vector[], d: 0 | 1, values: Values): Vector[] {
  const part = (name: string): ArrayLike<number> => values(`lstm.${name}_l0${d === 1 ? '_reverse' : ''}`);
  const [wx, wh, bx, bh] = [part('weight_ih'), part('weight_hh'), part('bias_ih'), part('bias_hh')];
  let h = Float64Array.from(take(values('lstm.init_hidden'), d, HIDDEN));
  let c = Float64Array.from(take(values('lstm.init_c'), d, HIDDEN));
  return rows.map((x) => {
    const [fromWord, fromState] = [times(wx, x), times(wh, h)];
    const gate = (which: number, k: number): number => {
      const j = which * HIDDEN + k;
      return (fromWord[j] as number) + (fromState[j] as number) + Number(bx[j]) + Number(bh[j]);
    };
    c = c.map((cell, k) => sigmoid(gate(1, k)) * cell + sigmoid(gate(0, k)) * Math.tanh(gate(2, k)));
    h = c.map((cell, k) => sigmoid(gate(3, k)) * Math.tanh(cell));
    return h;
  });
}

/** Three times convolution of three words, max pooling of three words, ReLU, dropout. */
function convolve(rows: readonly Vector[], { values, masks }: System64, first: number): Vector[] {
  let words = rows;
  for (let block = 0; block < 3; block++) {
    const [weight, bias] = [values(`conv.${block}.weight`), values(`conv.${block}.bias`)];
    const width = words[0]?.length ?? 0;
    const convolved = words.map((_, n) =>
      Float64Array.from({ length: FILTERS }, (__, o) => {
        let sum = Number(bias[o]);
        for (let k = 0; k < 3; k++) {
          const x = words[n + k - 1];
          if (x)
            for (let i = 0; i < width; i++) sum += Number(weight[(o * width + i) * 3 + k]) * (x[i] as number);
        }
        return sum;
      }),
    );
    words = convolved.map((_, n) => {
      const near = convolved.slice(Math.max(0, n - 1), n + 2);
      const mask = masks?.elements?.(block, first + n);
      return Float64Array.from({ length: FILTERS }, (__, o) => {
        const most = Math.max(0, ...near.map((x) => x[o] as number));
        return most * Number(mask?.[o] ?? 1);
      });
    });
  }
  return [...words];
}

/** Mean over mentions of the mean over their words; the original assigns weights where mentions share a word. */
function entityVector(doc: Document, e: number, words: readonly Vector[], mode: Mode): Vector {
  const entity = doc.vertexSet[e] ?? [];
  const weights = Array<number>(doc.sents.flat().length).fill(0);
  for (const mention of entity) {
    const places = placesOf(doc, mention);
    for (const place of places) {
      const weight = 1 / entity.length / places.length;
      weights[place] = mode === 'faithful' ? weight : (weights[place] ?? 0) + weight;
    }
  }
  const sum = new Float64Array(words[0]?.length ?? 0);
  words.slice(0, weights.length).forEach((word, place) => {
    const weight = weights[place] ?? 0;
    if (weight > 0) word.forEach((x, i) => (sum[i] = (sum[i] as number) + weight * x));
  });
  return sum;
}

/** Bucket of a distance, and the rows of the two sides. */
function distanceIds(distance: number): { head: number; tail: number } {
  const bucket = [1, 2, 4, 8, 16, 32, 64, 128, 256].filter((low) => Math.abs(distance) >= low).length;
  const signed = distance < 0 ? -bucket : bucket;
  return { head: 10 + signed, tail: 10 - signed };
}

function scores(doc: Document, vectors: readonly Vector[], system: System64): Vector[] {
  const { values, without, classes } = system;
  const first = doc.vertexSet.map(([mention]) => (mention ? (placesOf(doc, mention)[0] ?? 0) : 0));
  const withDistance = (vector: Vector, id: number): Vector => {
    if (without.includes('distances')) return vector;
    return concat([
      vector,
      id === 10 ? new Float64Array(20) : take(values('distance_embedding.weight'), id, 20),
    ]);
  };
  const outputs = system.system === 'context-aware' ? HIDDEN : classes;
  const pairs: Vector[] = [];
  vectors.forEach((head, h) =>
    vectors.forEach((tail, t) => {
      if (h === t) return;
      const ids = distanceIds((first[h] ?? 0) - (first[t] ?? 0));
      pairs.push(bilinear(values, withDistance(head, ids.head), withDistance(tail, ids.tail), outputs));
    }),
  );
  return system.system === 'context-aware' ? attention(pairs, system) : pairs;
}

function bilinear(values: Values, head: Vector, tail: Vector, outputs: number): Vector {
  const [weight, bias] = [values('bilinear.weight'), values('bilinear.bias')];
  return Float64Array.from({ length: outputs }, (_, k) => {
    let sum = Number(bias[k]);
    for (let i = 0; i < head.length; i++) {
      let product = 0;
      const row = (k * head.length + i) * tail.length;
      for (let j = 0; j < tail.length; j++) product += Number(weight[row + j]) * (tail[j] as number);
      sum += (head[i] as number) * product;
    }
    return sum;
  });
}

/** Every pair looks at all pairs of its document, itself too. */
function attention(pairs: readonly Vector[], { values, mode }: System64): Vector[] {
  const scale = values('attention.dot_scale');
  return pairs.map((own) => {
    // The original's u . v_i is the same for all j; it is added here to show that it cancels.
    const u = mode === 'faithful' ? values('attention.input_linear.weight') : new Float64Array(HIDDEN);
    const constant = own.reduce((sum, x, f) => sum + x * Number(u[f]), 0);
    const logits = pairs.map((other) =>
      own.reduce((sum, x, f) => sum + x * Number(scale[f]) * (other[f] as number), constant),
    );
    const top = Math.max(...logits);
    const total = logits.reduce((sum, x) => sum + Math.exp(x - top), 0);
    const context = new Float64Array(HIDDEN);
    pairs.forEach((other, j) => {
      const share = Math.exp((logits[j] as number) - top) / total;
      other.forEach((x, f) => (context[f] = (context[f] as number) + share * x));
    });
    return affine(values, 'output', concat([own, context]));
  });
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const relu = (x: Vector): Vector => x.map((value) => Math.max(0, value));

function take(table: ArrayLike<number>, row: number, width: number): ArrayLike<number> {
  return Array.from({ length: width }, (_, i) => Number(table[row * width + i]));
}

/** Side by side, filled up with zeros to `length`. */
function concat(parts: readonly ArrayLike<number>[], length = 0): Vector {
  const all = parts.flatMap((part) => Array.from(part));
  while (all.length < length) all.push(0);
  return Float64Array.from(all);
}

/** W x. */
function times(weight: ArrayLike<number>, x: Vector): Vector {
  const width = x.length;
  return Float64Array.from({ length: weight.length / width }, (_, o) => {
    let sum = 0;
    for (let i = 0; i < width; i++) sum += Number(weight[o * width + i]) * (x[i] as number);
    return sum;
  });
}

function affine(values: Values, name: string, x: Vector): Vector {
  const bias = values(`${name}.bias`);
  return times(values(`${name}.weight`), x).map((value, o) => value + Number(bias[o]));
}
