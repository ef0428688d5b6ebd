/** Small things that many views show: an entity's number, its name, a status, a score. */
import { entityLook } from '../model/colours.ts';
import type { Status } from '../model/shown.ts';

/** The class of everything in an entity's colour. */
export const entityClass = (index: number): string => {
  const { colour, line } = entityLook(index);
  return `e${colour} line-${line}`;
};

export function EntityChip({ index, name }: { readonly index: number; readonly name: string }) {
  return (
    <span class={`entity ${entityClass(index)}`}>
      <span class="number" aria-hidden="true">
        {index + 1}
      </span>
      <bdi>{name}</bdi>
    </span>
  );
}

/** Before the names of relations, so that right and wrong need no colour. */
export const symbols: Readonly<Record<Status, string>> = {
  right: '✓',
  wrong: '✕',
  missed: '○',
  gold: '',
  found: '',
};

/** Says what a fact is where it was compared. */
export function StatusMark({ status }: { readonly status: Status }) {
  if (symbols[status] === '') return null;
  return (
    <span class={`status ${status}`}>
      <span aria-hidden="true">{symbols[status]}</span> {status}
    </span>
  );
}

export const percent = (value: number): string => `${(100 * value).toFixed(1)}\u00a0%`;
export const decimals = (value: number, digits = 2): string => value.toFixed(digits);

/** A share as a bar; the tick is the threshold. */
export function Bar({ value, tick }: { readonly value: number; readonly tick?: number | undefined }) {
  const at = (share: number): string => `${100 * Math.min(1, Math.max(0, share))}%`;
  return (
    <span class="bar" aria-hidden="true">
      <span class="fill" style={{ width: at(value) }} />
      {tick !== undefined && <span class="tick" style={{ left: at(tick) }} />}
    </span>
  );
}
