/**
 * The forward pass as the backward pass sees it: some of its values are computed a second time instead of being kept.
 *
 * A second computation waits (see `after`) for the gradient that needs it, so that it is not merged with the first.
 * Source: Chen et al. 2016 (training with sublinear memory cost).
 */
import type { Node, Value } from './graph.ts';
import { after } from './ops/after.ts';

export class Again {
  readonly #makers = new Map<number, Node>();
  readonly #kept: ReadonlySet<number>;
  /** Values up to this one are computed again from the kept ones before them. */
  readonly #last: number;
  readonly #known = new Map<number, Value>();

  /**
   * @param nodes - the forward pass
   * @param kept - where computing again may begin; without any, only operations that ask for it are computed again
   */
  constructor(nodes: readonly Node[], kept: readonly Value[]) {
    for (const node of nodes) for (const output of node.outputs) this.#makers.set(output.id, node);
    this.#kept = new Set(kept.map(({ id }) => id));
    this.#last = Math.max(-1, ...this.#kept);
  }

  /** A node with the operands and results that its gradient is to be computed from. @param signal - a gradient of its outputs */
  node(node: Node, signal: Value | undefined): Node {
    if (!signal || signal.shape.length === 0) return node;
    const see = (value: Value): Value => this.#value(value, signal);
    return { ...node, inputs: node.inputs.map(see), outputs: node.outputs.map(see) };
  }

  #value(value: Value, signal: Value): Value {
    const known = this.#known.get(value.id);
    if (known) return known;
    const maker = this.#makers.get(value.id);
    if (!maker) return value;
    if (this.#kept.has(value.id)) return this.#know(value, after(value, signal));
    if (value.id < this.#last) {
      this.#repeat(
        maker,
        maker.inputs.map((input) => this.#value(input, signal)),
      );
    } else if (maker.operation.again !== undefined) {
      const { again } = maker.operation;
      this.#repeat(
        maker,
        maker.inputs.map((input, i) => (i === again ? after(input, signal) : input)),
      );
    }
    return this.#known.get(value.id) ?? value;
  }

  /** Where nothing had to wait, these are the first ones. */
  #repeat({ operation, inputs: [first], attributes, outputs }: Node, inputs: readonly Value[]): void {
    first?.graph
      .apply(operation, inputs, attributes)
      .forEach((output, i) => this.#know(outputs[i] ?? output, output));
  }

  #know(value: Value, again: Value): Value {
    this.#known.set(value.id, again);
    return again;
  }
}
