/** Names taken apart: what two spellings of one name have in common. */

/** Forms of one name that no rule derives. Nationalities are left out: in DocRED, `American` is its own entity more often than it is the United States. */
const ALIASES: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ['US', 'united states', 'united states of america', 'USA', 'america', 'u.s'],
    ['UK', 'united kingdom', 'great britain', 'britain'],
    ['soviet union', 'USSR', 'union of soviet socialist republics'],
    ['EU', 'european union'],
    ['UN', 'united nations'],
    ['UAE', 'united arab emirates'],
    ['china', "people's republic of china", 'PRC'],
    ['new york city', 'NYC'],
  ].flatMap((names) => names.map((name) => [name, names[0] ?? ''])),
);

const HONORIFICS = new Set(
  `mr mr. mrs mrs. ms ms. miss dr dr. prof prof. professor sir dame lord lady king queen prince princess emperor empress pope saint st st.
  president general colonel captain major lieutenant admiral senator governor judge justice bishop archbishop cardinal reverend rev. father
  brother sister count countess duke duchess baron chancellor minister sheikh tsar czar`.split(/\s+/),
);
const SUFFIXES = new Set(['jr', 'jr.', 'sr', 'sr.', 'esq', 'esq.', 'ii', 'iii', 'iv']);
/** Left out of abbreviations as a rule. */
const SMALL = new Set(['of', 'the', 'and', 'for', 'in', 'on', 'de', 'to', 'a', '&']);

/** The words that say only what kind of thing has the name. */
const KINDS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [
    'ORG',
    new Set(
      'corporation corp corp. inc inc. company co co. ltd ltd. limited llc plc association club foundation party fc f.c. records'.split(
        ' ',
      ),
    ),
  ],
]);

/**
 * What two spellings of one name share: letters in lower case, but for short words of capitals, which are abbreviations; without `the`
 * before and `'s` behind, without the full stops of abbreviations; one space between words.
 */
export function nameKey(name: string): string {
  const spaced = name.normalize('NFKC').replace(/[‘’]/g, "'").replace(/\s+/g, ' ').trim();
  const key = spaced
    .replace(/ ?'s$/i, '')
    .replace(/^the (?=\S)/i, '')
    .replace(/ ?([-–—/]) ?/g, '$1')
    .replace(/ (?=[,.'’%)])|(?<=[(]) /g, '')
    .split(' ')
    .map(wordKey)
    .join(' ');
  return key === '' ? spaced : key;
}

function wordKey(word: string): string {
  const letters = /^(?:\p{Lu}\.)+\p{Lu}?$/u.test(word) && word.length > 2 ? word.replaceAll('.', '') : word;
  return /^\p{Lu}{2,4}$/u.test(letters) ? letters : letters.toLowerCase();
}

/** What names the same thing as this key, if it is a known alias. */
export const aliasOf = (key: string): string | undefined =>
  Object.hasOwn(ALIASES, key) ? ALIASES[key] : undefined;

/** The letters of a name that may be an abbreviation. */
export function isAbbreviation(name: string): string | undefined {
  const letters = name.replace(/^the /i, '').replaceAll('.', '');
  return /^\p{Lu}{2,8}$/u.test(letters) ? letters : undefined;
}

/** The abbreviations that a name of several words may have. */
export function initialsOf(name: string): Set<string> {
  const words = name
    .replace(/^the /i, '')
    .split(/[\s\-–—/]+/)
    .filter((word) => /^\p{L}/u.test(word));
  if (words.length < 2 || words.length > 12) return new Set();
  const large = words.filter((word) => /^\p{Lu}/u.test(word));
  const content = words.filter((word) => !SMALL.has(word.toLowerCase()));
  const found = [words, large, content].map((some) =>
    some.map((word) => [...word][0]?.toUpperCase() ?? '').join(''),
  );
  return new Set(found.filter(({ length }) => length > 1));
}

/** The words of a person's name without titles before and `Jr.` behind. */
export function personParts(words: readonly string[]): readonly string[] {
  let [start, end] = [0, words.length];
  while (start < end - 1 && HONORIFICS.has(words[start] ?? '')) start++;
  while (end > start + 1 && (SUFFIXES.has(words[end - 1] ?? '') || words[end - 1] === ',')) end--;
  return words.slice(start, end).map((word) => word.replace(/,$/, ''));
}

/** Whether these last words of a name only say what kind of thing it is. */
export const isPlainRest = (words: readonly string[], type: string): boolean =>
  words.every((word) => KINDS.get(type)?.has(word) === true);
