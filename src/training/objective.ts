/** What a training run learns, for a loop that knows neither pairs nor tags. */
import type { Bindings } from '../graph/dims.ts';
import type { Graph, Value } from '../graph/graph.ts';
import type { Dropout } from '../nn/dropout.ts';
import type { Parameters } from '../nn/parameters.ts';
import type { Tensors } from '../runtime/session.ts';

/** A graph with a loss, and what goes into it. I: what it runs over. T: what is known of a whole batch. */
export interface Lesson<I, T> {
  /** The forward pass. The loss is a sum of terms times a number that `feeds` gives. */
  readonly build: (
    graph: Graph,
    dropout: Dropout,
  ) => { readonly params: Parameters; readonly loss: Value; readonly classes: number };
  /** The arrays of a run, without parameters and masks, and the sizes of the graph's dimensions. */
  readonly feeds: (items: readonly I[], totals: T) => { readonly sizes: Bindings; readonly tensors: Tensors };
}

/** A batch of an epoch. */
export interface Drawn<I, T> {
  /** What runs at once; the gradients of all parts are added. */
  readonly parts: readonly (readonly I[])[];
  readonly totals: T;
  /** Pieces or words that are read. */
  readonly pieces: number;
  /** What the loss is over, for the log. */
  readonly counts: { readonly pairs: number } | { readonly words: number };
}

export interface Objective<I, T> extends Lesson<I, T> {
  /** Documents that give something to learn, by index. */
  readonly documents: readonly number[];
  /** A batch: the same at every call. Undefined where these documents give nothing to learn in this epoch. */
  readonly draw: (epoch: number, documents: readonly number[]) => Drawn<I, T> | undefined;
}
