import { describe, expect, test } from 'vitest';

import { catalogue, fail, reasonOf, RelataError } from '../../src/core/errors.ts';

describe('errors', () => {
  test('carry code, message, help, exit status, cause', () => {
    const cause = new TypeError('no number');
    const error = fail('E_JSON', { path: 'a.json', reason: 'no number' }, { cause });
    expect(error).toBeInstanceOf(RelataError);
    expect(error).toMatchObject({
      name: 'RelataError',
      code: 'E_JSON',
      message: 'Expected a.json to hold valid JSON: no number',
      help: 'The file may be cut off or of another format.',
      exit: 3,
      retryable: false,
      cause,
    });
  });

  test('have no cause when none is given, and may be retryable', () => {
    const error = fail('E_USAGE', { what: 'w', help: 'h' }, { retryable: true });
    expect('cause' in error).toBe(false);
    expect([error.message, error.help, error.exit, error.retryable]).toEqual(['w', 'h', 2, true]);
  });

  test('a parameter error tells a missing one from a wrong shape', () => {
    const detail = { name: 'bilinear.bias', shape: [97], where: 'm.safetensors' };
    expect(fail('E_PARAMETER', { ...detail, found: undefined }).message).toBe(
      'Expected parameter bilinear.bias of shape [97], got none (m.safetensors)',
    );
    expect(fail('E_PARAMETER', { ...detail, found: [2, 3] }).message).toBe(
      'Expected parameter bilinear.bias of shape [97], got shape [2, 3] (m.safetensors)',
    );
  });

  test('exit with a status that programs know', () => {
    const known = new Set<number>([2, 3, 4, 5, 70]);
    expect(Object.entries(catalogue).filter(([, entry]) => !known.has(entry.exit))).toEqual([]);
  });

  test('reasonOf takes anything', () => {
    expect([reasonOf(new Error('a')), reasonOf('b'), reasonOf(undefined)]).toEqual(['a', 'b', 'undefined']);
  });
});
