/**
 * The invented world of one document: people, organisations, places, works and dates, each named once.
 *
 * Documents do not share a world. They share names, so what one says of "Marford" tells nothing about another's
 * and no fact of a dev document can be known from training.
 */
import type { Rng } from '../../core/rng.ts';
import { difficulty } from './difficulty.ts';
import * as names from './names.ts';
import type { Thing } from './telling.ts';

/** Things are drawn when they are first needed; no two of a document share a word of their names. */
export interface World {
  readonly rng: Rng;
  /** A new person. */
  person(): Thing;
  /** A new work, such as a novel. */
  work(): Thing;
  /** A new organisation, or one used before. */
  organisation(): Thing;
  /** A city, new or used before, but none of `except`. */
  city(...except: readonly Thing[]): Thing;
  /** A new region. */
  region(): Thing;
  /** A country, new or used before. */
  country(): Thing;
  /** A date in `from` <= year < `to`, its year new where there is one left. */
  date(from: number, to: number): Thing;
  /** A new count, such as of inhabitants. */
  count(): Thing;
}

/** The world of a document, drawn from `rng` as it is asked for. */
export function createWorld(rng: Rng): World {
  const given = draw(rng, names.givenNames);
  const family = draw(rng, names.familyNames);
  const organisations: Thing[] = [];
  const organisationNames = draw(rng, names.organisationNames);
  const kinds = draw(rng, names.organisationKinds);
  const cities: Thing[] = [];
  const cityNames = draw(rng, names.cityNames);
  const regionNames = draw(rng, names.regionNames);
  const countries: Thing[] = [];
  const countryNames = draw(rng, names.countryNames);
  const workFirsts = draw(rng, names.workFirsts);
  const workSeconds = draw(rng, names.workSeconds);
  const years = new Set<number>();

  return {
    rng,
    person() {
      const last = family();
      return {
        type: 'PER',
        full: [given(), last],
        short: [last],
        pronoun: rng.uniform() < 0.5 ? 'He' : 'She',
      };
    },
    work: () => thing('MISC', [workFirsts(), workSeconds()]),
    organisation: () =>
      usedOr(rng, organisations, () => {
        const full = [organisationNames(), ...kinds()];
        return { ...thing('ORG', full), short: [full.map((word) => word.charAt(0)).join('')] };
      }),
    city: (...except) => usedOr(rng, cities, () => thing('LOC', [cityNames()]), except),
    region: () => thing('LOC', [regionNames()]),
    country: () => usedOr(rng, countries, () => thing('LOC', [countryNames()])),
    date(from, to) {
      let year = from + rng.integer(to - from);
      for (let tries = 0; tries < 40 && years.has(year); tries++) year = from + rng.integer(to - from);
      years.add(year);
      return thing('TIME', [String(1 + rng.integer(28)), rng.pick(names.months), String(year)]);
    },
    count: () => thing('NUM', [`${1 + rng.integer(60)},${rng.integer(10)}00`]),
  };
}

function thing(type: Thing['type'], full: readonly string[]): Thing {
  return { type, full, short: full, pronoun: 'It' };
}

/** Draws from `pool` without putting back. */
function draw<T>(rng: Rng, pool: readonly T[]): () => T {
  const used = new Set<number>();
  return () => {
    if (used.size === pool.length) throw new RangeError('a document needs more names than there are');
    let i = rng.integer(pool.length);
    while (used.has(i)) i = (i + 1) % pool.length;
    used.add(i);
    return pool[i] as T;
  };
}

/** One of `used` (with the chance of `difficulty.reuse`, and none of `except`), or a new one, then used as well. */
function usedOr(rng: Rng, used: Thing[], make: () => Thing, except: readonly Thing[] = []): Thing {
  const free = used.filter((one) => !except.includes(one));
  if (free.length > 0 && rng.uniform() < difficulty.reuse) return rng.pick(free);
  const made = make();
  used.push(made);
  return made;
}
