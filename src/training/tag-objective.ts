/** What a tagger learns: the tag of every word. */
import { Rng } from '../core/rng.ts';
import type { Document } from '../data/document.ts';
import { goldTags, tagCount } from '../features/bio.ts';
import { buildTagBatch, tagTargets } from '../features/tag-batch.ts';
import { type TagEncodeOptions, type TagSequence, tagSequences } from '../features/tag-sequences.ts';
import { mentionTagger, tagForm, type TaggerConfig } from '../models/mention-tagger.ts';
import { batchTensors } from '../models/tensors.ts';
import { budgetOf, TRAINING_GROUPS } from '../models/systems.ts';
import { tagParts } from '../models/tag-model.ts';
import { crossEntropy } from '../nn/losses.ts';
import { float32 } from '../runtime/session.ts';
import type { Lesson, Objective } from './objective.ts';
import type { EffectiveOptions } from './options.ts';

/** A sequence of a document, and its words' tags. */
export interface TaggedSequence {
  readonly sequence: TagSequence;
  readonly tags: Int32Array;
}

/** Of a batch. The loss is divided by its words. */
export interface TagTotals {
  readonly words: number;
}

/**
 * The share of words that a step reads as unknown ones: so that a tagger also learns from how words are written and what
 * stands around them, and has an idea of words that it never saw. Source of the idea: Lample et al. 2016, for rare words.
 */
const UNKNOWN_SHARE = 0.15;

export function tagLesson(config: TaggerConfig): Lesson<TaggedSequence, TagTotals> {
  return {
    build: (graph, dropout) => {
      const { params, logits, classes } = mentionTagger(graph, config, dropout, TRAINING_GROUPS);
      const targets = graph.input('targets', 'float32', ['W', classes]);
      const scale = graph.input('scale', 'float32', []);
      return { params, loss: crossEntropy(logits, targets, scale), classes };
    },
    feeds: (items, { words }) => {
      const sequences = items.map(({ sequence }) => sequence);
      const batch = buildTagBatch(sequences, tagForm(config, TRAINING_GROUPS));
      const classes = tagCount(config.types.length);
      const tags = items.map((item) => item.tags);
      return {
        sizes: batch.sizes,
        tensors: {
          ...batchTensors(batch),
          targets: float32(tagTargets(tags, classes), [batch.sizes['W'] ?? 0, classes]),
          scale: float32(Float32Array.of(1 / words), []),
        },
      };
    },
  };
}

export interface TagData {
  readonly config: TaggerConfig;
  /** The sequences of every document. */
  readonly documents: readonly (readonly TaggedSequence[])[];
  /** Id of an unknown word or piece. */
  readonly unknown: number;
  readonly options: Pick<EffectiveOptions, 'seed' | 'batchPieces'>;
}

export function tagObjective(data: TagData): Objective<TaggedSequence, TagTotals> {
  const { config, options } = data;
  const budget = budgetOf(config.system, options.batchPieces);
  return {
    ...tagLesson(config),
    documents: data.documents.flatMap((sequences, i) => (sequences.length > 0 ? [i] : [])),
    draw: (epoch, documents) => {
      const items = documents.flatMap((index) => {
        const rng = Rng.fromSeed(options.seed, `unknown ${epoch} ${index}`);
        return (data.documents[index] ?? []).map((item) => withUnknown(item, data.unknown, rng));
      });
      const words = items.reduce((sum, { tags }) => sum + tags.length, 0);
      if (words === 0) return undefined;
      return {
        parts: tagParts(config, items, ({ sequence }) => sequence, budget),
        totals: { words },
        pieces: items.reduce((sum, { sequence }) => sum + sequence.ids.length, 0),
        counts: { words },
      };
    },
  };
}

/** The sequences of a document with the tags of its mentions, and how many mentions have none. */
export function taggedSequences(
  doc: Document,
  types: readonly string[],
  encode: TagEncodeOptions,
): { readonly sequences: readonly TaggedSequence[]; readonly lost: number } {
  const { tags, lost } = goldTags(doc, types);
  const sequences = [...tagSequences(doc, encode)].map((sequence) => ({
    sequence,
    tags: tags.slice(sequence.first, sequence.first + sequence.states.length),
  }));
  return { sequences, lost };
}

/** A sequence of which some words' first pieces, or words, are unknown. */
function withUnknown({ sequence, tags }: TaggedSequence, unknown: number, rng: Rng): TaggedSequence {
  const ids = sequence.ids.slice();
  for (const state of sequence.states) if (rng.uniform() < UNKNOWN_SHARE) ids[state] = unknown;
  return { sequence: { ...sequence, ids }, tags };
}
