/** Parsers of flag values. */
import { InvalidArgumentError } from '@commander-js/extra-typings';

/** A number, low to high inclusive. */
export function numberBetween(low: number, high: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (value.trim() !== '' && number >= low && number <= high) return number;
    throw new InvalidArgumentError(`Expected a number from ${low} to ${high}.`);
  };
}

/** A whole number of at least `least`. */
export function wholeNumber(least: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= least && number < 2 ** 32) return number;
    throw new InvalidArgumentError(`Expected a whole number of at least ${least}.`);
  };
}
