/** What is wrong with a request, in the words of its flags. */
import type { z } from 'zod';

/** `batchPieces` as `--batch-pieces`. */
export const flagOf = (key: string): string =>
  `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** What the schema asks for, in words that follow "to be". */
export function expectation(issue: z.core.$ZodIssue | undefined): string {
  switch (issue?.code) {
    case 'too_small':
      return `${issue.inclusive === true ? 'at least' : 'above'} ${issue.minimum}${unit(issue.origin)}`;
    case 'too_big':
      return `${issue.inclusive === false ? 'below' : 'at most'} ${issue.maximum}${unit(issue.origin)}`;
    case 'invalid_value':
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.join(', ')}`;
    case 'invalid_type':
      return kindNames[issue.expected] ?? issue.expected;
    case 'custom':
      return issue.message;
    case 'invalid_union':
      return issue.errors.map(([first]) => expectation(first)).join(' or ');
    default:
      return `valid (${issue?.message ?? 'it is not'})`;
  }
}

const kindNames: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
};

const unit = (origin: string): string => (origin === 'array' ? ' file(s)' : '');
