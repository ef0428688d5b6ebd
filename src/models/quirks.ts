/**
 * What the originals do besides what the papers say: `faithful` does it too, `corrected` does not.
 *
 * Sources: DocRED baselines (thunlp/DocRED at 64622e6) and the paper's repository (hongwang600/DocRed), by file.
 */
import { type EncoderSystem, encoderSystems, wordSystems } from './systems.ts';

export interface Quirk {
  readonly name: string;
  /** What faithful mode does. */
  readonly faithful: string;
  /** What corrected mode does in its place. */
  readonly corrected: string;
  readonly source: string;
  readonly systems: readonly EncoderSystem[];
  /** Whether it is one of the two steps only. */
  readonly twoStep?: true;
}

export const quirks: readonly Quirk[] = [
  {
    name: 'padding-seen',
    faithful: 'documents are filled up to the longest of the batch with [BLANK], which convolutions see',
    corrected: 'zeros stand around every document, whatever the batch',
    source: 'baselines, models/CNN3.py',
    systems: ['cnn'],
  },
  {
    name: 'words-cut',
    faithful: 'words after the 512th are not read; the rest of a mention there has no weight',
    corrected: 'all words are read',
    source: 'baselines, gen_data.py',
    systems: wordSystems,
  },
  {
    name: 'pieces-cut',
    faithful: 'pieces after the 509th are not read; words there get filler states that depend on the batch',
    corrected: 'overlapping windows read all pieces',
    source: "paper's repository, models/bert.py",
    systems: ['bert'],
  },
  {
    name: 'starts-collapse',
    faithful: 'a word without a piece shifts the states of all words after it',
    corrected: 'it takes the state of the piece before it',
    source: "paper's repository, models/bert.py",
    systems: ['bert'],
  },
  {
    name: 'weights-overwritten',
    faithful:
      "weights of an entity's overlapping or repeated mentions overwrite each other, and sum to less than 1",
    corrected: 'they are added',
    source: 'baselines, config/Config.py',
    systems: encoderSystems,
  },
  {
    name: 'last-word-lost',
    faithful: 'the first sentence of a document loses its last word',
    corrected: 'every sentence is read to its end',
    source: "paper's repository at 7917bdf, config/Config.py",
    systems: ['sentence'],
  },
  {
    name: 'long-sentences-shift',
    faithful:
      'after a sentence of more than 100 words all words take states of other words; 25 sentences are read',
    corrected: 'sentences may have any length and number',
    source: "paper's repository at 7917bdf, config/Config.py",
    systems: ['sentence'],
  },
  {
    name: 'dead-vector',
    faithful:
      'a vector of 128 weights is added to the attention of a pair to all others, where softmax is blind to it',
    corrected: 'it is left out',
    source: 'baselines, models/ContextAware.py',
    systems: ['context-aware'],
  },
  {
    name: 'selection-by-ign-f1',
    faithful: 'checkpoints are chosen by the best of the Ign F1 curve, where training facts are known',
    corrected: 'they are chosen by F1, which the tables report',
    source: 'baselines, config/Config.py',
    systems: encoderSystems,
  },
  {
    name: 'ign-f1-at-its-own-cut',
    faithful: 'Ign F1 is the best of a curve of its own, at another threshold than F1',
    corrected: 'F1 and Ign F1 are those of one cut',
    source: 'baselines, config/Config.py',
    systems: encoderSystems,
  },
  {
    name: 'cut-within-ties',
    faithful: 'the best cut may fall between equal scores, and theta drops the fact that it was read from',
    corrected: 'cuts fall between different scores, and theta keeps every fact that F1 counts',
    source: 'baselines, config/Config.py',
    systems: encoderSystems,
  },
  {
    name: 'no-early-stop',
    faithful: 'training goes on for all epochs',
    corrected: 'it stops after 10 evaluations without a better one (--patience)',
    source: 'baselines, config/Config.py',
    systems: encoderSystems,
  },
  {
    name: 'existence-as-97-problems',
    faithful: 'step 1 is 97 binary problems of which two are used, with 1 (the id of P17) for "related"',
    corrected: 'step 1 is one decision between two classes',
    source: "paper's repository at af9aa48, config/Config.py",
    systems: encoderSystems,
    twoStep: true,
  },
  {
    name: 'closed-pairs-ranked',
    faithful:
      'relations of pairs that step 1 holds back are ranked with the score -100, so that AUC hangs on their order',
    corrected: 'they are not ranked',
    source: "paper's repository at bb11a19, config/Config.py",
    systems: encoderSystems,
    twoStep: true,
  },
];

/** In one sentence. */
export const descriptions: Record<EncoderSystem, string> = {
  cnn: 'three blocks of convolution over 3 words, max pooling, ReLU and dropout',
  lstm: 'an LSTM from the first word to the last',
  bilstm: 'an LSTM in both directions',
  'context-aware': 'the BiLSTM, with attention of every pair to all pairs of its document',
  sentence: 'the BiLSTM, with every sentence read by itself',
  bert: 'a BERT encoder, fine-tuned; bert-two-step is short for bert --two-step',
};
