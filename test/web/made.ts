/** Made by hand: an extraction, an explanation and a server that gives them out, for tests of the viewer. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { bisectRight } from 'd3-array';

import type { Explanation } from '../../src/prediction/explanation.ts';
import type { Extraction, ExtractedFact, ModelCard } from '../../src/prediction/extraction.ts';

export const card: ModelCard = {
  name: 'made',
  id: '0123456789ab',
  system: 'bert-two-step',
  twoSteps: true,
  precision: 'fp32',
  threshold: 0.4,
  calibrated: true,
  mentions: 'made',
  version: '0.0.0',
};

/** Names in a text, their types, and what else they are called. */
const known: readonly (readonly [name: string, type: string, ...others: string[]])[] = [
  ['Marie Curie', 'PER', 'Curie'],
  ['Warsaw', 'LOC'],
  ['Poland', 'LOC'],
  ['Pierre', 'PER'],
  ['Sorbonne', 'ORG'],
];

export const madeText =
  'Marie Curie was born in Warsaw, a city in Poland. In 1895 she married Pierre. Curie taught at the Sorbonne.';

/** Facts between `known`, by index; the last one is below the card's threshold. */
const facts: readonly (readonly [
  head: number,
  relation: string,
  name: string,
  tail: number,
  score: number,
])[] = [
  [0, 'P19', 'place of birth', 1, 0.93],
  [1, 'P17', 'country', 2, 0.88],
  [0, 'P26', 'spouse', 3, 0.61],
  [0, 'P108', 'employer', 4, 0.45],
  [3, 'P27', 'country of citizenship', 2, 0.12],
];

/** What a model might find in `text`: the names of `known` that are in it, and the facts between them. */
export function madeExtraction(
  text: string,
  { title = 'Untitled', theta = card.threshold } = {},
): Extraction {
  const words = [...text.matchAll(/[^.]+(\.|$)/g)].map(({ 0: sentence, index }) =>
    [...sentence.matchAll(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu)].map((match): [number, number] => [
      index + match.index,
      index + match.index + match[0].length,
    ]),
  );
  const sentences = words.map((spans): [number, number] => [spans[0]?.[0] ?? 0, spans.at(-1)?.[1] ?? 0]);
  const starts = sentences.map(([start]) => start);
  const sentenceAt = (index: number): number => Math.max(0, bisectRight(starts, index) - 1);
  const entities = known.map(([name, type, ...others]) => {
    const found = [...text.matchAll(new RegExp([name, ...others].join('|'), 'g'))];
    return {
      name,
      type,
      mentions: found.map(({ 0: content, index }, i) => ({
        text: content,
        start: index,
        end: index + content.length,
        sentence: sentenceAt(index),
        type,
        score: 0.9,
        reason: i === 0 ? ('first' as const) : content === name ? ('exact' as const) : ('last-name' as const),
        to: i === 0 ? null : 0,
      })),
    };
  });
  const named = (index: number): boolean => (entities[index]?.mentions.length ?? 0) > 0;
  const order = entities.map((_, i) => i).filter(named);
  const place = (index: number): number => order.indexOf(index);
  const kept = facts.filter(([head, , , tail, score]) => named(head) && named(tail) && score > theta);
  return {
    title,
    text,
    document: {
      title,
      sents: words.map((spans) => spans.map(([start, end]) => text.slice(start, end))),
      vertexSet: order.map((e) =>
        (entities[e]?.mentions ?? []).map(({ text: name, sentence, start, end, type }) => {
          const spans = words[sentence] ?? [];
          const first = spans.findIndex(([at]) => at === start);
          const last = spans.findIndex(([, at]) => at === end);
          return { name, sent_id: sentence, pos: [first, last + 1] as const, type };
        }),
      ),
    },
    words,
    sentences,
    entities: order.flatMap((e) => entities[e] ?? []),
    facts: kept.map(([head, relation, name, tail, score]): ExtractedFact => ({
      head: place(head),
      tail: place(tail),
      relation,
      name,
      score,
      probability: score * 0.9,
      gate: Math.sqrt(score),
      threshold: card.threshold,
      evidence: [entities[tail]?.mentions[0]?.sentence ?? 0],
    })),
    model: card,
  };
}

export function madeExplanation({ entities, facts: all }: Extraction, fact: ExtractedFact): Explanation {
  const shares = (entity: number): number[] =>
    (entities[entity]?.mentions ?? []).map((_, i) => 2.1 / (i + 1));
  return {
    title: '',
    head: fact.head,
    tail: fact.tail,
    headName: entities[fact.head]?.name ?? '',
    tailName: entities[fact.tail]?.name ?? '',
    relation: fact.relation,
    name: fact.name,
    threshold: fact.threshold,
    gate: { probability: fact.gate ?? 1, margin: 2.31, open: true },
    relations: [
      {
        relation: fact.relation,
        name: fact.name,
        logit: 2.6,
        score: fact.score,
        probability: fact.probability,
      },
      ...all
        .filter(({ relation }) => relation !== fact.relation)
        .map(({ relation, name }, i) => ({
          relation,
          name,
          logit: -i,
          score: 0.2 / (i + 1),
          probability: null,
        })),
    ],
    logit: {
      total: 2.6,
      entities: 3.4,
      distance: 0.5,
      bias: -1.3,
      headMentions: shares(fact.head),
      tailMentions: shares(fact.tail),
      headWords: (entities[fact.head]?.mentions ?? []).map(({ sentence }, i) => ({
        sentence,
        word: i,
        share: 1.7 / (i + 1),
      })),
      tailWords: [],
    },
    effects: (fact.evidence.length > 0 ? fact.evidence : [0]).flatMap((sentence) =>
      [0.9, -0.4, 0.1, 0.6, 0.02, 0.3, -0.2].map((share, word) => ({ sentence, word, share })),
    ),
    sentences: fact.evidence.map((sentence, i) => ({
      sentence,
      score: i === 0 ? 0.08 : 0.5,
      change: fact.score - (i === 0 ? 0.08 : 0.5),
      open: i !== 0,
    })),
    unavailable: null,
  };
}

export interface StubRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

/** The fields of the requests' bodies. */
interface Asked {
  readonly text?: string;
  readonly title?: string;
  readonly theta?: number;
  readonly head?: number;
  readonly tail?: number;
  readonly relation?: string;
}

export interface Stub {
  readonly origin: string;
  /** What it was asked, in order. */
  readonly requests: StubRequest[];
  readonly close: () => Promise<void>;
}

/** A server of the page and of answers like those of `relata serve`, on a free port of this machine. */
export async function startStub({
  page,
  token,
  extractionOf = madeExtraction,
}: {
  readonly page: string;
  readonly token?: string;
  readonly extractionOf?: (text: string, options: { title?: string; theta?: number }) => Extraction;
}): Promise<Stub> {
  const requests: StubRequest[] = [];
  let last: Extraction | undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      const text = Buffer.concat(chunks).toString('utf8');
      const body = (text === '' ? undefined : JSON.parse(text)) as Asked | undefined;
      requests.push({ method, path, authorization: headers.authorization, body });
      const send = (status: number, content: unknown): void => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content));
      };
      if (path === '/') response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
      else if (token !== undefined && headers.authorization !== `Bearer ${token}`)
        send(401, { title: 'The token is missing or wrong', status: 401, code: 'E_TOKEN' });
      else if (path === '/v1/model')
        send(200, { ...card, relations: [{ id: 'P19', name: 'place of birth' }] });
      else if (path === '/v1/extract' && body) {
        const { text: given = '', title = 'Untitled', theta = card.threshold } = body;
        if (given === 'too long') {
          send(422, {
            title: 'The request is larger than allowed',
            detail: 'Expected less text',
            help: 'Cut it',
          });
          return;
        }
        last = extractionOf(given, { title, theta });
        send(200, { format: 1, results: [last] });
      } else if (path === '/v1/explain' && body) {
        const { head, tail, relation } = body;
        const fact = last?.facts.find(
          (one) => one.head === head && one.tail === tail && one.relation === relation,
        );
        if (last && fact) send(200, madeExplanation(last, fact));
        else send(422, { title: 'No such pair', detail: 'No such pair' });
      } else send(404, { title: 'Nothing is served here', status: 404, code: 'E_ROUTE' });
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
