/** The server that gave out this page, where there is one. Addresses are relative: the page asks no one else. */
import type { Document } from '../src/data/document.ts';
import type { Explanation } from '../src/prediction/explanation.ts';
import type { Extraction } from '../src/prediction/extraction.ts';
import { check, isObject } from './model/check.ts';

/** What the server runs. */
export interface ServerModel {
  readonly name: string;
  /** Tells two models of one name apart. */
  readonly id: string;
  readonly threshold: number;
  /** Whether it finds mentions in a text; else it needs documents with entities. */
  readonly takesText: boolean;
  readonly names: ReadonlyMap<string, string>;
}

export type Server =
  | { readonly state: 'asking' | 'none' | 'locked' }
  | { readonly state: 'ready'; readonly model: ServerModel };

/** An answer that is no result. */
export class ServerError extends Error {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** Of this page only: it is gone when the page is closed or loaded again. */
let token = '';

export function keepToken(value: string): void {
  token = value.trim();
}

/** @returns `none` for a page that was opened from a file, without asking; `locked` where a token is needed */
export async function findServer(): Promise<Server> {
  if (!location.protocol.startsWith('http')) return { state: 'none' };
  try {
    return { state: 'ready', model: serverModel(await ask('v1/model')) };
  } catch (error) {
    return { state: error instanceof ServerError && error.status === 401 ? 'locked' : 'none' };
  }
}

export interface TextRequest {
  readonly text: string;
  readonly title?: string;
  readonly markdown?: boolean;
}

/** What the model finds, down to scores above `theta`, so that the slider has something to filter. */
export async function extract(
  request: TextRequest | { readonly document: Document },
  { theta, signal }: { readonly theta: number; readonly signal?: AbortSignal },
): Promise<Extraction[]> {
  const answer = await ask('v1/extract', { ...request, theta }, signal);
  const results = isObject(answer) && Array.isArray(answer['results']) ? answer['results'] : [];
  return results.map((result, i) => check.extraction(result, `result ${i} of the server`));
}

export interface PairRequest {
  readonly document: Document;
  /** Entities, by index. */
  readonly head: number;
  readonly tail: number;
  readonly relation: string;
}

/** Why the model scores a relation as it does. */
export async function explain(pair: PairRequest): Promise<Explanation> {
  // The page's own server, of the same version: its answer is taken as it is.
  return (await ask('v1/explain', { ...pair })) as Explanation;
}

async function ask(path: string, body?: object, signal?: AbortSignal): Promise<unknown> {
  const headers = new Headers({ accept: 'application/json' });
  if (token) headers.set('authorization', `Bearer ${token}`);
  if (body) headers.set('content-type', 'application/json');
  const response = await fetch(path, {
    headers,
    ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
    ...(signal ? { signal } : {}),
  });
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer;
  throw new ServerError(reasonOf(answer) ?? `The server answered ${response.status}.`, response.status);
}

/** The sentences of `application/problem+json`. */
function reasonOf(answer: unknown): string | undefined {
  if (!isObject(answer)) return undefined;
  const parts = [answer['detail'] ?? answer['title'], answer['help']].filter(
    (part) => typeof part === 'string',
  );
  return parts.length > 0
    ? parts.map((part) => (/[.!?]$/.test(part) ? part : `${part}.`)).join(' ')
    : undefined;
}

/** Tolerant of what a later version may add or leave out: nothing here is needed to show a result. */
function serverModel(answer: unknown): ServerModel {
  const card = isObject(answer) ? (isObject(answer['model']) ? answer['model'] : answer) : {};
  const { name, id, threshold, mentions } = card;
  return {
    name: typeof name === 'string' ? name : '',
    id: typeof id === 'string' ? id : '',
    threshold: typeof threshold === 'number' ? threshold : 0.5,
    takesText: mentions !== null,
    names: namesOf(isObject(answer) ? answer['relations'] : undefined),
  };
}

/** From a list of `{ id, name }` (or `relation` for `id`), or an object from id to name. */
function namesOf(relations: unknown): Map<string, string> {
  const pairs: [unknown, unknown][] = Array.isArray(relations)
    ? relations.map((one: unknown) =>
        isObject(one) ? [one['id'] ?? one['relation'], one['name']] : [one, one],
      )
    : Object.entries(isObject(relations) ? relations : {});
  return new Map(
    pairs.filter((pair): pair is [string, string] => pair.every((part) => typeof part === 'string')),
  );
}
