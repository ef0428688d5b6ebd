/**
 * What can be wrong or odd in a document, and how it is put into words.
 *
 * Reading, training and `relata check` all describe a problem with `describeProblem`, so a user meets
 * one wording. Errors make a document unusable; warnings never stop anything.
 */

/** Every problem code with its severity and its meaning in one line. */
export const problemKinds = {
  json: { severity: 'error', meaning: 'text that is not valid JSON' },
  'wrong-type': { severity: 'error', meaning: 'a value of another type than DocRED documents hold' },
  'missing-key': { severity: 'error', meaning: 'a key that every DocRED document holds is absent' },
  'sentence-range': { severity: 'error', meaning: 'a mention in a sentence that does not exist' },
  'span-range': {
    severity: 'error',
    meaning: 'a mention whose words lie outside its sentence, or that has none',
  },
  'entity-empty': { severity: 'error', meaning: 'an entity without mentions' },
  'label-entity': { severity: 'error', meaning: 'a label that names an entity that does not exist' },
  'relation-unknown': { severity: 'error', meaning: 'a label whose relation is not in the relation file' },
  'label-self': { severity: 'warning', meaning: 'a label whose head is its tail (reported, never scored)' },
  'label-repeated': { severity: 'warning', meaning: 'a fact that its document states more than once' },
  'label-na': { severity: 'warning', meaning: 'a label of relation Na, which means no relation' },
  'evidence-null': { severity: 'warning', meaning: 'evidence that is null or absent (read as none)' },
  'evidence-range': { severity: 'warning', meaning: 'evidence in a sentence that does not exist' },
  'evidence-repeated': { severity: 'warning', meaning: 'evidence that names a sentence twice' },
  'title-empty': { severity: 'warning', meaning: 'a title without a character' },
  'title-repeated': { severity: 'warning', meaning: 'a title that an earlier document of the file has' },
  'title-shared': { severity: 'warning', meaning: 'a title that a document of another file has' },
  'document-empty': { severity: 'warning', meaning: 'a document without sentences' },
  'document-long': { severity: 'warning', meaning: 'a document past what the encoder reads at once' },
  'sentence-empty': { severity: 'warning', meaning: 'a sentence without words' },
  'word-empty': { severity: 'warning', meaning: 'a word without a character' },
  'word-no-piece': { severity: 'warning', meaning: 'a word that yields no piece' },
  'mention-name': { severity: 'warning', meaning: 'a mention whose name differs from its words' },
  'mention-repeated': { severity: 'warning', meaning: 'a mention that its entity lists twice' },
  'mention-overlap': { severity: 'warning', meaning: 'two mentions of one entity that share words' },
  'mention-shared': { severity: 'warning', meaning: 'words that two entities claim' },
  'entity-types': { severity: 'warning', meaning: 'an entity whose mentions have different types' },
  'sentence-id-text': { severity: 'warning', meaning: 'a sentence index written as text (read as a number)' },
} as const satisfies Record<string, { severity: 'error' | 'warning'; meaning: string }>;

export type ProblemCode = keyof typeof problemKinds;

/** One thing that is wrong (`error`) or odd (`warning`), with its place. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly code: ProblemCode;
  /** Path of the file, as it was given. */
  readonly file: string;
  /** Position of the document in its file, from 0. */
  readonly index: number;
  /** Title of the document; empty when it has none that can be read. */
  readonly title: string;
  /** JSON path inside the document, such as `$.vertexSet[3][0].pos`. */
  readonly path: string;
  /** "Expected <what> to be <constraint>, got <value>". */
  readonly message: string;
}

/** Where a document stands. */
export interface Place {
  /** Path of the file. */
  readonly file: string;
  /** Position of the document in its file, from 0. */
  readonly index: number;
}

/** The problem as one line: file, document, title, path, message. */
export function describeProblem(problem: Problem): string {
  const { file, index, title, path, message } = problem;
  return `${file}: document ${index} ${quote(title, 60)}, ${path}: ${message}`;
}

/** Characters that a terminal acts on or that nobody sees. */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

/** `text` in quotes, at most `limit` characters of it, with every invisible character as an escape. */
export function quote(text: string, limit = 40): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}...` : text;
  const visible = JSON.stringify(cut).replace(INVISIBLE, (character) => {
    let escaped = '';
    for (let i = 0; i < character.length; i++) {
      escaped += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
    }
    return escaped;
  });
  return visible;
}

/** Any JSON value in a few words, for the "got" of a message. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return quote(value);
  if (Array.isArray(value)) {
    if (value.length <= 4 && value.every((item) => typeof item === 'number' || item === null)) {
      return `[${value.join(', ')}]`;
    }
    return `an array of ${value.length}`;
  }
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}
