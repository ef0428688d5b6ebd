/** What a text costs, before it is cut into words. */

/** A run of characters without a space counts once per so many: nobody's words are longer for long. */
const LONGEST_RUN = 24;
/** Where scripts without spaces begin, roughly: Chinese, Japanese, and what takes two code units. */
const UNSPACED = 0x2e80;

/** Words of a text: runs without spaces, and each character of scripts that have none. One pass, no memory. */
export function estimateWords(text: string): number {
  let [words, run] = [0, 0];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0x20 || code === 0xa0 || code === 0x3000) {
      run = 0;
    } else if (code >= UNSPACED) {
      words++;
      run = 0;
    } else if (run++ % LONGEST_RUN === 0) {
      words++;
    }
  }
  return words;
}
