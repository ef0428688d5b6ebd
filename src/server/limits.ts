/** What a server takes at most: one list for the flags, the checks, `GET /v1/model` and the documentation. */

interface LimitKind {
  readonly flag: string;
  readonly value: number;
  readonly unit: string;
  /** What is bounded, for `--help`. */
  readonly meaning: string;
}

/** Every limit with its flag, its default and its unit. */
export const limitKinds = {
  bodyBytes: { flag: '--max-body', value: 8_000_000, unit: 'bytes', meaning: 'body of a request' },
  documents: {
    flag: '--max-documents',
    value: 100,
    unit: 'documents',
    meaning: 'texts or documents of a request',
  },
  words: {
    flag: '--max-words',
    value: 10_000,
    unit: 'words',
    meaning: 'length of a text or document; a long run without spaces counts as several, a comma as one',
  },
  entities: {
    flag: '--max-entities',
    value: 300,
    unit: 'entities',
    meaning: 'entities that a document brings along to be read',
  },
  facts: { flag: '--max-facts', value: 20_000, unit: 'facts', meaning: 'facts in the answer for a document' },
  seconds: {
    flag: '--timeout',
    value: 60,
    unit: 'seconds',
    meaning: 'time from the start of a request to its answer',
  },
  waitingRequests: { flag: '--max-queue', value: 256, unit: 'requests', meaning: 'requests that wait' },
  waitingWords: {
    flag: '--max-queue-words',
    value: 500_000,
    unit: 'words',
    meaning: 'words of all that wait',
  },
  connections: { flag: '--max-connections', value: 1024, unit: 'connections', meaning: 'open connections' },
} as const satisfies Record<string, LimitKind>;

export type LimitName = keyof typeof limitKinds;
export type Limits = Readonly<Record<LimitName, number>>;

export const limitNames = Object.keys(limitKinds) as LimitName[];

/** The limits that hold where nothing else was asked for. */
export const defaultLimits = Object.fromEntries(
  limitNames.map((name) => [name, limitKinds[name].value]),
) as Limits;
