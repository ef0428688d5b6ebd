import { type Dim, multiplyDims } from '../dims.ts';
import { apply, dimAt, type Node, type Operation, shapeError, type Value } from '../graph.ts';
import type { Emitter } from '../onnx.ts';
import { lstmGradient } from './_lstm-gradient.ts';
import { matmul } from './matmul.ts';
import { reshape } from './reshape.ts';
import { transpose } from './transpose.ts';

/** What one step leaves for the gradient: the four gates, tanh of the new cell, and the states before the step. */
const KEPT = 7;

/**
 * Letters: T steps, D directions, U sequences, H width. Directions run side by side, each over its own order of the
 * words, with weights of its own. Outputs: the state after each step, then what the gradient needs (each [T, D, U, H]),
 * which is left out where nothing reads it.
 */
const operation: Operation = {
  name: 'lstm',
  infer: (inputs) => {
    const [x, weight, state, cell] = inputs;
    const [T = 0, D = 0, U = 0] = x?.shape ?? [];
    const H = dimAt(weight?.shape ?? [], -1);
    const fits = (value: Value | undefined, shape: readonly Dim[]): boolean =>
      value?.dtype === 'float32' && value.shape.join() === shape.join();
    const wide = multiplyDims(4, H);
    if (!fits(x, [T, D, U, wide]) || !fits(weight, [D, wide, H])) {
      throw shapeError('lstm', 'x [T, D, U, 4 H] and weight [D, 4 H, H]', inputs);
    }
    if (!fits(state, [D, U, H]) || !fits(cell, [D, U, H])) {
      throw shapeError('lstm', `first state and cell [${[D, U, H].join(', ')}]`, inputs);
    }
    return Array.from({ length: 1 + KEPT }, () => ({ dtype: 'float32', shape: [T, D, U, H] }));
  },
  emit: emitLoop,
  gradient: ({ inputs: [x, weight, , cell], outputs: [, ...kept] }, [dStates, ...others]) => {
    const [, , , , , , stateBefore] = kept;
    if (!x || !weight || !cell || !dStates || !stateBefore) return [];
    if (others.some(Boolean)) throw shapeError('lstm', 'no gradient of its gates', others.filter(isValue));
    const [dX, dState, dCell] = lstmGradient(dStates, weight, kept);
    return [dX, dX && weightGradient(dX, stateBefore), dState, dCell];
  },
};

const isValue = (value: Value | undefined): value is Value => value !== undefined;

/** One product over all steps: sum of dx_t h_{t-1}' for each direction, [D, 4 H, H]. */
function weightGradient(dX: Value, stateBefore: Value): Value {
  const byDirection = (block: Value): Value => {
    const [T = 0, D = 0, U = 0, width = 0] = block.shape;
    return reshape(transpose(block, [1, 0, 2, 3]), [D, multiplyDims(T, U), width]);
  };
  return matmul(byDirection(dX), byDirection(stateBefore), { transposeA: true });
}

function emitLoop({ inputs: [x, weight, state, cell], outputs }: Node, emitter: Emitter): void {
  if (!x || !weight || !state || !cell) return;
  const name = (): string => emitter.temporary();
  const [stateBefore, cellBefore, xt] = [name(), name(), name()];
  const used = outputs.map((output) => emitter.isUsed(output));
  const body = emitter.body([stateBefore, cellBefore, xt], () => {
    const node = (type: string, inputs: readonly string[]): string => {
      const result = name();
      emitter.node(type, inputs, [result]);
      return result;
    };
    const recurrent = name();
    emitter.node(
      'FusedMatMul',
      [stateBefore, emitter.name(weight)],
      [recurrent],
      { transB: 1 },
      'com.microsoft',
    );
    const sum = node('Add', [recurrent, xt]); // [D, U, 4 H]
    const [inputX, forgetX, newX, outputX] = [name(), name(), name(), name()];
    emitter.node('Split', [sum], [inputX, forgetX, newX, outputX], { axis: -1, num_outputs: 4 });
    const input = node('Sigmoid', [inputX]);
    const forget = node('Sigmoid', [forgetX]);
    const fresh = node('Tanh', [newX]);
    const output = node('Sigmoid', [outputX]);
    const cellAfter = node('Add', [node('Mul', [forget, cellBefore]), node('Mul', [input, fresh])]);
    const squashed = node('Tanh', [cellAfter]);
    const stateAfter = node('Mul', [output, squashed]);
    const kept = [input, forget, fresh, output, squashed, cellBefore, stateBefore];
    // An output of a body has a name of its own, also where it is a state or an input.
    const rows = [stateAfter, ...kept].filter((_, i) => used[i]).map((value) => node('Identity', [value]));
    return [stateAfter, cellAfter, ...rows];
  });
  emitter.node(
    'Scan',
    [emitter.name(state), emitter.name(cell), emitter.name(x)],
    [name(), name(), ...outputs.filter((_, i) => used[i]).map((output) => emitter.name(output))],
    { body, num_scan_inputs: 1 },
  );
}

/**
 * Long short-term memory over a block of sequences (Hochreiter and Schmidhuber 1997; gates in PyTorch's order: input,
 * forget, new, output). Every product that does not depend on the step before stands outside of the loop.
 *
 * Sequences begin at step 0. What comes after the end of one is computed and means nothing; no gradient may arrive there.
 *
 * @param x - the gates' part from the words, biases added: [T, D, U, 4 H]
 * @param weight - recurrent weights [D, 4 H, H]
 * @param state, cell - before the first step, [D, U, H]
 * @returns the state after each step, [T, D, U, H]
 */
export const lstm = (x: Value, weight: Value, state: Value, cell: Value): Value =>
  apply(operation, [x, weight, state, cell]);
