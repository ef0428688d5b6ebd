/**
 * An exported program: its file, and what its inputs and its output mean, as the file says it.
 *
 * Letters: N pieces, U sequences, T pieces of the longest, W words of mentions, E entities, B documents, M entities of the
 * largest, P pairs, R classes; D directions, C pairs of all documents, J of the largest, Q asked pairs of the largest.
 */

/** The file of an exported model. */
export const PROGRAM = 'model.onnx';

/** The output: logits [P, R]; the sigmoid of one is a probability, class 0 is "no relation". */
export const LOGITS = 'logits';

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
  [LOGITS]:
    'scores of each pair for each class, class 0 being no relation; their sigmoids are probabilities: [P, R]',
};

/** The meaning of an input or output; undefined where none is written down. */
export const describe = (name: string): string | undefined => descriptions[name];
