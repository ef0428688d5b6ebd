/**
 * The first half of BERT's tokenisation: text is cleaned, lower-cased where the vocabulary is, and split at spaces,
 * punctuation and Chinese characters.
 *
 * Source: BERT's BasicTokenizer (Devlin et al. 2019). Categories are those of the Unicode version of this Node.
 */

/** Dropped: control, format, private and lone surrogate characters, and the replacement character. */
const REMOVED = /(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\uFFFD]/gu;

/** Ideographs stand for words of their own; other scripts of East Asia are written with spaces or alphabets. */
const IDEOGRAPH =
  /[\u4E00-\u9FFF\u3400-\u4DBF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B820}-\u{2CEAF}\uF900-\uFAFF\u{2F800}-\u{2FA1F}]/gu;

/** Runs without space or punctuation, or one punctuation mark: any symbol of ASCII counts as one. */
const TOKEN = /[^\s\p{P}!-/:-@[-`{-~]+|[\p{P}!-/:-@[-`{-~]/gu;

const PLAIN = /^[0-9A-Za-z]+$/;

/**
 * The tokens of a text; none where it holds only spaces and control characters.
 *
 * @param options.stripAccents - default: as `lowercase`
 */
export function basicTokens(
  text: string,
  options: { readonly lowercase: boolean; readonly stripAccents?: boolean | undefined },
): string[] {
  const { lowercase, stripAccents = lowercase } = options;
  if (PLAIN.test(text)) return [lowercase ? text.toLowerCase() : text];
  let clean = text.replace(REMOVED, '').replace(IDEOGRAPH, ' $& ');
  if (lowercase) clean = clean.toLowerCase();
  if (stripAccents) clean = clean.normalize('NFD').replace(/\p{Mn}/gu, '');
  return clean.match(TOKEN) ?? [];
}
