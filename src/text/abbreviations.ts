/**
 * Abbreviations of English prose such as Wikipedia's, told apart by what a full stop after them can mean.
 *
 * Written from the words that end with a full stop in DocRED's training part, and their kind. All are in lower case
 * and without the last full stop.
 */

const words = (list: string): ReadonlySet<string> => new Set(list.split(/\s+/));

/** What follows is part of the same phrase, so a sentence never ends here: titles, and what stands before a name or number. */
const leading = words(
  `mr mrs ms messrs dr prof rev fr hon pres gov sen rep amb gen lt col maj capt cpt cmdr cdr adm sgt cpl pvt brig supt
  st ste mt e.g i.e cf vs v viz c ca fl approx esp incl vol vols ed eds trans dept mme mlle mgr msgr`,
);

/** A sentence may end here; whether it does, the next word says. */
const either = words(
  `inc co corp ltd bros llc plc jr sr esq etc al est ave blvd rd no ph.d b.a m.a a.m p.m a.d b.c u.s u.k d.c u.n
  jan feb mar apr jun jul aug sep sept oct nov dec ariz calif conn fla mich minn tenn tex wis univ assn intl mfg ft
  nos pp fig figs ch`,
);

/** Those that are a word of English too, and take their full stop only before a number. */
const numbered = words('no nos mar jun fig figs ch pp');

/** Words that, with a capital, begin a sentence far more often than they go on with a name. */
const openers = words(
  `the a an this that these those it its he his she her they their we our i you my there here in on at by for from to of
  as after before during since when while where although though however but and or if because with without under until
  upon both some many most several all each other another one two three in such later then thus also despite following
  according among between today currently initially originally eventually finally additionally meanwhile subsequently
  it's he's what who why how not no only did was is are were`,
);

/** How a full stop after `word` is to be read. */
export type Stop = 'never' | 'maybe' | undefined;

/**
 * Whether a sentence can end after `word` and the full stop that follows it: never, maybe, or, where undefined, like after
 * any other word.
 *
 * @param word - without the full stop, such as `Dr`, `U.S` or `J`
 */
export function stopAfter(word: string): Stop {
  const lower = word.toLowerCase();
  if (leading.has(lower)) return 'never';
  if (either.has(lower) || isInitial(word) || isDotted(word)) return 'maybe';
  return undefined;
}

/** Whether the full stop is part of the word in the middle of a sentence, as in DocRED: `Inc.`, but `No .` */
export const takesStop = (word: string): boolean =>
  stopAfter(word) !== undefined && !numbered.has(word.toLowerCase());

/** Whether `word` is an abbreviation only before a number: `No. 5`. */
export const needsNumber = (word: string): boolean => numbered.has(word.toLowerCase());

/** Whether a sentence, rather than a name, plainly begins with `word`. */
export const opensSentence = (word: string): boolean => openers.has(word.toLowerCase());

/** One capital letter: `J`. */
export const isInitial = (word: string): boolean => /^\p{Lu}\p{M}*$/u.test(word);

/** Letters with full stops between: `U.S`, `i.e`, `Ph.D`. */
export const isDotted = (word: string): boolean => /^\p{L}{1,2}(?:\.\p{L}{1,2})+$/u.test(word);
