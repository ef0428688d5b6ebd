/**
 * Mentions that are one entity, told by their names alone.
 *
 * Mentions of one type and one name are a group; a group is then linked to the one that its name is another form of, and only where
 * there is a single such group, but for persons. Everything is looked up in tables, so the time is linear in the mentions but for sorting.
 * Rules and their order were chosen on DocRED's training part: each one raises B-cubed F1 there (`evaluation/coreference-scores.ts`).
 * Source: none.
 */
import type { Mention } from '../data/document.ts';
import { aliasOf, initialsOf, isAbbreviation, isPlainRest, nameKey, personParts } from './names.ts';

/**
 * Why a mention belongs to its entity: nothing before it does; its name is the same; it is a known other name, an
 * abbreviation, a part of a person's name, or the name without its last, general word.
 */
export const nameReasons = ['first', 'exact', 'alias', 'abbreviation', 'last-name', 'head-word'] as const;
export type NameReason = (typeof nameReasons)[number];

export interface ClusteredMention {
  /** Index among the mentions that were given. */
  readonly mention: number;
  readonly reason: NameReason;
  /** The mention that it was linked to, as an index too; undefined for the first. */
  readonly to: number | undefined;
}

/** An entity: its mentions in the order of the text. */
export interface Cluster {
  readonly mentions: readonly ClusteredMention[];
}

export interface ClusterOptions {
  /** Rules that are not used, to see what each is good for. */
  readonly without?: readonly NameReason[];
}

/** Mentions of one name and type. */
interface Group {
  readonly type: string;
  readonly words: readonly string[];
  readonly name: string;
  /** In the order of the text. */
  readonly mentions: number[];
  /** The group that it is another name of. */
  parent: Group | undefined;
  reason: NameReason;
}

/** Types whose names say nothing but themselves: two dates are one only when they are equal. */
const LITERAL = new Set(['TIME', 'NUM']);

/**
 * The entities that mentions of one document name, in the order of their first mentions.
 *
 * The result depends on where mentions stand, not on the order in which they are given; of mentions at one place, the
 * first given comes first.
 */
export function clusterByName(
  mentions: readonly Mention[],
  { without = [] }: ClusterOptions = {},
): Cluster[] {
  const order = mentions.map((_, i) => i).sort((a, b) => inText(mentions[a], mentions[b]) || a - b);
  const groups = exactGroups(mentions, order, without.includes('exact'));
  // So that two full names of one person are one before their last name asks for it.
  const longestFirst = groups.toSorted((a, b) => b.words.length - a.words.length);
  for (const [reason, candidates] of linkers(groups)) {
    if (without.includes(reason)) continue;
    for (const group of longestFirst) {
      if (group.parent || LITERAL.has(group.type)) continue;
      const parent = chosen(candidates(group), reason);
      if (!parent || isAbove(group, parent)) continue;
      group.parent = parent;
      group.reason = reason;
    }
  }
  return clusters(groups, order);
}

const inText = (a: Mention | undefined, b: Mention | undefined): number =>
  (a?.sent_id ?? 0) - (b?.sent_id ?? 0) ||
  (a?.pos[0] ?? 0) - (b?.pos[0] ?? 0) ||
  (a?.pos[1] ?? 0) - (b?.pos[1] ?? 0);

function exactGroups(mentions: readonly Mention[], order: readonly number[], apart: boolean): Group[] {
  const groups = new Map<string, Group>();
  for (const i of order) {
    const { name = '', type = '' } = mentions[i] ?? {};
    const key = nameKey(name);
    const id = apart ? String(i) : JSON.stringify([type, key]);
    const group = groups.get(id);
    if (group) group.mentions.push(i);
    else
      groups.set(id, {
        type,
        name,
        words: key.split(' '),
        mentions: [i],
        parent: undefined,
        reason: 'first',
      });
  }
  return [...groups.values()];
}

type Candidates = (group: Group) => Iterable<Group>;

/** For each rule, in the order in which they are tried: the groups that a group may be another name of. */
function linkers(groups: readonly Group[]): [NameReason, Candidates][] {
  return [
    ['alias', byAlias(groups)],
    ['abbreviation', byAbbreviation(groups)],
    ['last-name', byPersonName(groups)],
    ['head-word', byHeadWord(groups)],
  ];
}

/** Groups by texts that each of them answers to. */
class Index {
  readonly #groups = new Map<string, Set<Group>>();

  add(type: string, text: string, group: Group): void {
    const key = `${type}\n${text}`;
    const found = this.#groups.get(key);
    if (found) found.add(group);
    else this.#groups.set(key, new Set([group]));
  }

  get(type: string, text: string): ReadonlySet<Group> {
    return this.#groups.get(`${type}\n${text}`) ?? new Set();
  }
}

/** The first group with an alias of the same thing. */
function byAlias(groups: readonly Group[]): Candidates {
  const first = new Map<string, Group>();
  const key = ({ type, words }: Group): string | undefined => {
    const alias = aliasOf(words.join(' '));
    return alias === undefined ? undefined : `${type}\n${alias}`;
  };
  for (const group of groups) {
    const alias = key(group);
    if (alias !== undefined && !first.has(alias)) first.set(alias, group);
  }
  return (group) => {
    const found = first.get(key(group) ?? '');
    return found && found !== group ? [found] : [];
  };
}

function byAbbreviation(groups: readonly Group[]): Candidates {
  const index = new Index();
  for (const group of groups)
    for (const initials of initialsOf(group.name)) index.add(group.type, initials, group);
  return ({ type, name }) => {
    const letters = isAbbreviation(name);
    return letters === undefined ? [] : index.get(type, letters);
  };
}

/** Persons by one of their names, or by first and last without those between. */
function byPersonName(groups: readonly Group[]): Candidates {
  const index = new Index();
  const persons = groups.filter(({ type }) => type === 'PER');
  for (const group of persons) {
    const parts = personParts(group.words);
    const [first, last] = [parts[0], parts.at(-1)];
    if (parts.length < 2 || first === undefined || last === undefined) continue;
    index.add('PER', last, group);
    index.add('PER', first, group);
    if (parts.length > 2) index.add('PER', `${first} ${last}`, group);
    for (let from = 1; from < Math.min(parts.length - 1, 6); from++)
      index.add('PER', parts.slice(from).join(' '), group);
  }
  return (group) => {
    if (group.type !== 'PER') return [];
    const found = index.get('PER', personParts(group.words).join(' '));
    return [...found].filter((other) => other !== group);
  };
}

/** Names that begin with this one and go on with nothing but what kind of thing it is. */
function byHeadWord(groups: readonly Group[]): Candidates {
  const index = new Index();
  for (const group of groups) {
    const { type, words } = group;
    for (let end = Math.max(1, words.length - 3); end < words.length; end++) {
      if (isPlainRest(words.slice(end), type)) index.add(type, words.slice(0, end).join(' '), group);
    }
  }
  return ({ type, words }) => index.get(type, words.join(' '));
}

/** The one candidate, or one of those that are the same entity already. Of several persons, the one most mentioned. */
function chosen(candidates: Iterable<Group>, reason: NameReason): Group | undefined {
  const [first, ...others] = candidates;
  if (!first) return undefined;
  const root = rootOf(first);
  if (others.every((other) => rootOf(other) === root)) return first;
  if (reason !== 'last-name') return undefined;
  return others.reduce((most, other) => (other.mentions.length > most.mentions.length ? other : most), first);
}

function rootOf(group: Group): Group {
  let root = group;
  while (root.parent) root = root.parent;
  return root;
}

/** Whether a link from `group` to `parent` would close a circle. */
function isAbove(group: Group, parent: Group): boolean {
  for (let above: Group | undefined = parent; above; above = above.parent) if (above === group) return true;
  return false;
}

/** Groups that are linked, put together, each rooted at the mention that comes first. */
function clusters(groups: readonly Group[], order: readonly number[]): Cluster[] {
  const rank = new Map(order.map((mention, i) => [mention, i]));
  const rankOf = (mention: number | undefined): number => rank.get(mention ?? -1) ?? 0;
  const families = new Map<Group, Group[]>();
  for (const group of groups) {
    const root = rootOf(group);
    const family = families.get(root);
    if (family) family.push(group);
    else families.set(root, [group]);
  }
  return [...families.values()].map((family) => {
    // Groups come in the order of their first mentions, so the first one holds the first mention of all.
    if (family[0]) makeRoot(family[0]);
    const mentions = family.flatMap((group) =>
      group.mentions.map((mention, i): ClusteredMention => {
        if (i > 0) return { mention, reason: 'exact', to: group.mentions[i - 1] };
        if (!group.parent) return { mention, reason: 'first', to: undefined };
        return {
          mention,
          reason: group.reason,
          to: nearestBefore(group.parent.mentions, rankOf(mention), rankOf),
        };
      }),
    );
    return { mentions: mentions.sort((a, b) => rankOf(a.mention) - rankOf(b.mention)) };
  });
}

/** Turns the links around that lead from `group` to the root. */
function makeRoot(group: Group): void {
  let [child, above, reason]: [Group, Group | undefined, NameReason] = [group, group.parent, group.reason];
  group.parent = undefined;
  group.reason = 'first';
  while (above) {
    const next: [Group, Group | undefined, NameReason] = [above, above.parent, above.reason];
    above.parent = child;
    above.reason = reason;
    [child, above, reason] = next;
  }
}

/** The last of the mentions that come before a place, else the first. */
function nearestBefore(
  mentions: readonly number[],
  place: number,
  rankOf: (mention: number) => number,
): number | undefined {
  let [low, high] = [0, mentions.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rankOf(mentions[middle] ?? 0) < place) low = middle + 1;
    else high = middle;
  }
  return mentions[Math.max(0, low - 1)];
}
