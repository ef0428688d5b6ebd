/** BERT's encoder for one sequence at a time, as the paper writes it: plain loops, float64, no padding. */
import type { BertShape } from '../../src/nn/bert-encoder.ts';
import { erf64 } from '../graph/oracle.ts';

type Matrix = number[][];
type Weights = (name: string) => ArrayLike<number>;

export function bert64(ids: readonly number[], shape: BertShape, weights: Weights): Matrix {
  const { width, heads, layers } = shape;
  const rowOf = (name: string, row: number, size = width): number[] =>
    Array.from({ length: size }, (_, i) => weights(name)[row * size + i] ?? Number.NaN);
  const dense = (name: string, x: Matrix): Matrix => {
    const bias = weights(`${name}.bias`);
    const inputs = x[0]?.length ?? 0;
    return x.map((values) =>
      Array.from(bias, (b, o) =>
        rowOf(`${name}.weight`, o, inputs).reduce((sum, w, i) => sum + w * (values[i] ?? 0), b),
      ),
    );
  };
  const norm = (name: string, x: Matrix): Matrix =>
    x.map((values) => {
      const mean = values.reduce((a, b) => a + b, 0) / width;
      const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / width;
      return values.map(
        (v, i) =>
          ((v - mean) / Math.sqrt(variance + shape.layerNormEpsilon)) * (weights(`${name}.weight`)[i] ?? 0) +
          (weights(`${name}.bias`)[i] ?? 0),
      );
    });
  const sum = (a: Matrix, b: Matrix): Matrix => a.map((row, n) => row.map((v, i) => v + (b[n]?.[i] ?? 0)));

  const embeddings = 'bert.embeddings';
  let x = ids.map((id, t) => {
    const [word, place, segment] = [
      rowOf(`${embeddings}.word_embeddings.weight`, id),
      rowOf(`${embeddings}.position_embeddings.weight`, t),
      rowOf(`${embeddings}.token_type_embeddings.weight`, 0),
    ];
    return word.map((v, i) => v + (place[i] ?? 0) + (segment[i] ?? 0));
  });
  x = norm(`${embeddings}.LayerNorm`, x);
  for (let layer = 0; layer < layers; layer++) {
    const name = `bert.encoder.layer.${layer}`;
    const [q, k, v] = ['query', 'key', 'value'].map((part) => dense(`${name}.attention.self.${part}`, x));
    const size = width / heads;
    const context = x.map(() => Array.from({ length: width }, () => 0));
    for (let h = 0; h < heads; h++) {
      const part = (row: number[] | undefined): number[] => row?.slice(h * size, (h + 1) * size) ?? [];
      x.forEach((_, i) => {
        const scores = x.map((__, j) => {
          const key = part(k?.[j]);
          return part(q?.[i]).reduce((s, a, d) => s + a * (key[d] ?? 0), 0) / Math.sqrt(size);
        });
        const total = scores.reduce((s, score) => s + Math.exp(score), 0);
        scores.forEach((score, j) => {
          part(v?.[j]).forEach((value, d) => {
            const row = context[i] ?? [];
            row[h * size + d] = (row[h * size + d] ?? 0) + (Math.exp(score) / total) * value;
          });
        });
      });
    }
    const middle = norm(
      `${name}.attention.output.LayerNorm`,
      sum(dense(`${name}.attention.output.dense`, context), x),
    );
    const wide = dense(`${name}.intermediate.dense`, middle).map((row) =>
      row.map((value) => (value * (1 + erf64(value / Math.SQRT2))) / 2),
    );
    x = norm(`${name}.output.LayerNorm`, sum(dense(`${name}.output.dense`, wide), middle));
  }
  return x;
}
