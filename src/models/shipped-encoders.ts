/** Pretrained encoders that come with the package, each with a card that says what it is made of: `models/NAME/README.md`. */
import { fileURLToPath } from 'node:url';

export const shippedEncoders = ['wikipedia-mini'] as const;
export type ShippedEncoder = (typeof shippedEncoders)[number];

/** What a BERT begins with where nothing is named. */
export const DEFAULT_ENCODER: ShippedEncoder = 'wikipedia-mini';

export const isShippedEncoder = (name: string): name is ShippedEncoder =>
  (shippedEncoders as readonly string[]).includes(name);

/** Where its checkpoint lies. */
export const shippedFolder = (name: ShippedEncoder): string =>
  fileURLToPath(new URL(`../../models/${name}/`, import.meta.url));
