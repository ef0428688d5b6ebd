/** What is wrong with a file of JSON that does not have the form of a schema. */
import type { z } from 'zod';

import { fail, type RelataError } from './errors.ts';

/**
 * The error `E_FIELD` for the first problem of a parsed file.
 *
 * @param options.expected - what the file should hold
 * @param options.path - of the file
 */
export function misfit(
  { issues: [issue] }: z.ZodError,
  { expected, path }: { readonly expected: string; readonly path: string },
): RelataError {
  return fail('E_FIELD', {
    expected,
    found: `something else: ${issue?.message.replace('Invalid input: ', '')}`,
    where: [path, issue?.path.join('.')].filter(Boolean).join(': '),
  });
}
