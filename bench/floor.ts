/**
 * What no program can do without: operations of the products, and bytes that must move.
 *
 * Letters: T pieces, D width, L layers, K masked pieces, V pieces of the vocabulary.
 */
import type { BertShape } from '../src/nn/bert-encoder.ts';

/**
 * Operations of the encoder's products over sequences of T pieces, forward: 2 per weight and piece, and 4 T^2 D per
 * layer for attention. The pair scorer, below 1 % of it, is left out.
 */
export function forwardOperations(
  { layers, width }: Pick<BertShape, 'layers' | 'width'>,
  lengths: readonly number[],
): number {
  const weights = layers * 12 * width ** 2;
  return lengths.reduce((sum, T) => sum + 2 * weights * T + 4 * layers * T ** 2 * width, 0);
}

/** The same, forward and backward: every product has two of its size in the gradient. */
export function stepOperations(
  shape: Pick<BertShape, 'layers' | 'width'>,
  lengths: readonly number[],
): number {
  return 3 * forwardOperations(shape, lengths);
}

/**
 * `stepOperations` of a masked language model: masked pieces, and no others, also go through a dense layer and the decoder,
 * 2 K D (D + V) operations forward.
 *
 * @param options.masked - K, of all sequences together
 */
export function maskedStepOperations(
  shape: Pick<BertShape, 'layers' | 'width' | 'vocabularySize'>,
  { lengths, masked }: { readonly lengths: readonly number[]; readonly masked: number },
): number {
  const { width, vocabularySize } = shape;
  return stepOperations(shape, lengths) + 3 * 2 * masked * width * (width + vocabularySize);
}

/** Bytes of an AdamW update: gradient, parameter and two moments read, the last three written. */
export const updateBytes = (parameters: number): number => 7 * 4 * parameters;

/** Share of the floor that is reached, in %, of a work that took `ms`. @param options.rate - GFLOP/s */
export function shareOfPeak(
  operations: number,
  { ms, rate }: { readonly ms: number | null | undefined; readonly rate: number | null | undefined },
): number | null {
  return ms && rate ? (100 * operations) / (ms * rate * 1e6) : null;
}
