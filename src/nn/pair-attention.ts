/**
 * Attention of a document's pairs to all pairs of the document (Sorokin and Gurevych 2017 made context count; the form
 * is that of the DocRED baselines, models/ContextAware.py).
 *
 * Letters: B documents, C context pairs, J of the largest document, P asked pairs, Q of the largest, D width.
 */
import type { Value } from '../graph/graph.ts';
import {
  add,
  gather,
  matmul,
  multiply,
  padRows,
  type RowMap,
  softmax,
  unpadRows,
} from '../graph/ops/index.ts';
import { type Initialiser, uniformFanIn } from './initialisers.ts';
import type { Parameters } from './parameters.ts';

/** Where pairs stand in their documents. */
export interface AttentionInputs {
  /** Context pairs [C] to the block [B, J] and back. */
  readonly context: RowMap;
  /** 0 at pairs and a large negative number at padding, [B, 1, J]. */
  readonly mask: Value;
  /** The context pair that each asked pair is, [P]. */
  readonly asked: Value;
  /** Asked pairs [P] to the block [B, Q] and back. */
  readonly queries: RowMap;
}

/**
 * logit(i, j) = sum_f v_i[f] a[f] v_j[f], softmax over j, and the weighted mean of the v_j.
 *
 * @param pairs - a vector of every context pair, [C, D]
 * @param options.deadVector - adds u . v_i to the logits of pair i, as the original does: softmax is blind to it, so u has
 * neither effect nor gradient
 * @returns asked pairs and their contexts, each [P, D]
 */
export function pairAttention(
  params: Parameters,
  pairs: Value,
  { context, mask, asked, queries }: AttentionInputs,
  { deadVector }: { readonly deadVector: boolean },
): { own: Value; contexts: Value } {
  const D = Number(pairs.shape[1]);
  const group = 'head';
  const scale = params.declare('attention.dot_scale', [D], aboveFanIn, { group });
  const own = gather(pairs, asked); // [P, D]
  const keys = padRows(pairs, context); // [B, J, D]
  const query = padRows(multiply(own, scale), queries); // [B, Q, D]
  let logits = matmul(query, keys, { transposeB: true }); // [B, Q, J]
  if (deadVector) {
    const u = params.declare('attention.input_linear.weight', [1, D], uniformFanIn(D), { group });
    const dots = padRows(matmul(own, u, { transposeB: true }), queries); // [B, Q, 1]
    logits = add(logits, dots);
  }
  const weights = softmax(add(logits, mask));
  const block = matmul(weights, keys); // [B, Q, D]
  return { own, contexts: unpadRows(block, queries) };
}

/** Uniform between 1 / sqrt(D) and 1: the original calls PyTorch's `uniform_` with its lower end only. */
const aboveFanIn: Initialiser = (shape, rng) => {
  const low = 1 / Math.sqrt(shape[0] ?? 1);
  return Float32Array.from({ length: shape[0] ?? 0 }, () => low + rng.uniform() * (1 - low));
};
