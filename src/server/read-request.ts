/** Bodies of requests, from text to jobs: parsed, checked and bounded before anything of them waits. */
import type { z } from 'zod';

import { fail, reasonOf } from '../core/errors.ts';
import { misfit } from '../core/misfit.ts';
import { checkDocument } from '../data/check.ts';
import type { Document } from '../data/document.ts';
import { describeProblem } from '../data/problem.ts';
import type { Source } from '../prediction/extract.ts';
import type { Job } from './engine.ts';
import type { Limits } from './limits.ts';
import { Refusal, tooMuch } from './problem.ts';
import { explainRequest, extractForms, type ExtractForm, type TextItem } from './request-schemas.ts';
import { estimateWords } from './words.ts';

/** What the worker is asked to explain. */
export interface ExplainQuestion {
  readonly source: Source;
  /** Index of an entity, or a name of it. */
  readonly head: number | string;
  readonly tail: number | string;
  readonly relation?: string | undefined;
}

export interface ReadOptions {
  readonly route: 'extract' | 'explain';
  readonly limits: Limits;
  /** Why a text cannot be read: the folder of a model that finds no mentions. */
  readonly cannotTag?: string | undefined;
}

/** Errors of documents that a problem spells out. */
const SHOWN = 10;

/**
 * The jobs of a request, one a document.
 *
 * @param text - the body
 * @throws RelataError `E_JSON`, `E_FIELD`, `E_NO_TAGGER`; Refusal `E_DOCUMENT`, `E_LIMIT`
 */
export function readRequest(text: string, options: ReadOptions): Job[] {
  const value = parsed(text);
  return options.route === 'extract' ? extractJobs(value, options) : [explainJob(value, options)];
}

function extractJobs(value: unknown, options: ReadOptions): Job[] {
  const { limits } = options;
  const form = formOf(value);
  const { theta, ...body } = fitting(extractForms[form], value);
  const texts: readonly TextItem[] = 'texts' in body ? body.texts : 'text' in body ? [body] : [];
  const documents = 'documents' in body ? body.documents : 'document' in body ? [body.document] : [];
  const count = texts.length + documents.length;
  if (count > limits.documents) throw tooMuch('documents', limits, { what: 'a request', found: `${count}` });
  const sources =
    documents.length > 0
      ? checked(documents).map((doc): Source => ({ kind: 'document', doc }))
      : texts.map((item, i) => textSource(item, texts.length > 1 ? `text ${i + 1}` : 'text'));
  return sources.map((source) => ({
    kind: 'extract',
    payload: JSON.stringify(source),
    theta,
    words: boundedWords(source, options),
  }));
}

function explainJob(value: unknown, options: ReadOptions): Job {
  const body = fitting(explainRequest, value);
  const { head, tail, relation, document } = body;
  if ((document === undefined) === (body.text === undefined)) throw notOne(['document', 'text'], body);
  const [doc] = document === undefined ? [] : checked([document]);
  const source: Source = doc
    ? { kind: 'document', doc }
    : textSource({ ...body, text: body.text ?? '' }, 'text');
  const question: ExplainQuestion = { source, head, tail, relation };
  return { kind: 'explain', payload: JSON.stringify(question), words: boundedWords(source, options) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw fail('E_JSON', { path: 'the body', reason: reasonOf(cause) }, { cause });
  }
}

/** Which of the forms of a body this is: told apart by the one key that says so, for errors that name it. */
function formOf(value: unknown): ExtractForm {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const names = Object.keys(extractForms) as ExtractForm[];
  const given = isObject ? names.filter((name) => Object.hasOwn(value, name)) : [];
  const [form, ...others] = given;
  if (form === undefined || others.length > 0) throw notOne(names, value);
  return form;
}

function notOne(names: readonly string[], value: unknown): Error {
  const keys = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
  return fail('E_FIELD', {
    expected: `an object with exactly one of ${names.join(', ')}`,
    found: keys.length > 0 ? `one with ${keys.slice(0, 10).join(', ').slice(0, 200)}` : 'something else',
    where: 'body',
  });
}

function fitting<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw misfit(result.error, { expected: 'a request as /docs describes it', path: 'body' });
}

function textSource({ title, text, markdown }: TextItem, otherwise: string): Source {
  return { kind: 'text', title: title ?? otherwise, text, ...(markdown !== undefined && { markdown }) };
}

/** @throws Refusal `E_DOCUMENT` with the place of each error */
function checked(values: readonly unknown[]): Document[] {
  const results = values.map((value, index) =>
    checkDocument(value, { file: 'the request', index }, { warnings: false }),
  );
  const problems = results.flatMap((result) => result.problems);
  if (problems.length === 0) return results.flatMap(({ document }) => document ?? []);
  const shown = problems.slice(0, SHOWN);
  throw new Refusal(
    fail('E_DOCUMENT', {
      file: 'the request',
      problems: shown.map(describeProblem),
      total: problems.length,
    }),
    { documents: shown.map(({ index, title, path, message }) => ({ index, title, path, message })) },
  );
}

/** @throws Refusal `E_LIMIT`; RelataError `E_NO_TAGGER` */
function boundedWords(source: Source, { route, limits, cannotTag }: ReadOptions): number {
  const title = source.kind === 'text' ? source.title : source.kind === 'document' ? source.doc.title : '';
  const needsTagger =
    source.kind === 'text' || (source.kind === 'document' && source.doc.vertexSet.length === 0);
  if (needsTagger && cannotTag !== undefined) throw fail('E_NO_TAGGER', { title, folder: cannotTag });
  const words = source.kind === 'document' ? documentWords(source.doc) : wordsOfText(source);
  const what = `${source.kind === 'text' ? 'text' : 'document'} "${title.slice(0, 60)}"`;
  if (words > limits.words) throw tooMuch('words', limits, { what, found: `${words}` });
  // A question is about one pair, and a document that was found in a text may have more entities than one that is brought along.
  if (route === 'extract' && source.kind === 'document' && source.doc.vertexSet.length > limits.entities)
    throw tooMuch('entities', limits, { what, found: `${source.doc.vertexSet.length}` });
  return words;
}

const wordsOfText = (source: Source): number =>
  source.kind === 'text' ? Math.max(1, estimateWords(source.text)) : 0;

/** Words, however long each is; a sentence and a mention cost one at least, whatever they hold. */
function documentWords({ sents, vertexSet }: Document): number {
  let words = 0;
  for (const sentence of sents) {
    let own = 0;
    for (const word of sentence) own += Math.max(1, estimateWords(word));
    words += Math.max(1, own);
  }
  return Math.max(
    words,
    vertexSet.reduce((sum, mentions) => sum + mentions.length, 0),
  );
}
