import { apply, dimAt, type Operation, shapeError, type Value } from '../graph.ts';

/**
 * Rows that take the places of others, such as each word's neighbour.
 *
 * `from` [N] holds for each place the row that comes to it, and `to` [N] for each row the place that it goes to; both
 * are int32 and hold N where there is none. No row goes to two places.
 */
export interface RowShift {
  readonly from: Value;
  readonly to: Value;
}

const operation: Operation = {
  name: 'shiftRows',
  infer: (inputs) => {
    const [rows, from, to] = inputs;
    const isIndex = (index: Value | undefined): boolean =>
      index?.dtype === 'int32' && index.shape.length === 1 && index.shape[0] === rows?.shape[0];
    if (rows?.shape.length !== 2 || !isIndex(from) || !isIndex(to)) {
      throw shapeError('shiftRows', 'rows [N, D] and two int32 indices [N]', inputs);
    }
    return [{ dtype: 'float32', shape: rows.shape }];
  },
  emit: ({ inputs: [rows, from], outputs: [shifted], attributes: { filler } }, emitter) => {
    if (!rows || !from || !shifted) return;
    const [row, all] = [emitter.temporary(), emitter.temporary()];
    emitter.node('Expand', [emitter.number(Number(filler)), emitter.shape([1, dimAt(rows.shape, 1)])], [row]);
    emitter.node('Concat', [emitter.name(rows), row], [all], { axis: 0 });
    emitter.node('Gather', [all, emitter.name(from)], [emitter.name(shifted)], { axis: 0 });
  },
  gradient: ({ inputs: [, from, to] }, [dShifted]) => [
    dShifted && from && to && shiftRows(dShifted, { from: to, to: from }, 0),
  ],
};

/** Rows [N, D] in their new places; places to which no row comes hold `filler`. */
export const shiftRows = (rows: Value, { from, to }: RowShift, filler: number): Value =>
  apply(operation, [rows, from, to], { filler });
