/** The gradient of `lstm`, as a loop from the last step to the first. Letters as there. */
import { type Node, type Operation, shapeError, type Value } from '../graph.ts';
import type { Emitter } from '../onnx.ts';

/** Steps back; not differentiated again. */
const operation: Operation = {
  name: 'lstmGradient',
  infer: ([dStates, weight, ...kept]) => {
    const [T = 0, D = 0, U = 0, H = 0] = dStates?.shape ?? [];
    const wide = weight?.shape[1] ?? 0;
    if (kept.length !== 6) throw shapeError('lstmGradient', 'six blocks of the forward loop', kept);
    return [
      { dtype: 'float32', shape: [T, D, U, wide] },
      { dtype: 'float32', shape: [D, U, H] },
      { dtype: 'float32', shape: [D, U, H] },
    ];
  },
  emit: emitLoop,
  gradient: (node) => {
    throw shapeError('lstm', 'to be differentiated once', node.inputs);
  },
};

function emitLoop(
  { inputs: [dStates, weight, ...kept], outputs: [dX, dFirst, dCell] }: Node,
  emitter: Emitter,
): void {
  if (!dStates || !weight || !dX || !dFirst || !dCell) return;
  const name = (): string => emitter.temporary();
  const [dStateAfter, dCellAfter, dStateHere] = [name(), name(), name()];
  const blocks = kept.map(name);
  const [input = '', forget = '', fresh = '', output = '', squashed = '', cellBefore = ''] = blocks;
  const body = emitter.body([dStateAfter, dCellAfter, dStateHere, ...blocks], () => {
    const node = (type: string, ...inputs: string[]): string => {
      const result = name();
      emitter.node(type, inputs, [result]);
      return result;
    };
    const one = emitter.number(1);
    /** Slopes as functions of the results: y (1 - y) and 1 - y^2. */
    const ofSigmoid = (y: string): string => node('Mul', y, node('Sub', one, y));
    const ofTanh = (y: string): string => node('Sub', one, node('Mul', y, y));
    const dState = node('Add', dStateHere, dStateAfter);
    const dOutput = node('Mul', node('Mul', dState, squashed), ofSigmoid(output));
    const dCellHere = node('Add', dCellAfter, node('Mul', node('Mul', dState, output), ofTanh(squashed)));
    const dInput = node('Mul', node('Mul', dCellHere, fresh), ofSigmoid(input));
    const dFresh = node('Mul', node('Mul', dCellHere, input), ofTanh(fresh));
    const dForget = node('Mul', node('Mul', dCellHere, cellBefore), ofSigmoid(forget));
    const dGates = name();
    emitter.node('Concat', [dInput, dForget, dFresh, dOutput], [dGates], { axis: -1 });
    const dStateBefore = name();
    emitter.node('FusedMatMul', [dGates, emitter.name(weight)], [dStateBefore], {}, 'com.microsoft');
    return [dStateBefore, node('Mul', dCellHere, forget), node('Identity', dGates)];
  });
  const zeros = name();
  emitter.node('ConstantOfShape', [emitter.shape(dFirst.shape)], [zeros]);
  emitter.node(
    'Scan',
    [zeros, zeros, emitter.name(dStates), ...kept.map((block) => emitter.name(block))],
    [emitter.name(dFirst), emitter.name(dCell), emitter.name(dX)],
    {
      body,
      num_scan_inputs: 7,
      scan_input_directions: [1, 1, 1, 1, 1, 1, 1],
      scan_output_directions: [1],
    },
  );
}

/**
 * @param dStates - gradient of the states [T, D, U, H], zero past the end of a sequence
 * @param kept - what `lstm` keeps: gates, tanh of the cell, cell and state before each step
 * @returns gradients of x, of the first state and of the first cell
 */
export function lstmGradient(dStates: Value, weight: Value, kept: readonly Value[]): readonly Value[] {
  return dStates.graph.apply(operation, [dStates, weight, ...kept.slice(0, 6)]);
}
