/** Made-up extractions: one to read, and arbitrary ones whose strings are as nasty as strings get. */
import * as fc from 'fast-check';

import type { Document, Label } from '../../src/data/document.ts';
import { joinWords, mentionSpan, sentenceSpan } from '../../src/data/text-document.ts';
import { evidenceSentences } from '../../src/prediction/evidence.ts';
import type {
  ExtractedEntity,
  ExtractedFact,
  Extraction,
  ModelCard,
} from '../../src/prediction/extraction.ts';

/** Where an entity is named: its sentence, and [start, end) in words. */
type Place = readonly [sentence: number, start: number, end: number];

export interface MadeUp {
  readonly title?: string;
  /** Words of each sentence. */
  readonly sents: readonly (readonly string[])[];
  readonly entities?: readonly {
    readonly type: string;
    readonly places: readonly Place[];
    /** Default: the words of its first mention. */
    readonly name?: string;
  }[];
  /** What is not said of a fact is 0.9, without probability and gate, with a threshold of 0.5. */
  readonly facts?: readonly (Pick<ExtractedFact, 'head' | 'tail' | 'relation'> & Partial<ExtractedFact>)[];
  readonly labels?: readonly Label[];
  readonly model?: Partial<ModelCard>;
}

export const madeUpCard: ModelCard = {
  name: 'made-up',
  id: '0123456789ab',
  system: 'bert-two-step',
  twoSteps: true,
  precision: 'int8',
  threshold: 0.5,
  calibrated: true,
  mentions: 'made-up-tagger',
  version: '0.1.0',
};

/** An extraction in which all positions, texts and evidence agree with its words. */
export function makeExtraction(given: MadeUp): Extraction {
  const { title = 'Made up', sents, entities = [], facts = [], labels, model } = given;
  const bare = { title, sents, vertexSet: [] };
  const placed = joinWords(bare);
  const found = entities.map(({ type, places, name }): ExtractedEntity => {
    const mentions = places.map(([sentence, from, to], index) => {
      const [start, end] = mentionSpan(placed, { name: '', sent_id: sentence, pos: [from, to], type });
      const reason = index === 0 ? ('first' as const) : ('exact' as const);
      const text = placed.text.slice(start, end);
      return { text, start, end, sentence, type, score: 0.75, reason, to: index === 0 ? null : 0 };
    });
    return { name: name ?? mentions[0]?.text ?? '', type, mentions };
  });
  const document: Document = {
    ...bare,
    vertexSet: found.map(({ mentions }, e) =>
      mentions.map(({ text, sentence, type }, m) => {
        const [, from = 0, to = 0] = entities[e]?.places[m] ?? [];
        return { name: text, sent_id: sentence, pos: [from, to] as const, type };
      }),
    ),
    ...(labels && { labels }),
  };
  return {
    title,
    text: placed.text,
    document,
    words: placed.words,
    sentences: sents.map((_, s) => sentenceSpan(placed, s)),
    entities: found,
    facts: facts
      .map((fact) => ({
        name: `name of ${fact.relation}`,
        score: 0.9,
        probability: null,
        gate: null,
        threshold: 0.5,
        evidence: evidenceSentences(document, fact.head, fact.tail),
        ...fact,
      }))
      .sort((a, b) => b.score - a.score),
    model: { ...madeUpCard, ...model },
  };
}

const split = (sentence: string): string[] => sentence.split(' ');

/** Four sentences, five entities, four facts, of which one is below the threshold; `labels` know three, one of them missed. */
export const example: Extraction = makeExtraction({
  title: 'Mira Holt',
  sents: [
    split('Mira Holt ( born 3 May 1961 ) is a Norwegian engineer from Bergen .'),
    split('Holt founded Northlight Systems in 1989 .'),
    split('The company is based in Bergen , the second-largest city of Norway .'),
    split('It rained .'),
  ],
  entities: [
    {
      type: 'PER',
      places: [
        [0, 0, 2],
        [1, 0, 1],
      ],
    },
    { type: 'TIME', places: [[0, 4, 7]] },
    {
      type: 'LOC',
      places: [
        [2, 11, 12],
        [0, 10, 11],
      ],
    },
    {
      type: 'LOC',
      places: [
        [0, 13, 14],
        [2, 5, 6],
      ],
    },
    { type: 'ORG', places: [[1, 2, 4]] },
  ],
  facts: [
    { head: 0, tail: 1, relation: 'P569', name: 'date of birth', score: 0.97, probability: 0.93, gate: 0.99 },
    {
      head: 4,
      tail: 3,
      relation: 'P159',
      name: 'headquarters location',
      score: 0.81,
      probability: 0.74,
      gate: 0.95,
    },
    { head: 3, tail: 2, relation: 'P17', name: 'country', score: 0.88, probability: 0.8, gate: 0.97 },
    { head: 4, tail: 0, relation: 'P112', name: 'founded by', score: 0.42, probability: 0.31, gate: 0.6 },
  ],
  labels: [
    { h: 0, t: 1, r: 'P569', evidence: [0] },
    { h: 3, t: 2, r: 'P17', evidence: [2] },
    { h: 0, t: 2, r: 'P27', evidence: [0] },
  ],
});

/** A text without sentences, and one without entities. */
export const emptyExtractions: readonly Extraction[] = [
  makeExtraction({ title: 'Empty', sents: [] }),
  makeExtraction({ title: 'No facts', sents: [['Nothing', 'here', '.']] }),
];

/** What writers of text formats stumble over. */
export const nastyParts: readonly string[] = [
  [
    '"',
    "'",
    '`',
    '\\',
    '\\\\',
    '\\u0027',
    '\\u0060',
    '\\"',
    '""',
    '``',
    '\\`',
    "\\'",
    "'; MATCH (n) DELETE n; //",
  ],
  [
    ',',
    ';',
    '|',
    '\t',
    '\n',
    '\r',
    '\r\n',
    ' ',
    '\u00a0',
    '\u2028',
    '\u2029',
    '\u0085',
    '\ufeff',
    '/*',
    '//',
    '$x',
  ],
  ['\0', '\u0001', '\b', '\f', '\u001b[31m', '\u007f', '\u009f', '\ufffe', '\uffff', '\ufffd', '\u037e'],
  [
    '😀',
    '👩‍👩‍👧',
    '\ud800',
    '\udc00',
    '\udc00\ud800',
    'é',
    'e\u0301',
    'עברית',
    '\u202eevil\u202c',
    '漢字',
    'a\u200bb',
  ],
  [
    ']]>',
    '<![CDATA[',
    '</script>',
    '<!--',
    '-->',
    '<a b="c">',
    '&amp;',
    '&',
    '&#0;',
    '&#x41;',
    '<?xml?>',
    '--',
  ],
  [
    '{',
    '}',
    '[',
    ']',
    '#',
    '%',
    '%20',
    '<',
    '>',
    '^',
    '=1+1',
    '@',
    '-',
    '_:b',
    'null',
    'true',
    '__proto__',
    '0',
    '1e5',
  ],
].flat();

/** Any string: nasty parts, letters and arbitrary code units in any order. */
export const anyText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(...nastyParts),
      fc.constantFrom('a', 'Bc', 'x y'),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    {
      maxLength: 6,
    },
  )
  .map((parts) => parts.join(''));

const anyWord = anyText.map((text) => text || 'w');
const anyScore = fc.double({ min: 0, max: 1, noNaN: true });
const anyRelation = fc.oneof(fc.constantFrom('P17', 'P569', 'P0', 'p17', 'P17 '), anyWord);

/** Any extraction: nasty words, names, types, relations and titles; entities in any place; facts between any two, both ways. */
export const anyExtraction: fc.Arbitrary<Extraction> = fc
  .array(fc.array(anyWord, { minLength: 1, maxLength: 5 }), { maxLength: 4 })
  .chain((sents) => {
    const anyPlace = fc.nat(Math.max(0, sents.length - 1)).chain((sentence) => {
      const words = sents[sentence]?.length ?? 1;
      const between = fc.tuple(fc.nat(words - 1), fc.nat(words - 1));
      return between.map(([a, b]): Place => [sentence, Math.min(a, b), Math.max(a, b) + 1]);
    });
    const anyEntity = fc.record(
      { type: anyWord, places: fc.array(anyPlace, { minLength: 1, maxLength: 3 }), name: anyText },
      { requiredKeys: ['type', 'places'] },
    );
    return fc.record({
      sents: fc.constant(sents),
      entities: fc.array(anyEntity, { maxLength: sents.length === 0 ? 0 : 4 }),
    });
  })
  .chain(({ sents, entities }) => {
    const anyEnd = fc.nat(Math.max(0, entities.length - 1));
    const anyFact = fc.record({
      head: anyEnd,
      tail: anyEnd,
      relation: anyRelation,
      name: anyText,
      score: anyScore,
      probability: fc.option(anyScore),
      gate: fc.option(anyScore),
      threshold: anyScore,
    });
    return fc.record({
      title: anyText,
      sents: fc.constant(sents),
      entities: fc.constant(entities),
      facts: fc.uniqueArray(anyFact, {
        maxLength: entities.length === 0 ? 0 : 5,
        selector: ({ head, tail, relation }) => JSON.stringify([head, tail, relation]),
      }),
      model: fc.record({ name: anyText, id: anyText, version: anyText }),
    });
  })
  .map(makeExtraction);

/** Several documents; their titles differ, as those of a corpus do. */
export const anyExtractions: fc.Arbitrary<Extraction[]> = fc.uniqueArray(anyExtraction, {
  maxLength: 3,
  selector: ({ title }) => title.replaceAll(/\p{Cs}/gu, '\ufffd'),
});
