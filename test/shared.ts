/** Where the real corpora and reference numbers lie, if they do: beside the checkout. Tests that need them skip elsewhere. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../shared/', import.meta.url));

/** Whether the folder is there. */
export const hasShared = existsSync(root);

/** The path of one of its files. */
export const shared = (path: string): string => `${root}${path}`;
