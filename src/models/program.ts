/**
 * An exported program: its files, and what their inputs and outputs mean, as the files say it.
 *
 * Letters: N pieces, U sequences, T pieces of the longest, W words of mentions, E entities, B documents, M entities of the
 * largest, P pairs, R classes, V width of an entity's vector; D directions, C pairs of all documents, J of the largest, Q asked
 * pairs of the largest. In `pairs.onnx` H heads, T tails.
 */

/** The file of an exported model. */
export const PROGRAM = 'model.onnx';

/** The second file, which scores pairs by their entities' vectors: for documents that are read in parts. */
export const PAIR_PROGRAM = 'pairs.onnx';

/** The output: logits [P, R]; the sigmoid of one is a probability, class 0 is "no relation". */
export const LOGITS = 'logits';

/** The other output of all systems but Context-Aware: entity vectors [E, V]. */
export const ENTITIES = 'entities';

/** The output of an exported tagger: scores of tags [W, K]. */
export const TAG_LOGITS = 'tagLogits';

const descriptions: Readonly<Record<string, string>> = {
  // BERT
  pieces: 'WordPiece ids of all sequences, one after the other, each from [CLS] to [SEP]: [N]',
  positions: 'place of each piece in its sequence, from 0: [N]',
  mask: '0 at pieces and -1e9 at padding: [U, 1, 1, T]',
  piecesToPadded: 'for each place of each sequence the piece that stands there, N at padding: [U, T]',
  piecesToRows: 'for each piece its place u T + t: [N]',
  // Word-level systems
  words: 'word ids of all sequences, one after the other: [N]',
  coreference: 'number of the entity that the word mentions, from 1 in each document; 0 for none: [N]',
  types: 'number of its type; 0 for none: [N]',
  before: 'the word before each word, N at the start of its sequence: [N]',
  after: 'the word after each word, N at the end: [N]',
  stepsToPadded:
    'for each step, direction and sequence the row n D + d that is read, N D at padding: [T, D, U]',
  stepsToRows: 'for each row n D + d its place (t D + d) U + u: [N D]',
  contextToPadded: 'for each document and pair of it the number of the pair, C at padding: [B, J]',
  contextMask: '0 at pairs and -1e9 at padding: [B, 1, J]',
  asked: 'the number of each asked pair among all pairs: [P]',
  askedToPadded: 'for each document and asked pair of it the number of the pair, P at padding: [B, Q]',
  askedToRows: 'for each asked pair its place b Q + q: [P]',
  // Taggers of mentions, whose words are counted as W and sequences of words as V
  wordStates: 'the first piece of each word, counted over all sequences: [W]',
  shapes: "the number of each word's shape, such as lower, Capitalised, UPPER: [W]",
  affixes: 'rows of the first 1 to 4, then the last 1 to 4, characters of each word: [8 W]',
  [TAG_LOGITS]:
    'scores of tags: 0 outside of mentions, 1 + 2 t the first word of a mention of type t, 2 + 2 t its others: [W, K]',
  // Entities and pairs
  mentionStates:
    'for each word of each mention its first piece (or the word), counted over all sequences: [W]',
  mentionWeights:
    "the word's share of its entity, 1 / (mentions of the entity x words of the mention): [W, 1]",
  mentionEntities: 'the entity that it belongs to, counted over all documents: [W]',
  entitiesToPadded: 'for each document and entity of it the number of the entity, E at padding: [B, M]',
  entitiesToRows: 'for each entity its place b M + m: [E]',
  pairsToRows: 'for each pair its place (b M + head) M + tail: [P]',
  entityDistance: 'head, counted over all documents, x 20, + 10 - the bucket of head minus tail: [P]',
  distanceEntity: 'tail, counted over all documents, x 20, + 10 + the bucket of head minus tail: [P]',
  [ENTITIES]: 'vectors of the entities; those of parts of a document add up to its own: [E, V]',
  // Of a long document, in pairs.onnx
  heads: 'vectors of the entities that are heads: [H, V]',
  tails: 'vectors of those that are tails: [T, V]',
  places: 'for each pair its place head T + tail, both counted in this block: [P]',
  headDistance: 'head, counted in this block, x 20, + 10 - the bucket of head minus tail: [P]',
  tailDistance: 'tail, counted in this block, x 20, + 10 + the bucket of head minus tail: [P]',
  [LOGITS]:
    'scores of each pair for each class, class 0 being no relation; their sigmoids are probabilities: [P, R]',
};

/** The meaning of an input or output; undefined where none is written down. */
export const describe = (name: string): string | undefined => descriptions[name];
