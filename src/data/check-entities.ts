/** The part of the document check that concerns `vertexSet`. */
import { isObject, required, wrongValue, type Check } from './check-context.ts';
import type { Mention } from './document.ts';
import { quote, show } from './problem.ts';

type Sentences = readonly (readonly string[] | undefined)[];

/** Who names each word of the document first: mention `owner[word]` of the list, or -1. */
interface Claims {
  readonly starts: readonly number[];
  readonly owner: Int32Array;
  readonly mentions: { readonly entity: number; readonly mention: Mention }[];
}

/**
 * The entities of `document`; a gap stands for a mention that cannot be used.
 *
 * @param sentences - as `checkSentences` returns them; spans are not checked where it left a gap
 * @returns undefined when there are none to speak of
 */
export function checkEntities(
  document: Record<string, unknown>,
  sentences: Sentences | undefined,
  check: Check,
): readonly (readonly (Mention | undefined)[])[] | undefined {
  const value = required(document, 'vertexSet', '$', check);
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) {
    check.report(
      'wrong-type',
      '$.vertexSet',
      `Expected vertexSet to be an array of entities, got ${show(value)}`,
    );
    return undefined;
  }
  const claims = check.warnings && sentences !== undefined ? noClaims(sentences) : undefined;
  return value.map((entity: unknown, e) => checkEntity(entity, e, sentences, claims, check));
}

function checkEntity(
  value: unknown,
  e: number,
  sentences: Sentences | undefined,
  claims: Claims | undefined,
  check: Check,
): readonly (Mention | undefined)[] {
  const path = `$.vertexSet[${e}]`;
  if (!Array.isArray(value)) {
    check.report('wrong-type', path, `Expected an entity to be an array of mentions, got ${show(value)}`);
    return [];
  }
  if (value.length === 0) {
    check.report('entity-empty', path, 'Expected an entity to have at least one mention, got none');
  }
  let type: string | undefined;
  let mixed = false;
  const mentions = value.map((item: unknown, m) => {
    const mention = checkMention(item, e, m, sentences, check);
    if (mention === undefined) return undefined;
    if (claims !== undefined) warnOfMention(mention, e, m, sentences, claims, check);
    mixed ||= type !== undefined && type !== mention.type;
    type ??= mention.type;
    return mention;
  });
  if (mixed && check.warnings) {
    const types = [...new Set(mentions.map((mention) => mention?.type))].filter((type) => type !== undefined);
    const found = types.map((type) => quote(type)).join(', ');
    check.report('entity-types', path, `Expected the mentions of an entity to be of one type, got ${found}`);
  }
  return mentions;
}

/** Reads a mention anew, so that all have one shape whatever the order of keys in the file. */
function checkMention(
  value: unknown,
  e: number,
  m: number,
  sentences: Sentences | undefined,
  check: Check,
): Mention | undefined {
  const path = `$.vertexSet[${e}][${m}]`;
  if (!isObject(value)) {
    check.report('wrong-type', path, `Expected a mention to be an object, got ${show(value)}`);
    return undefined;
  }
  const { name, type, sent_id: sentence, pos } = value;
  const sent_id = typeof sentence === 'string' && /^\d{1,9}$/.test(sentence) ? Number(sentence) : sentence;
  const words = typeof sent_id === 'number' ? sentences?.[sent_id] : undefined;
  if (typeof name !== 'string') wrongValue(name, 'name', 'text', path, check);
  if (typeof type !== 'string') wrongValue(type, 'type', 'text', path, check);
  if (!isIndex(sent_id)) {
    wrongValue(sentence, 'sent_id', 'a whole number', path, check);
  } else if (sentences !== undefined && !(sent_id >= 0 && sent_id < sentences.length)) {
    const expected = `Expected sent_id to be at least 0 and below ${sentences.length}, the number of sentences`;
    check.report('sentence-range', `${path}.sent_id`, `${expected}, got ${sent_id}`);
  } else if (sent_id !== sentence) {
    check.report(
      'sentence-id-text',
      `${path}.sent_id`,
      `Expected sent_id to be a number, got ${show(sentence)}`,
    );
  }
  if (!isSpan(pos)) {
    wrongValue(pos, 'pos', 'two whole numbers', path, check);
  } else if (!(pos[0] >= 0 && pos[0] < pos[1] && (words === undefined || pos[1] <= words.length))) {
    const size = words === undefined ? '' : ` of ${words.length} words`;
    const expected = `Expected pos to be [start, end) with words inside its sentence${size}`;
    check.report('span-range', `${path}.pos`, `${expected}, got ${show(pos)}`);
  } else if (typeof name === 'string' && typeof type === 'string' && isIndex(sent_id)) {
    return { name, sent_id, pos, type };
  }
  return undefined;
}

function isIndex(value: unknown): value is number {
  return Number.isInteger(value);
}

function isSpan(value: unknown): value is readonly [number, number] {
  return Array.isArray(value) && value.length === 2 && isIndex(value[0]) && isIndex(value[1]);
}

function noClaims(sentences: Sentences): Claims {
  const starts: number[] = [];
  let words = 0;
  for (const sentence of sentences) {
    starts.push(words);
    words += sentence?.length ?? 0;
  }
  return { starts, owner: new Int32Array(words).fill(-1), mentions: [] };
}

/** Compares the name with the words, and claims the words: the first mention to claim a word keeps it. */
function warnOfMention(
  mention: Mention,
  e: number,
  m: number,
  sentences: Sentences | undefined,
  claims: Claims,
  check: Check,
): void {
  const words = sentences?.[mention.sent_id];
  if (words === undefined) return;
  const path = `$.vertexSet[${e}][${m}]`;
  const [start, end] = mention.pos;
  const text = words.slice(start, end).join(' ');
  if (text !== mention.name && text.replaceAll(' ', '') !== mention.name.replaceAll(' ', '')) {
    check.report(
      'mention-name',
      `${path}.name`,
      `Expected name to be its words ${quote(text)}, got ${quote(mention.name)}`,
    );
  }
  const own = claims.mentions.length;
  claims.mentions.push({ entity: e, mention });
  let repeated = false;
  let overlap: Mention | undefined;
  let other: (typeof claims.mentions)[number] | undefined;
  const offset = claims.starts[mention.sent_id] ?? 0;
  for (let w = offset + start; w < offset + end; w++) {
    const holder = claims.mentions[claims.owner[w] ?? -1];
    if (holder === undefined) {
      claims.owner[w] = own;
    } else if (holder.entity !== e) {
      other ??= holder;
    } else {
      overlap ??= holder.mention;
      repeated ||= holder.mention.pos[0] === start && holder.mention.pos[1] === end;
    }
  }
  if (repeated) {
    check.report(
      'mention-repeated',
      path,
      `Expected an entity to list a mention once, got ${quote(text)} again`,
    );
  } else if (overlap !== undefined) {
    const message = `Expected the mentions of an entity to be apart, got ${show(mention.pos)} over ${show(overlap.pos)}`;
    check.report('mention-overlap', path, message);
  }
  if (other !== undefined) {
    const claimed = `got ${show(mention.pos)} over ${quote(other.mention.name)} ${show(other.mention.pos)} of entity ${other.entity}`;
    check.report('mention-shared', path, `Expected words to belong to one entity, ${claimed}`);
  }
}
