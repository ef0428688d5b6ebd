/** The relations of the sample corpus: Wikidata's property ids and labels. */

const labels = {
  P17: 'country',
  P19: 'place of birth',
  P20: 'place of death',
  P26: 'spouse',
  P27: 'country of citizenship',
  P50: 'author',
  P108: 'employer',
  P112: 'founded by',
  P131: 'located in the administrative territorial entity',
  P159: 'headquarters location',
  P569: 'date of birth',
  P570: 'date of death',
  P571: 'inception',
  P577: 'publication date',
} as const;

/** A relation id of the sample corpus. */
export type SampleRelation = keyof typeof labels;

/** Property id to English label, in the order of the ids' numbers. */
export const relationInfo: ReadonlyMap<string, string> = new Map(Object.entries(labels));
