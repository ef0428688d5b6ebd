/** How hard the sample corpus is: every number that decides it, in one place. */

/**
 * Raise a number to make the corpus harder or easier as its comment says.
 * The tests beside the generator hold what must stay true: about 95 % of pairs unrelated, 28 to 45 % of
 * labels across sentences, a guess from entity types alone below F1 60.
 */
export const difficulty = {
  /** Chance that a topic is told on as "He", "She" or "It" and not by name: more labels across sentences, harder. */
  pronoun: 0.95,
  /** Chance that a thing named before is named by its short form (last name, abbreviation) and not in full. */
  shortName: 0.8,
  /** Chance that a fact's city, organisation or country is one that the document has named before: more mentions, harder. */
  reuse: 0.1,
  /** Chance that the main person is who founded the organisation or wrote the work: more mentions far apart, harder. */
  mainMaker: 0.35,
  /** Chance that a city is told to lie in a region, and the region in a country: the city's country must be inferred. */
  region: 0.9,
  /** Sentences per document that relate nothing, drawn uniformly from this list: more unrelated pairs. */
  asides: [1],
  /** Chance of a second person with facts of the same kinds as the first's: what forbids guessing by type. */
  secondPerson: 0.85,
  /** Chance that the topics after the first come in any order and not in the usual one: harder. */
  shuffled: 0.15,
  /** How many of each kind of name exist; fewer means more repetition between documents, which is easier. */
  names: {
    given: 24,
    family: 40,
    city: 40,
    region: 16,
    country: 12,
    organisation: 24,
    workFirst: 16,
    workSecond: 16,
  },
} as const;
