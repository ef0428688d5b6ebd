/**
 * A document in the making: sentences with the exact places of their mentions, and the facts that they tell.
 *
 * A sentence is a template of words parted by spaces. `{x}` names thing `x`, in full the first time and mostly
 * by its short form afterwards; `{short:x}` is always the short form; `{he:x}` is a pronoun where `x` is the topic,
 * by chance, and else a name.
 */
import type { Rng } from '../../core/rng.ts';
import type { Document, Label, Mention } from '../document.ts';
import { difficulty } from './difficulty.ts';
import type { SampleRelation } from './relation-info.ts';

/** One thing of a document's world: what it is and how it is named. */
export interface Thing {
  readonly type: 'PER' | 'ORG' | 'LOC' | 'TIME' | 'MISC' | 'NUM';
  /** The whole name, as words. */
  readonly full: readonly string[];
  /** A later name, as words; equal to `full` where there is none. */
  readonly short: readonly string[];
  readonly pronoun: 'He' | 'She' | 'It';
}

/** That relation `r` holds between `h` and `t`. */
export type Told = readonly [h: Thing, r: SampleRelation, t: Thing];

interface Fact {
  readonly h: Thing;
  readonly r: SampleRelation;
  readonly t: Thing;
  readonly evidence: ReadonlySet<number>;
}

/** The document so far. */
export interface Telling {
  readonly rng: Rng;
  readonly sents: string[][];
  /** Every thing that was named, in order of its first mention. */
  readonly mentions: Map<Thing, Mention[]>;
  readonly facts: Fact[];
  /** What a pronoun means now. */
  topic: Thing | undefined;
}

/** An empty document, told with the chances that `rng` draws. */
export function startTelling(rng: Rng): Telling {
  return { rng, sents: [], mentions: new Map(), facts: [], topic: undefined };
}

/**
 * Adds the sentence of `template` and the facts that it tells.
 *
 * Where a pronoun stands for the topic, the sentence that last named it is evidence as well.
 *
 * @param things - what the template's slots name
 */
export function say(
  telling: Telling,
  template: string,
  things: Readonly<Record<string, Thing>>,
  told: readonly Told[] = [],
): void {
  const sentence: string[] = [];
  const sentId = telling.sents.length;
  const evidence = new Set([sentId]);
  for (const token of template.split(' ')) {
    if (!token.startsWith('{')) {
      sentence.push(token);
      continue;
    }
    const [slot, how] = token.slice(1, -1).split(':').reverse();
    const thing = things[slot ?? ''];
    if (thing === undefined) throw new RangeError(`nothing to name for ${token} in "${template}"`);
    const earlier = telling.mentions.get(thing);
    const antecedent = telling.topic === thing ? earlier?.at(-1) : undefined;
    if (how === 'he' && antecedent !== undefined && telling.rng.uniform() < difficulty.pronoun) {
      sentence.push(thing.pronoun);
      evidence.add(antecedent.sent_id);
      continue;
    }
    const short = how === 'short' || (earlier !== undefined && telling.rng.uniform() < difficulty.shortName);
    addMention(telling, thing, short ? thing.short : thing.full, sentId, sentence);
  }
  telling.sents.push(sentence);
  for (const [h, r, t] of told) addFact(telling.facts, { h, r, t, evidence });
}

/**
 * The finished document, with the facts that follow from told ones added to its labels.
 *
 * @throws RangeError when a fact is about a thing that no sentence names
 */
export function finishTelling(telling: Telling, title: string): Document {
  inferCountries(telling.facts);
  const index = new Map<Thing, number>();
  for (const thing of telling.mentions.keys()) index.set(thing, index.size);
  const labels: Label[] = [];
  for (const { h, r, t, evidence } of telling.facts) {
    const head = index.get(h);
    const tail = index.get(t);
    if (head === undefined || tail === undefined)
      throw new RangeError(`${title}: ${r} about a thing never named`);
    labels.push({ h: head, t: tail, r, evidence: [...evidence].sort((a, b) => a - b) });
  }
  return { title, sents: telling.sents, vertexSet: [...telling.mentions.values()], labels };
}

/** Puts `name` at the end of the unfinished `sentence` and notes where. */
function addMention(
  telling: Telling,
  thing: Thing,
  name: readonly string[],
  sentId: number,
  sentence: string[],
): void {
  const start = sentence.length;
  sentence.push(...name);
  const mention: Mention = {
    name: name.join(' '),
    sent_id: sentId,
    pos: [start, sentence.length],
    type: thing.type,
  };
  const earlier = telling.mentions.get(thing);
  if (earlier === undefined) telling.mentions.set(thing, [mention]);
  else earlier.push(mention);
}

/** Adds `fact`; of a fact told twice, the first telling is the evidence. */
function addFact(facts: Fact[], fact: Fact): void {
  if (!facts.some((known) => known.h === fact.h && known.r === fact.r && known.t === fact.t))
    facts.push(fact);
}

/** What lies in a region, or has its seat in a place, is of the country of that region or place. */
function inferCountries(facts: Fact[]): void {
  for (let grown = -1; grown !== facts.length;) {
    grown = facts.length;
    for (const inner of facts.slice()) {
      if (inner.r !== 'P131' && inner.r !== 'P159') continue;
      for (const outer of facts.slice()) {
        if (outer.r !== 'P17' || outer.h !== inner.t) continue;
        const evidence = new Set([...inner.evidence, ...outer.evidence]);
        addFact(facts, { h: inner.h, r: 'P17', t: outer.t, evidence });
      }
    }
  }
}
