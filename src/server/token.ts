/** The bearer token that a server may ask for. */
import { createHash, timingSafeEqual } from 'node:crypto';

import { fail } from '../core/errors.ts';
import { readBytes } from '../core/files.ts';

/** The token in a file, without the white space around it. @throws RelataError `E_FILE_MISSING`, `E_FIELD` for none */
export function readToken(path: string): string {
  const token = readBytes(path, 'a file with a token').toString('utf8').trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  const found = token === '' ? 'nothing' : 'white space or characters that a header cannot hold';
  throw fail('E_FIELD', { expected: 'a token of printable ASCII characters', found, where: path });
}

/** Whether an Authorization header holds the token. Takes the same time wherever the two differ. */
export function holdsToken(header: string | undefined, token: string): boolean {
  const [, given = ''] = /^bearer +(\S+) *$/i.exec(header ?? '') ?? [];
  return timingSafeEqual(digest(given), digest(token));
}

/** Of one length whatever was given, as the comparison asks for. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
