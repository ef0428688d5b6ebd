/** Documents to predict, and what a model reads them with: DocRED's test part, or the sample corpus where it is absent. */
import { existsSync, writeFileSync } from 'node:fs';

import { Rng } from '../src/core/rng.ts';
import type { Document } from '../src/data/document.ts';
import { loadDocuments } from '../src/data/read.ts';
import { readRelationInfo, type RelationVocabulary, relationVocabulary } from '../src/data/relations.ts';
import { sampleCorpus } from '../src/data/sample/sample-corpus.ts';
import { documentFeatures } from '../src/features/features.ts';
import { allPairs } from '../src/features/task.ts';
import { loadVocabulary } from '../src/text/vocabulary-file.ts';
import type { Vocabulary } from '../src/text/vocabulary.ts';
import {
  type BenchDocument,
  describe,
  hasDocred,
  readingOf,
  sampleVocabulary,
  shared,
  vocabularyFile,
} from './batches.ts';

const testFile = shared('docred/test.json');
const relationFile = shared('docred/rel_info.json');

export interface Corpus {
  readonly name: string;
  readonly documents: readonly Document[];
  readonly relations: RelationVocabulary;
  readonly vocabulary: Vocabulary;
}

/** Unlabelled documents: 1,000 of DocRED. */
export async function benchCorpus(): Promise<Corpus> {
  if (hasDocred && existsSync(testFile)) {
    return {
      name: 'DocRED documents',
      documents: await loadDocuments(testFile),
      relations: relationVocabulary(readRelationInfo(relationFile)),
      vocabulary: loadVocabulary(vocabularyFile),
    };
  }
  const { train, relations } = sampleCorpus({ documents: 1250, seed: 1 });
  return {
    name: 'made-up documents',
    documents: train,
    relations: relationVocabulary(relations),
    vocabulary: sampleVocabulary(train),
  };
}

/**
 * Samples of `size` documents, alike in their lengths, in an order of no meaning.
 *
 * Sample i takes one document of every `documents / size` in the order of their lengths, so that times of two samples differ
 * by little but the machine's moods.
 */
export function alikeSamples(
  { documents }: Pick<Corpus, 'documents'>,
  { samples, size }: { readonly samples: number; readonly size: number },
): Document[][] {
  const words = ({ sents }: Document): number => sents.reduce((sum, sentence) => sum + sentence.length, 0);
  const byLength = documents.toSorted((a, b) => words(a) - words(b));
  const step = byLength.length / size;
  const rng = Rng.fromSeed(1, 'samples');
  return Array.from({ length: samples }, (_, sample) => {
    const picked = Array.from({ length: size }, (_, i) => {
      const place = Math.floor((i + (sample + 0.5) / samples) * step);
      return byLength[Math.min(place, byLength.length - 1)];
    });
    return rng.shuffle(picked.filter((doc) => doc !== undefined));
  });
}

/** The documents as the peer takes them: pieces made beforehand; the first window of one that is too long. */
export function describeAll(
  documents: readonly Document[],
  { relations, vocabulary }: Pick<Corpus, 'relations' | 'vocabulary'>,
): BenchDocument[] {
  const options = readingOf(vocabulary);
  return documents.map((doc) => {
    const features = documentFeatures(doc, relations, options);
    return describe({ features, pairs: allPairs(features) });
  });
}

/** One document a line. */
export function writeLines(path: string, documents: readonly Document[]): void {
  writeFileSync(path, documents.map((doc) => `${JSON.stringify(doc)}\n`).join(''));
}
