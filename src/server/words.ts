/** What a text costs, before it is cut into words. */

/** A run of characters without a space counts once per so many: nobody's words are longer for long. */
const LONGEST_RUN = 24;
/** Where scripts without spaces begin, roughly: Chinese, Japanese, and what takes two code units. */
const UNSPACED = 0x2e80;
/** What is one word however often it is repeated. */
const [DASH, DOT] = [0x2d, 0x2e];
const [WORD_PART, SPACE, ALONE, DENSE] = [0, 1, 2, 3];
/** Characters of a word of Thai, Lao, Burmese and Khmer, which have no spaces but words of several characters. */
const DENSE_RUN = 2;
/** It parts words. */
const ZERO_WIDTH_SPACE = '\u200b';

/** What each character below `UNSPACED` is. */
const kinds = Uint8Array.from({ length: UNSPACED }, (_, code) => kindOf(String.fromCharCode(code)));

/**
 * Words of a text, rather too many than too few: runs without spaces, marks of punctuation and symbols, each character of scripts that
 * have no spaces. One pass, no memory.
 */
export function estimateWords(text: string): number {
  let [words, run, repeats, last] = [0, 0, 0, 0];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const kind = code < UNSPACED ? kinds[code] : code === 0x3000 || code === 0xfeff ? SPACE : ALONE;
    if (kind === WORD_PART || kind === DENSE) {
      if (run++ % (kind === DENSE ? DENSE_RUN : LONGEST_RUN) === 0) words++;
    } else if (code === last && (code === DOT || code === DASH)) {
      if (++repeats % LONGEST_RUN === 0) words++; // one word, such as "..."
    } else {
      if (kind === ALONE) words++;
      [run, repeats] = [0, 0];
    }
    last = code;
  }
  return words;
}

function kindOf(character: string): number {
  if (/[\s\u0085]/.test(character)) return SPACE;
  if (/[\p{Script=Thai}\p{Script=Lao}\p{Script=Myanmar}\p{Script=Khmer}]/u.test(character)) return DENSE;
  return /[\p{L}\p{N}\p{M}\p{Cf}\p{Pc}]/u.test(character) && character !== ZERO_WIDTH_SPACE
    ? WORD_PART
    : ALONE;
}
