/** Errors as HTTP says them: problem details (RFC 9457) that carry Relata's codes. */
import { type ErrorCode, fail, RelataError } from '../core/errors.ts';
import { limitKinds, type LimitName, type Limits } from './limits.ts';

/** An error as it travels between threads. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly help: string;
  /** Exit status of a program that ends with it. */
  readonly exit: number;
}

/** One thing that is wrong with a document of a request. */
export interface DocumentProblem {
  /** Position in the request. */
  readonly index: number;
  readonly title: string;
  /** Inside the document. */
  readonly path: string;
  readonly message: string;
}

export interface Problem {
  /** Where the code is explained. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly help: string;
  /** Id of the request. */
  readonly instance: string;
  /** With `E_DOCUMENT`: the first of them. */
  readonly documents?: readonly DocumentProblem[];
}

/** Status and title of the codes that a client meets. */
export const problemKinds = {
  E_JSON: { status: 400, title: 'The body is not valid JSON' },
  E_FIELD: { status: 422, title: 'A field of the request is not as it should be' },
  E_DOCUMENT: { status: 422, title: 'A document has errors' },
  E_LIMIT: { status: 422, title: 'The request is larger than allowed' },
  E_NO_TAGGER: { status: 422, title: 'This model needs documents with entities' },
  E_TOKEN: { status: 401, title: 'The token is missing or wrong' },
  E_ROUTE: { status: 404, title: 'Nothing is served here' },
  E_METHOD: { status: 405, title: 'The method is not allowed here' },
  E_MEDIA_TYPE: { status: 415, title: 'The body is of another type' },
  E_BUSY: { status: 503, title: 'The queue is full' },
  E_UNAVAILABLE: { status: 503, title: 'The server takes no requests now' },
  E_TIMEOUT: { status: 504, title: 'The answer took too long' },
  E_ENGINE: { status: 500, title: 'The model could not be run' },
  E_INTERNAL: { status: 500, title: 'An error of Relata' },
} as const satisfies Partial<Record<ErrorCode, { status: number; title: string }>>;

/** A request that gets no answer but a problem. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly failure: Failure;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly documents: readonly DocumentProblem[] | undefined;

  constructor(
    failure: Failure,
    options: {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly documents?: readonly DocumentProblem[] | undefined;
    } = {},
  ) {
    super(failure.message);
    const { code, message, help, exit } = failure; // Errors are given too: they do not travel well.
    this.failure = { code, message, help, exit };
    this.status = options.status ?? kindOf(failure).status;
    this.headers = options.headers ?? {};
    this.documents = options.documents;
  }
}

/** The parts of an error that a client may know; undefined of errors that are not Relata's. */
export function failureOf(error: unknown): Failure | undefined {
  if (error instanceof Refusal) return error.failure;
  if (!(error instanceof RelataError)) return undefined;
  const { code, message, help, exit } = error;
  return { code, message, help, exit };
}

/** What a client is told of anything thrown. */
export function refusalOf(error: unknown, id: string): Refusal {
  if (error instanceof Refusal) return error;
  return new Refusal(failureOf(error) ?? fail('E_INTERNAL', { id }));
}

export function problemOf({ failure, status, documents }: Refusal, id: string): Problem {
  const { code, message, help } = failure;
  return {
    type: `/docs#${code}`,
    title: kindOf(failure).title,
    status,
    detail: message,
    code,
    help,
    instance: id,
    ...(documents && { documents }),
  };
}

/** A refusal because a limit is passed. */
export function tooMuch(
  name: LimitName,
  limits: Limits,
  { what, found, status = 422 }: { readonly what: string; readonly found: string; readonly status?: number },
): Refusal {
  const { unit, flag } = limitKinds[name];
  return new Refusal(fail('E_LIMIT', { what, most: limits[name], found, unit, flag }), { status });
}

function kindOf({ code, exit }: Failure): { readonly status: number; readonly title: string } {
  const known: Partial<Record<ErrorCode, { status: number; title: string }>> = problemKinds;
  return (
    known[code] ??
    (exit === 2 || exit === 3
      ? { status: 422, title: 'The request cannot be answered' }
      : problemKinds.E_INTERNAL)
  );
}
