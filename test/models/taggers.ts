/** Small taggers of every kind over documents with one long, one short and one empty sentence. */
import type { Document } from '../../src/data/document.ts';
import { type TagEncodeOptions, tagSequences } from '../../src/features/tag-sequences.ts';
import { tagReaders, type TaggerConfig } from '../../src/models/mention-tagger.ts';
import { wordCounts } from '../../src/data/word-counts.ts';
import { buildWordVocabulary } from '../../src/text/words.ts';
import type { BertShape } from '../../src/nn/bert-encoder.ts';
import { type TaggedSequence, taggedSequences } from '../../src/training/tag-objective.ts';
import { corpus, vocabulary, wordPiece } from './tiny.ts';

export const documents: readonly Document[] = corpus.train.slice(0, 3).map((doc) => firstSentences(doc, 3));
/** Of 4 and 2 words. */
export const short: readonly Document[] = [4, 2].map((count, d) => ({
  title: `short ${d}`,
  sents: [documents[d]?.sents[0]?.slice(0, count) ?? []],
  vertexSet: [[{ name: 'x', sent_id: 0, pos: [0, 2], type: 'PER' }]],
}));
export const types = ['LOC', 'PER', 'ORG'] as const;
const words = buildWordVocabulary(wordCounts(documents.slice(1)), { minimum: 1 });

export const bertShape: BertShape = {
  vocabularySize: vocabulary.pieces.length,
  width: 8,
  layers: 1,
  heads: 2,
  intermediateWidth: 12,
  positions: 48,
  segments: 2,
  layerNormEpsilon: 1e-12,
  initialDeviation: 0.3,
};

export const configs: readonly TaggerConfig[] = [
  ...tagReaders.map((system) => ({
    types,
    system,
    encoder: { vocabularySize: words.words.length, width: 6, frozen: false },
  })),
  { types, system: 'bert', encoder: bertShape },
];

export const encodingOf = ({ system }: TaggerConfig): TagEncodeOptions =>
  system === 'bert'
    ? { reads: 'pieces', wordPiece, positions: bertShape.positions }
    : { reads: 'words', vocabulary: words };

export const tagDocuments = (config: TaggerConfig, docs: readonly Document[] = documents) =>
  docs.map((doc) => ({ doc, sequences: [...tagSequences(doc, encodingOf(config))] }));

export const trainingItems = (config: TaggerConfig, docs = documents): TaggedSequence[] =>
  docs.flatMap((doc) => taggedSequences(doc, types, encodingOf(config)).sequences);

function firstSentences(doc: Document, count: number): Document {
  return {
    ...doc,
    sents: doc.sents.slice(0, count),
    vertexSet: doc.vertexSet
      .map((entity) => entity.filter(({ sent_id }) => sent_id < count))
      .filter((entity) => entity.length > 0),
  };
}
