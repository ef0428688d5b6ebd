/** Everything that is served: one list for the OpenAPI document, the page that explains it, and what is allowed where. */
import { createRoute, z } from '@hono/zod-openapi';

import { explainRequest, extractRequest } from './request-schemas.ts';
import {
  explanationAnswer,
  extractAnswer,
  modelAnswer,
  problemAnswer,
  statusAnswer,
} from './response-schemas.ts';

/** Titles of the statuses of problems, as far as the whole API shares them. */
const statuses = {
  400: 'The body is not JSON',
  401: 'The token is missing or wrong',
  413: 'The body is too large',
  415: 'The body is of another type',
  422: 'The request cannot be answered as it is: a field, a document, or a limit',
  500: 'An error of the server',
  503: 'The queue is full, the model is not loaded, or the server ends; with Retry-After',
  504: 'The answer took too long',
} as const;

const problem = { 'application/problem+json': { schema: problemAnswer } };
const problems = (...codes: readonly (keyof typeof statuses)[]) =>
  Object.fromEntries(codes.map((code) => [code, { description: statuses[code], content: problem }]));
const json = <S extends z.ZodType>(schema: S, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});
const text = (type: string, description: string) => ({
  description,
  content: { [type]: { schema: z.string() } },
});
const jsonBody = <S extends z.ZodType>(schema: S) => ({
  body: { required: true, content: { 'application/json': { schema } } },
});

const work = [400, 401, 413, 415, 422, 500, 503, 504] as const;

export const routes = {
  extract: createRoute({
    method: 'post',
    path: '/v1/extract',
    summary: 'Entities and relations of texts or documents',
    description:
      'Takes one text, several texts, one document or several documents. Documents without entities are read like texts.',
    request: jsonBody(extractRequest),
    responses: { 200: json(extractAnswer, 'What was found'), ...problems(...work) },
  }),
  explain: createRoute({
    method: 'post',
    path: '/v1/explain',
    summary: 'Why a pair of entities got its answer',
    description: 'Takes a document or a text, and two of its entities by index or name.',
    request: jsonBody(explainRequest),
    responses: { 200: json(explanationAnswer, 'The explanation'), ...problems(...work) },
  }),
  model: createRoute({
    method: 'get',
    path: '/v1/model',
    summary: 'The model, its relations, and the limits of requests',
    responses: { 200: json(modelAnswer, 'The model'), ...problems(401, 503) },
  }),
  health: createRoute({
    method: 'get',
    path: '/healthz',
    summary: 'Whether the process is alive',
    responses: { 200: json(statusAnswer, 'It is') },
  }),
  ready: createRoute({
    method: 'get',
    path: '/readyz',
    summary: 'Whether requests are taken',
    responses: {
      200: json(statusAnswer, 'They are'),
      503: json(statusAnswer, 'The model is not loaded, or the server ends'),
    },
  }),
  metrics: createRoute({
    method: 'get',
    path: '/metrics',
    summary: 'Counters for Prometheus',
    responses: { 200: text('text/plain', "In Prometheus' text format"), ...problems(401) },
  }),
  openapi: createRoute({
    method: 'get',
    path: '/openapi.json',
    summary: 'This API, as OpenAPI 3.1',
    responses: { 200: json(z.looseObject({}), 'The OpenAPI document'), ...problems(401) },
  }),
  docs: createRoute({
    method: 'get',
    path: '/docs',
    summary: 'A page to try everything',
    responses: { 200: text('text/html', 'The page') },
  }),
  viewer: createRoute({
    method: 'get',
    path: '/',
    summary: 'The viewer: texts and graphs for people',
    responses: { 200: text('text/html', 'The page') },
  }),
} as const;

/** What is served without a token: what says nothing about requests, and pages, which hold no data. */
export const openPaths: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/docs', '/']);
