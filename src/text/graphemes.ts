/**
 * Where a text may be cut without tearing apart what a reader sees as one character (Unicode Annex 29).
 *
 * `Intl.Segmenter` takes time quadratic in the length of its string (Node 20: 40 s for the words of 250,000 characters), so it is
 * only ever given short stretches.
 */

/**
 * What may join with the character before or after it: marks, format characters, Hangul jamo, regional indicators, skin
 * tones, and the few letters that are marks in effect. Without any of these, all borders between code points are borders.
 */
const JOINING =
  /[\p{M}\p{Cf}\p{Regional_Indicator}\p{Emoji_Modifier}\p{Grapheme_Extend}\u0d4e\u0e33\u0eb3\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff\u{111c2}\u{111c3}\u{1193f}\u{11941}\u{11a3a}\u{11a84}-\u{11a89}\u{11d46}\u{11f02}]/u;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Tells of places in a short text whether they are between characters; 0 and the end are. */
export function graphemeBorders(text: string): (at: number) => boolean {
  if (!JOINING.test(text)) return (at) => !tearsPair(text, at) && !tearsLine(text, at);
  const borders = new Uint8Array(text.length + 1);
  for (const { index } of graphemes.segment(text)) borders[index] = 1;
  borders[text.length] = 1;
  return (at) => borders[at] === 1;
}

/**
 * The last border at or before `limit` of a character that begins at `from`; or, if its one character is longer than
 * that, the end of it.
 *
 * @param from - a border, before `limit`
 */
export function cutAt(
  text: string,
  { from, limit }: { readonly from: number; readonly limit: number },
): number {
  if (limit >= text.length) return text.length;
  for (let length = limit - from + 64; ; length *= 2) {
    const stretch = text.slice(from, from + length);
    const isBorder = graphemeBorders(stretch);
    const whole = from + stretch.length >= text.length;
    for (let at = limit - from; at > 0; at--) if (isBorder(at)) return from + at;
    // The end of the stretch may lie inside a character, unless it is the end of the text.
    for (let at = limit - from + 1; at < stretch.length; at++) if (isBorder(at)) return from + at;
    if (whole) return text.length;
  }
}

function tearsPair(text: string, at: number): boolean {
  return isBetween(text.charCodeAt(at - 1), 0xd800, 0xdbff) && isBetween(text.charCodeAt(at), 0xdc00, 0xdfff);
}

function tearsLine(text: string, at: number): boolean {
  return text.charCodeAt(at) === 0x0a && text.charCodeAt(at - 1) === 0x0d;
}

const isBetween = (unit: number, first: number, last: number): boolean => unit >= first && unit <= last;
