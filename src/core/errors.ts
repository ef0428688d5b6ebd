/**
 * Every error that a user can meet, keyed by code.
 *
 * A message says what was expected, what was found and where; `help` says what to do.
 * Programs exit with the code's status: 2 usage, 3 bad data, 4 missing file, 5 engine, 70 bug in Relata.
 */

interface Entry<D> {
  readonly exit: 2 | 3 | 4 | 5 | 70;
  readonly message: (detail: D) => string;
  readonly help: (detail: D) => string;
}

const entry = <D>(value: Entry<D>): Entry<D> => value;

/** All codes. Add a message here; throw it as `new RelataError('E_CODE', { ...detail })`. */
export const catalogue = {
  E_USAGE: entry<{ what: string; help: string }>({
    exit: 2,
    message: (d) => d.what,
    help: (d) => d.help,
  }),
  E_CHOICE: entry<{
    kind: string;
    asked: string | undefined;
    where: string;
    found: number;
    candidates: readonly string[];
    total: number;
  }>({
    exit: 2,
    message: (d) =>
      `Expected to find one ${d.kind}${d.asked === undefined ? '' : ` "${d.asked}"`} in ${d.where}, got ${d.found === 0 ? 'none' : d.found}`,
    help: (d) =>
      d.total === 0
        ? `There is no ${d.kind} at all.`
        : `Name one of these${d.kind === 'entity' ? ', by name or by number' : d.kind === 'document' ? ' by its title' : ', by id or by name'}:\n  ${d.candidates.join('\n  ')}${d.total > d.candidates.length ? `\n  and ${d.total - d.candidates.length} more` : ''}`,
  }),
  E_FILE_MISSING: entry<{ path: string; expected: string }>({
    exit: 4,
    message: (d) => `Expected ${d.expected} at ${d.path}, but there is none`,
    help: () => 'Check the path; relative paths start at the current folder.',
  }),
  E_FILE_EXISTS: entry<{ path: string; help: string }>({
    exit: 2,
    message: (d) => `Expected ${d.path} not to exist yet, but it does`,
    help: (d) => d.help,
  }),
  E_FILE: entry<{ reason: string }>({
    exit: 4,
    message: (d) => `The system refused a file operation: ${d.reason}`,
    help: () =>
      'Check that the path is a file or folder as it should be, that it may be written, and that there is space.',
  }),
  E_JSON: entry<{ path: string; reason: string }>({
    exit: 3,
    message: (d) => `Expected ${d.path} to hold valid JSON: ${d.reason}`,
    help: () => 'The file may be cut off or of another format.',
  }),
  E_FIELD: entry<{ expected: string; found: string; where: string }>({
    exit: 3,
    message: (d) => `Expected ${d.expected}, got ${d.found} (${d.where})`,
    help: () => 'Mend the named field.',
  }),
  E_ANNOTATION: entry<{
    title: string;
    start: number;
    end: number;
    type: string;
    unit: string;
    found: string;
  }>({
    exit: 3,
    message: (d) =>
      `Expected annotation ${d.type} [${d.start}, ${d.end}) to be a stretch of the text, got ${d.found} (${d.title}, counted in ${d.unit})`,
    help: () =>
      'Positions count from 0, and the end is exclusive. They may count UTF-16 units (JavaScript, Java) or code points (Python).',
  }),
  E_SAFETENSORS: entry<{ path: string; reason: string }>({
    exit: 3,
    message: (d) => `Expected ${d.path} to be a safetensors file: ${d.reason}`,
    help: () => 'The file may be cut off, or it is another format (pickle files are never read).',
  }),
  E_VOCABULARY: entry<{ path: string; reason: string }>({
    exit: 3,
    message: (d) => `Expected ${d.path} to be a WordPiece vocabulary: ${d.reason}`,
    help: () => 'Use the vocab.txt (one piece a line) or tokenizer.json that belongs to the encoder.',
  }),
  E_WORDS: entry<{ path: string; reason: string }>({
    exit: 3,
    message: (d) => `Expected ${d.path} to be a word vocabulary: ${d.reason}`,
    help: () => 'Use the words.json that was saved with the model, unchanged.',
  }),
  E_WORD_VECTORS: entry<{ path: string; line: number; expected: string; found: string }>({
    exit: 3,
    message: (d) => `Expected ${d.expected}, got ${d.found} (line ${d.line} of ${d.path})`,
    help: () =>
      "Use word vectors in GloVe's text form (a word and its values on each line), plain or gzipped; the file may be cut off.",
  }),
  E_DOCUMENT: entry<{ file: string; problems: readonly string[]; total: number }>({
    exit: 3,
    message: (d) =>
      `Expected sound documents in ${d.file}, got ${d.total} error(s):\n  ${d.problems.join('\n  ')}`,
    help: (d) => `\`relata check ${d.file}\` lists all of them.`,
  }),
  E_TITLES: entry<{ predicted: number; gold: number; examples: readonly string[] }>({
    exit: 3,
    message: (d) =>
      `Expected predictions for the gold documents, but none of the ${d.predicted} predicted title(s) (such as ${d.examples.join(', ')}) is among the ${d.gold} of the gold file`,
    help: () =>
      'These predictions were made for other documents: a dev file and a test file may have been mixed up.',
  }),
  E_NO_LABELS: entry<{ documents: number; doing: string }>({
    exit: 3,
    message: (d) => `Expected labelled documents for ${d.doing}, but none of the ${d.documents} has labels`,
    help: () =>
      "Use labelled documents: DocRED's test part, for one, is published without labels. Labels with h = t do not count.",
  }),
  E_CALIBRATION: entry<{ path: string; reason: string }>({
    exit: 3,
    message: (d) => `Expected documents that show what scores mean (${d.path}), but ${d.reason}`,
    help: () => 'Give more labelled documents, of the kind that the model was trained for.',
  }),
  E_SCORE: entry<{ position: number }>({
    exit: 70,
    message: (d) => `Expected scores to be numbers, got NaN at position ${d.position} of the ranking`,
    help: () => 'The model has computed something that is not a number; its parameters may be damaged.',
  }),
  E_SHAPE: entry<{ operation: string; expected: string; found: string }>({
    exit: 70,
    message: (d) => `${d.operation}: expected ${d.expected}, got ${d.found}`,
    help: () => 'The graph was put together wrongly.',
  }),
  E_PARAMETER: entry<{
    name: string;
    shape: readonly number[];
    found: readonly number[] | undefined;
    where: string;
  }>({
    exit: 3,
    message: (d) =>
      `Expected parameter ${d.name} of shape [${d.shape.join(', ')}], got ${d.found ? `shape [${d.found.join(', ')}]` : 'none'} (${d.where})`,
    help: () => 'The weights belong to another model or configuration.',
  }),
  E_PARAMETER_NUMBERS: entry<{ name: string; where: string }>({
    exit: 3,
    message: (d) =>
      `Expected parameter ${d.name} to hold finite numbers, got NaN or an infinity (${d.where})`,
    help: () => 'The weights are damaged, or their training went wrong: take an earlier copy.',
  }),
  E_ENCODER: entry<{ name: string; shipped: readonly string[]; sizes: readonly string[] }>({
    exit: 4,
    message: (d) => `Expected an encoder, got ${d.name}, which is no folder, no size and no hub id`,
    help: (d) =>
      `Name ${d.shipped.join(', ')}, a checkpoint's folder, a hub id such as bert-base-uncased, or a size: ${d.sizes.join(', ')}.`,
  }),
  E_HUB: entry<{
    id: string;
    files: readonly string[];
    folder: string;
    sizes: readonly string[];
    reason: string;
  }>({
    exit: 4,
    message: (d) => `Expected to fetch ${d.id} from the hub, but could not: ${d.reason}`,
    help: (d) =>
      `Without a network, put ${d.files.join(', ')} of ${d.id} into ${d.folder}, or into a folder of your own and name that. Encoders with random weights are called ${d.sizes.join(', ')}.`,
  }),
  E_DATA_CHANGED: entry<{ path: string; out: string }>({
    exit: 3,
    message: (d) => `Expected ${d.path} to be the file with which the run in ${d.out} began, but it differs`,
    help: () => 'Restore the file, or start a new run in another folder.',
  }),
  E_RUN_DIFFERS: entry<{ option: string; out: string }>({
    exit: 2,
    message: (d) =>
      `Expected the run in ${d.out} to go on with the options that it began with, but ${d.option} differs`,
    help: () =>
      'With `relata compare`, give the options that its train.json holds, or begin in another folder (--out). Defaults may have changed with the version of Relata.',
  }),
  E_RUN_DAMAGED: entry<{ path: string; reason: string }>({
    exit: 3,
    message: (d) => `Expected ${d.path} as the run left it, but ${d.reason}`,
    help: () => 'Restore it from a copy, or begin again in another folder (--out).',
  }),
  E_MODEL_OLD: entry<{ path: string }>({
    exit: 3,
    message: (d) =>
      `Expected a model in the form of this version of Relata, got one that an older version saved (${d.path})`,
    help: () =>
      'Train it again in another folder: the train.json of its run holds the options. Or use the version that saved it.',
  }),
  E_EXPORTED: entry<{ folder: string; doing: string }>({
    exit: 2,
    message: (d) => `Expected a trained model to be ${d.doing}, got an exported one (${d.folder})`,
    help: () =>
      'An exported model only predicts. Name the folder that `relata train` saved, from which it was made.',
  }),
  E_NO_HEAD: entry<{ folder: string }>({
    exit: 2,
    message: (d) =>
      `Expected a masked language model in ${d.folder}, got an encoder without the head that guesses pieces`,
    help: () =>
      'Name a folder that `relata pretrain` saved, or a published checkpoint with `cls.predictions` weights.',
  }),
  E_PROGRAM: entry<{ path: string; reason: string }>({
    exit: 3,
    message: (d) => `Expected ${d.path} to be an exported program, but ${d.reason}`,
    help: () => 'The file may be cut off, or another version wrote it: make it again with `relata export`.',
  }),
  E_LONG_DOCUMENT: entry<{ title: string; size: string; reason: string; help: string }>({
    exit: 3,
    message: (d) => `Expected a shorter document than "${d.title}", which has ${d.size}: ${d.reason}`,
    help: (d) => d.help,
  }),
  E_STEPS_DIFFER: entry<{ what: string; first: string; second: string; folder: string }>({
    exit: 3,
    message: (d) =>
      `Expected both steps to have the same ${d.what}, got ${d.first} and ${d.second} (${d.folder})`,
    help: () =>
      'Combine two steps of one system, trained by one `relata train --two-step`: they read text and number relations alike.',
  }),
  E_TEXT: entry<{ where: string; reason: string }>({
    exit: 3,
    message: (d) => `Expected a text (${d.where}), but ${d.reason}`,
    help: () =>
      "Give plain text or Markdown in UTF-8, or documents in DocRED's form (.json, .jsonl); split very long texts.",
  }),
  E_TEXT_FILE: entry<{ path: string; reason: string }>({
    exit: 3,
    message: (d) => `Expected ${d.path} to be a text in UTF-8, but ${d.reason}`,
    help: () => 'Give plain text in UTF-8, as it is or packed as .gz or .xz; the file may be cut off.',
  }),
  E_TEXT_SHORT: entry<{ found: string; needed: string }>({
    exit: 3,
    message: (d) => `Expected text of at least ${d.needed}, got ${d.found}`,
    help: () =>
      'Give more text. From the tenth document on a part is held out, to see what the encoder knows of text that it never read; of a document of more than 4,096 pieces, as many count as one.',
  }),
  E_NO_TAGGER: entry<{ title: string; folder: string }>({
    exit: 2,
    message: (d) =>
      `Expected "${d.title}" to come with its entities, or a model that finds them, but ${d.folder} only relates entities`,
    help: () =>
      'Train one that finds them (`relata train --system mentions`) and join the two (`relata bundle`); or give the entities: `--entities FILE`, or documents with a vertexSet.',
  }),
  E_NOT_FINITE: entry<{ what: string; step: number; path: string | undefined }>({
    exit: 5,
    message: (d) => `Expected a finite ${d.what}, got one that is not (step ${d.step})`,
    help: (d) =>
      `Begin a new run with a lower --learning-rate, or with --clip-norm. ${d.path === undefined ? 'There was no checkpoint yet.' : `The last good checkpoint stands: ${d.path}`}`,
  }),
  E_ENGINE_MISSING: entry<{ reason: string }>({
    exit: 5,
    message: (d) => `Expected ONNX Runtime to be installed, but it cannot be loaded: ${d.reason}`,
    help: () =>
      'Install it without its download of CUDA libraries: npm install --ignore-scripts onnxruntime-node@1.30.0',
  }),
  E_DEVICE: entry<{ device: string; reason: string }>({
    exit: 5,
    message: (d) => `Expected to run on ${d.device}, but ONNX Runtime cannot: ${d.reason.trim()}`,
    help: () => 'The README, under "Devices", says what each device needs. --device cpu always works.',
  }),
  E_ENGINE: entry<{ doing: string; reason: string }>({
    exit: 5,
    message: (d) => `ONNX Runtime failed while ${d.doing}: ${d.reason}`,
    help: () => 'If memory ran out, use smaller batches (--batch-pieces).',
  }),
  E_LIMIT: entry<{ what: string; most: number; found: string; unit: string; flag: string }>({
    exit: 2,
    message: (d) => `Expected ${d.what} of at most ${d.most} ${d.unit}, got ${d.found}`,
    help: (d) => `Send less at a time; whoever runs the server can allow more (${d.flag}).`,
  }),
  E_ROUTE: entry<{ path: string }>({
    exit: 2,
    message: (d) => `Expected the address of something that is served, got ${d.path}`,
    help: () => '/docs lists what there is.',
  }),
  E_METHOD: entry<{ method: string; path: string; allowed: string }>({
    exit: 2,
    message: (d) => `Expected ${d.allowed} for ${d.path}, got ${d.method}`,
    help: () => '/docs lists what there is.',
  }),
  E_MEDIA_TYPE: entry<{ expected: string; found: string }>({
    exit: 2,
    message: (d) => `Expected ${d.expected}, got ${d.found}`,
    help: () => 'Send plain JSON in UTF-8, with the header Content-Type: application/json.',
  }),
  E_TOKEN: entry<{ found: string }>({
    exit: 2,
    message: (d) => `Expected the bearer token of this server, got ${d.found}`,
    help: () => 'Send the header Authorization: Bearer TOKEN.',
  }),
  E_BUSY: entry<{ waiting: string }>({
    exit: 5,
    message: (d) => `Expected room in the queue, but ${d.waiting} wait already`,
    help: () => 'Send the same request again after the time that Retry-After names.',
  }),
  E_UNAVAILABLE: entry<{ reason: string }>({
    exit: 5,
    message: (d) => `Expected the server to take requests, but ${d.reason}`,
    help: () => 'Send the same request again later; /readyz says when.',
  }),
  E_TIMEOUT: entry<{ seconds: number }>({
    exit: 5,
    message: (d) => `Expected an answer within ${d.seconds} s, but it was not ready`,
    help: () => 'Send less at a time, or later; whoever runs the server can allow more time (--timeout).',
  }),
  E_INTERNAL: entry<{ id: string }>({
    exit: 70,
    message: (d) => `Relata failed in a way that it does not know (request ${d.id})`,
    help: () => "The server's log says more under this request's id. Please report it.",
  }),
} satisfies Record<string, Entry<never>>;

export type ErrorCode = keyof typeof catalogue;
type Detail<C extends ErrorCode> = (typeof catalogue)[C] extends Entry<infer D> ? D : never;

/** The one error class: `code`, a message with its place, `help`, the exit status for programs. */
export class RelataError extends Error {
  override readonly name = 'RelataError';
  readonly code: ErrorCode;
  readonly help: string;
  readonly exit: number;
  /** Whether the same call may go well later without any change. */
  readonly retryable: boolean;

  constructor(code: ErrorCode, detail: object, options: { cause?: unknown; retryable?: boolean } = {}) {
    const found = catalogue[code] as Entry<never>;
    super(found.message(detail as never), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.help = found.help(detail as never);
    this.exit = found.exit;
    this.retryable = options.retryable ?? false;
  }
}

/** A typed error of the catalogue: `throw fail('E_JSON', { path, reason })`. */
export function fail<C extends ErrorCode>(
  code: C,
  detail: Detail<C>,
  options: { cause?: unknown; retryable?: boolean } = {},
): RelataError {
  return new RelataError(code, detail as object, options);
}

/** The message of anything thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
