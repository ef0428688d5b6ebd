/** Reverse-mode differentiation: the gradient is more graph. */
import { Again } from './again.ts';
import { type Node, reachable, shapeError, type Value } from './graph.ts';
import { add } from './ops/add.ts';
import { gatherOperation } from './ops/gather.ts';

/** Rows of a table's gradient: rows[n] belongs to row index[n]; rows of one index are to be added. */
export interface RowGradient {
  readonly index: Value;
  readonly rows: Value;
}

export interface Gradients {
  /** The gradient as one tensor; undefined where `loss` does not depend on the value (or only through rows). */
  readonly dense: ReadonlyMap<Value, Value>;
  /** Gradients that stay rows, of the values in `options.rows`. */
  readonly rows: ReadonlyMap<Value, readonly RowGradient[]>;
}

/**
 * What the backward pass finds of the forward pass: `normal`, all but what is cheap to compute again; `low`, only what
 * `Graph.keep` was called on and what follows the last of it.
 */
export const memories = ['normal', 'low'] as const;
export type Memory = (typeof memories)[number];

/**
 * The gradients of a scalar with respect to `wrt`.
 *
 * @param loss - shape []
 * @param wrt - values of the same graph
 * @param options.rows - tables [V, D] whose gradient through `gather` is kept as rows instead of a whole table
 * @param options.memory - default `normal`
 * @throws RelataError `E_SHAPE` when the loss is not a scalar
 */
export function gradients(
  loss: Value,
  wrt: readonly Value[],
  options: { readonly rows?: ReadonlySet<Value>; readonly memory?: Memory } = {},
): Gradients {
  if (loss.shape.length !== 0) throw shapeError('gradients', 'a scalar loss', [loss]);
  const nodes = reachable([loss]);
  const active = new Set(wrt.map((value) => value.id));
  for (const node of nodes) {
    if (node.inputs.some((input) => active.has(input.id)))
      for (const output of node.outputs) active.add(output.id);
  }

  const again = new Again(nodes, options.memory === 'low' ? loss.graph.kept : []);
  const found = new Map<number, Value>([[loss.id, loss.graph.constant(1)]]);
  const rows = new Map<Value, RowGradient[]>();
  const accumulate = (value: Value, gradient: Value): void => {
    const before = found.get(value.id);
    found.set(value.id, before ? add(before, gradient) : gradient);
  };
  for (const node of nodes.toReversed()) {
    const dOutputs = node.outputs.map((output) => found.get(output.id));
    const wanted = node.inputs.map((input) => active.has(input.id));
    if (!dOutputs.some(Boolean) || !wanted.some(Boolean)) continue;
    const kept = rowGradient(node, dOutputs[0], options.rows);
    if (kept) {
      rows.set(kept.table, [...(rows.get(kept.table) ?? []), kept.gradient]);
      continue;
    }
    const seen = again.node(
      node,
      dOutputs.find((dOutput) => dOutput !== undefined),
    );
    node.operation.gradient(seen, dOutputs, wanted).forEach((gradient, i) => {
      const input = node.inputs[i];
      if (gradient && input && wanted[i]) accumulate(input, gradient);
    });
  }
  const dense = new Map<Value, Value>();
  for (const value of wrt) {
    const gradient = found.get(value.id);
    if (gradient) dense.set(value, gradient);
  }
  return { dense, rows };
}

function rowGradient(
  node: Node,
  dY: Value | undefined,
  tables: ReadonlySet<Value> | undefined,
): { table: Value; gradient: RowGradient } | undefined {
  const [table, index] = node.inputs;
  if (node.operation !== gatherOperation || !table || !index || !dY || !tables?.has(table)) return undefined;
  return { table, gradient: { index, rows: dY } };
}
