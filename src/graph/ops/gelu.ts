import { apply, type Operation, type Value } from '../graph.ts';
import { sameAsInput } from './_unary.ts';
import { add } from './add.ts';
import { exp } from './exp.ts';
import { multiply, scale } from './multiply.ts';

/** The normal density, the derivative of Phi. */
const density = (x: Value): Value => scale(exp(multiply(scale(x, -0.5), x)), 1 / Math.sqrt(2 * Math.PI));

const operation: Operation = {
  name: 'gelu',
  // x Phi(x), and Phi(x) for the gradient.
  infer: (inputs) => {
    const [type] = sameAsInput('gelu', inputs);
    return type ? [type, type] : [];
  },
  // Wide, and cheap to have again: the backward pass computes Phi anyway.
  again: 1,
  emit: ({ inputs: [x, half], outputs: [y, phi] }, emitter) => {
    if (!x || !half || !y || !phi) return;
    if (!emitter.isUsed(phi)) {
      emitter.node('Gelu', [emitter.name(x)], [emitter.name(y)], {}, 'com.microsoft');
      return;
    }
    const error = emitter.step('Erf', [emitter.step('Mul', [emitter.name(x), emitter.name(half)])]);
    // (1 + error) / 2 in one pass: HardSigmoid's bounds of 0 and 1 are never reached from inside.
    const line = { alpha: { float: 0.5 }, beta: { float: 0.5 } };
    emitter.node('HardSigmoid', [error], [emitter.name(phi)], line);
    if (emitter.isUsed(y)) emitter.node('Mul', [emitter.name(x), emitter.name(phi)], [emitter.name(y)]);
  },
  // Phi(x) + x times the density
  gradient: ({ inputs: [x], outputs: [, phi] }, [dY]) => [
    dY && x && phi && multiply(dY, add(phi, multiply(x, density(x)))),
  ],
};

/**
 * x Phi(x) with the exact normal distribution function Phi(x) = (1 + erf(x / sqrt 2)) / 2, as in BERT.
 *
 * Source: Hendrycks and Gimpel 2016.
 */
export const gelu = (x: Value): Value => apply(operation, [x, x.graph.constant(Math.SQRT1_2)]);
