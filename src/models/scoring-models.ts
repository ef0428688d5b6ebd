/** What scores documents: one model, or the two steps, with weights. */
import type { PairModel } from './pair-model.ts';
import type { ParameterLookup } from './tensors.ts';

/** A model and its weights. */
export interface WeightedModel {
  readonly model: PairModel;
  readonly parameter: ParameterLookup;
}

/** One model, or the two steps. */
export type ScoringModels =
  | { readonly kind: 'one-step'; readonly relation: WeightedModel }
  | { readonly kind: 'two-step'; readonly existence: WeightedModel; readonly relation: WeightedModel };
