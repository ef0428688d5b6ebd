/**
 * Parts of BERT's encoder that a run keeps as they are.
 *
 * A frozen parameter costs no gradient, no moments and no room in a checkpoint; backward work ends above the lowest part that
 * is trained. The forward pass stays that of training, dropout included.
 */
import { fail } from '../core/errors.ts';
import type { ParameterSpec } from '../nn/parameters.ts';

/** `embeddings`, or layers of the encoder from 0, both bounds inclusive as they are written. */
type Part = 'embeddings' | { readonly first: number; readonly last: number };

/** What a part must be, in words that follow "to be"; undefined where `text` is one. */
export function partProblem(text: string): string | undefined {
  if (partOf(text) !== undefined) return undefined;
  return range.test(text)
    ? 'layers from the lower to the higher, such as encoder.0-5'
    : 'parts among embeddings, encoder (all layers), encoder.N and encoder.N-M (layers, from 0)';
}

/**
 * Refuses parts that an encoder does not have.
 *
 * @param layers - of the encoder
 * @throws RelataError `E_USAGE` naming the first such part
 */
export function checkParts(parts: readonly string[], layers: number): void {
  const beyond = parts.find((text) => {
    const part = partOf(text);
    return typeof part === 'object' && Number.isFinite(part.last) && part.last >= layers;
  });
  if (beyond === undefined) return;
  throw fail('E_USAGE', {
    what: `Expected --freeze to name layers below ${layers}, as many as the encoder has, got ${beyond}`,
    help: 'Layers count from 0; `encoder` alone is all of them.',
  });
}

/**
 * `specs` in their order, those of `parts` frozen.
 *
 * @param parts - texts that `partProblem` finds nothing wrong with
 */
export function freezeParts(specs: readonly ParameterSpec[], parts: readonly string[]): ParameterSpec[] {
  const named = parts.map(partOf);
  return specs.map((spec) =>
    named.some((part) => part !== undefined && holds(part, spec.name)) ? { ...spec, frozen: true } : spec,
  );
}

const range = /^encoder\.(\d{1,4})(?:-(\d{1,4}))?$/;

function partOf(text: string): Part | undefined {
  if (text === 'embeddings') return text;
  if (text === 'encoder') return { first: 0, last: Infinity };
  const [, first, last = first] = range.exec(text) ?? [];
  const part = { first: Number(first), last: Number(last) };
  return part.first <= part.last ? part : undefined;
}

function holds(part: Part, parameter: string): boolean {
  if (part === 'embeddings') return parameter.startsWith('bert.embeddings.');
  const layer = Number(/^bert\.encoder\.layer\.(\d+)\./.exec(parameter)?.[1]);
  return layer >= part.first && layer <= part.last;
}
