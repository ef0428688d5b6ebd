/** What clients get, as schemas: for the OpenAPI document, and for tests of real answers. */
import { z } from '@hono/zod-openapi';

import type { LinkReason } from '../prediction/extraction.ts';
import { limitNames } from './limits.ts';

/** All of `LinkReason`. */
const linkReasons = {
  given: 'given',
  first: 'first',
  exact: 'exact',
  alias: 'alias',
  abbreviation: 'abbreviation',
  'last-name': 'last-name',
  'head-word': 'head-word',
} as const satisfies { readonly [R in LinkReason]: R };

const index = z.int().min(0);
const span = z.tuple([index, index]).openapi({
  type: 'array',
  items: { type: 'integer' },
  description: 'Characters [start, end) of the text, in UTF-16 code units.',
});
const probability = z.number().min(0).max(1);

const documentAnswer = z
  .strictObject({
    title: z.string(),
    sents: z.array(z.array(z.string())),
    vertexSet: z.array(
      z.array(
        z.strictObject({
          name: z.string(),
          sent_id: index,
          pos: z.tuple([index, index]).openapi({ type: 'array', items: { type: 'integer' } }),
          type: z.string(),
        }),
      ),
    ),
    labels: z
      .array(z.strictObject({ h: index, t: index, r: z.string(), evidence: z.array(index) }))
      .optional(),
  })
  .openapi('Document', { description: "In DocRED's form, with the entities that were found." });

const modelCard = z
  .strictObject({
    name: z.string(),
    id: z
      .string()
      .openapi({ description: "The first 12 digits of the SHA-256 of the model's configuration." }),
    system: z.string(),
    twoSteps: z.boolean(),
    precision: z.string(),
    threshold: z.number(),
    calibrated: z.boolean(),
    mentions: z
      .string()
      .nullable()
      .openapi({ description: 'What finds mentions; null where they must be given.' }),
    version: z.string(),
  })
  .openapi('ModelCard');

const extractionAnswer = z
  .strictObject({
    title: z.string(),
    text: z.string(),
    document: documentAnswer,
    words: z.array(z.array(span)),
    sentences: z.array(span),
    entities: z.array(
      z.strictObject({
        name: z.string(),
        type: z.string(),
        mentions: z.array(
          z.strictObject({
            text: z.string(),
            start: index,
            end: index,
            sentence: index,
            type: z.string(),
            score: probability.nullable(),
            reason: z.enum(linkReasons),
            to: index.nullable(),
          }),
        ),
      }),
    ),
    facts: z.array(
      z.strictObject({
        head: index,
        tail: index,
        relation: z.string(),
        name: z.string(),
        score: probability,
        probability: probability.nullable(),
        gate: probability.nullable(),
        threshold: z.number(),
        evidence: z.array(index),
      }),
    ),
    model: modelCard,
  })
  .openapi('Extraction');

export const extractAnswer = z
  .strictObject({ results: z.array(extractionAnswer) })
  .openapi('ExtractAnswer', { description: 'One result a text or document, in their order.' });

const wordShare = z.strictObject({ sentence: index, word: index, share: z.number() });

export const explanationAnswer = z
  .strictObject({
    title: z.string(),
    head: index,
    tail: index,
    headName: z.string(),
    tailName: z.string(),
    relation: z.string(),
    name: z.string(),
    threshold: z.number(),
    gate: z.strictObject({ probability, margin: z.number(), open: z.boolean() }).nullable(),
    relations: z.array(
      z.strictObject({
        relation: z.string(),
        name: z.string(),
        logit: z.number(),
        score: probability,
        probability: probability.nullable(),
      }),
    ),
    logit: z
      .strictObject({
        total: z.number(),
        entities: z.number(),
        distance: z.number(),
        bias: z.number(),
        headMentions: z.array(z.number()),
        tailMentions: z.array(z.number()),
        headWords: z.array(wordShare),
        tailWords: z.array(wordShare),
      })
      .nullable(),
    effects: z.array(wordShare).nullable(),
    sentences: z.array(
      z.strictObject({
        sentence: index,
        score: probability.nullable(),
        change: z.number(),
        open: z.boolean().nullable(),
      }),
    ),
    unavailable: z.string().nullable(),
  })
  .openapi('Explanation');

export const modelAnswer = z
  .strictObject({
    ...modelCard.shape,
    relations: z.array(z.strictObject({ id: z.string(), name: z.string() })),
    entityTypes: z.array(z.string()).openapi({
      description: 'Types of mentions that are found, or that the model reads; empty where it reads none.',
    }),
    limits: z
      .strictObject(
        Object.fromEntries(limitNames.map((name) => [name, z.number()])) as Record<
          (typeof limitNames)[number],
          z.ZodNumber
        >,
      )
      .openapi({ description: 'What a request may hold at most.' }),
  })
  .openapi('Model');

export const statusAnswer = z
  .strictObject({ status: z.enum(['ok', 'ready', 'loading', 'draining']) })
  .openapi('Status');

export const problemAnswer = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().openapi({ description: "Relata's code of the error." }),
    help: z.string().openapi({ description: 'What to do.' }),
    instance: z.string().openapi({ description: 'Id of the request.' }),
    documents: z
      .array(z.strictObject({ index, title: z.string(), path: z.string(), message: z.string() }))
      .optional()
      .openapi({ description: 'With E_DOCUMENT: the first errors, with their places.' }),
  })
  .openapi('Problem');
