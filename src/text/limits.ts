/** Bounds of the texts that are read. */

/** Characters of one text, in UTF-16 code units: some ten thick books. */
export const MAX_TEXT_CHARACTERS = 10_000_000;
