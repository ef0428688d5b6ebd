/** The part of the document check that concerns `sents`. */
import { required, type Check } from './check-context.ts';
import { quote, show } from './problem.ts';

/** What BERT reads at once, less its two special pieces. */
const ENCODER_LIMIT = 510;

/** Only whitespace, control, format and unassigned characters: BERT's tokeniser drops all of these. */
const PIECELESS = /^[\p{C}\p{Z}\s\uFFFD]*$/u;

/**
 * The sentences of `document`; a gap (undefined) stands for one that cannot be used.
 *
 * @returns undefined when there are none to speak of
 */
export function checkSentences(
  document: Record<string, unknown>,
  check: Check,
): readonly (readonly string[] | undefined)[] | undefined {
  const value = required(document, 'sents', '$', check);
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) {
    check.report('wrong-type', '$.sents', `Expected sents to be an array of sentences, got ${show(value)}`);
    return undefined;
  }
  const sentences = value.map((sentence: unknown, s) => checkSentence(sentence, s, check));
  if (check.warnings) warnOfLength(sentences, check);
  return sentences;
}

function checkSentence(value: unknown, s: number, check: Check): readonly string[] | undefined {
  if (!Array.isArray(value)) {
    check.report(
      'wrong-type',
      `$.sents[${s}]`,
      `Expected a sentence to be an array of words, got ${show(value)}`,
    );
    return undefined;
  }
  const words: readonly unknown[] = value;
  let sound = true;
  for (let w = 0; w < words.length; w++) {
    const word = words[w];
    if (typeof word !== 'string') {
      check.report('wrong-type', `$.sents[${s}][${w}]`, `Expected a word to be text, got ${show(word)}`);
      sound = false;
    }
  }
  if (words.length === 0) {
    check.report('sentence-empty', `$.sents[${s}]`, 'Expected a sentence to have words, got none');
  }
  return sound ? (words as readonly string[]) : undefined;
}

/** Words that yield no piece, and the length of the whole document. */
function warnOfLength(sentences: readonly (readonly string[] | undefined)[], check: Check): void {
  const { piecesOf } = check;
  const limit = check.encoderLimit ?? ENCODER_LIMIT;
  let length = 0;
  for (let s = 0; s < sentences.length; s++) {
    const words = sentences[s] ?? [];
    if (piecesOf === undefined) length += words.length;
    for (let w = 0; w < words.length; w++) {
      const word = words[w] ?? '';
      let yields = true;
      if (piecesOf !== undefined) {
        const pieces = piecesOf(word);
        length += pieces;
        yields = pieces > 0;
      } else {
        const first = word.charCodeAt(0);
        yields = (first > 0x20 && first < 0x7f) || !PIECELESS.test(word);
      }
      if (!yields) warnOfWord(word, `$.sents[${s}][${w}]`, check);
    }
  }
  if (sentences.length === 0) {
    check.report('document-empty', '$.sents', 'Expected a document to have sentences, got none');
  }
  if (length > limit) {
    const unit = piecesOf === undefined ? 'words' : 'pieces';
    const message = `Expected a document to be at most ${limit} ${unit}, what the encoder reads at once, got ${length}`;
    check.report('document-long', '$.sents', message);
  }
}

function warnOfWord(word: string, path: string, check: Check): void {
  if (word === '') check.report('word-empty', path, 'Expected a word to have characters, got ""');
  else check.report('word-no-piece', path, `Expected a word to yield a piece, got ${quote(word)}`);
}
