/** The sample corpus: invented documents in DocRED form, any number, the same from the same seed. */
import { fail } from '../../core/errors.ts';
import { Rng } from '../../core/rng.ts';
import type { Document } from '../document.ts';
import { tellAside, tellLife, tellOrganisation, tellPlace, tellWork, type Life } from './chapters.ts';
import { difficulty } from './difficulty.ts';
import { relationInfo } from './relation-info.ts';
import { finishTelling, startTelling } from './telling.ts';
import { createWorld } from './world.ts';

/** What `sampleCorpus` makes: every document labelled, those of `test` too. */
export interface SampleCorpus {
  readonly train: readonly Document[];
  readonly dev: readonly Document[];
  readonly test: readonly Document[];
  /** Relation id to its English label. */
  readonly relations: ReadonlyMap<string, string>;
}

/**
 * `documents` documents, 80 % for training, 10 % each for dev and test (at least one each).
 *
 * Document i depends on `seed` and i alone, but for the number that a repeated title gets: titles are unique in the
 * whole corpus.
 *
 * @param options.documents - how many in all, at least 3
 * @param options.seed - a whole number, 0 <= seed < 2^32
 * @throws RelataError `E_FIELD` when `documents` is not a whole number of at least 3
 */
export function sampleCorpus(options: { readonly documents: number; readonly seed: number }): SampleCorpus {
  const { documents, seed } = options;
  if (!Number.isSafeInteger(documents) || documents < 3) {
    throw fail('E_FIELD', {
      expected: 'a whole number of at least 3',
      found: String(documents),
      where: 'documents',
    });
  }
  const titles = new Map<string, number>();
  const all = Array.from({ length: documents }, (_, i) => {
    return sampleDocument(Rng.fromSeed(seed, `sample ${i}`), (name) => {
      const count = (titles.get(name) ?? 0) + 1;
      titles.set(name, count);
      return count === 1 ? name : `${name} (${count})`;
    });
  });
  const held = Math.max(1, Math.round(documents / 10));
  const trained = documents - 2 * held;
  return {
    train: all.slice(0, trained),
    dev: all.slice(trained, trained + held),
    test: all.slice(trained + held),
    relations: relationInfo,
  };
}

/**
 * One document: a life, other topics with asides strewn between them, and mostly a second life.
 *
 * What is of one type and easily confused thus lies apart, and what belongs together lies close: a small encoder
 * learns such places from few documents, and types say nothing of them.
 */
function sampleDocument(rng: Rng, titleOf: (name: string) => string): Document {
  const world = createWorld(rng);
  const telling = startTelling(rng);
  const first: Life = { person: world.person(), born: 1780 + rng.integer(140) };
  const second: Life = { person: world.person(), born: first.born + 5 + rng.integer(30) };
  const hasSecond = rng.uniform() < difficulty.secondPerson;

  const topics = [
    () => tellOrganisation(telling, world, first),
    () => tellWork(telling, world, first),
    () => tellPlace(telling, world),
  ];
  const skipped = hasSecond ? rng.integer(topics.length) : -1;
  const chapters = topics.filter((_, i) => i !== skipped);
  for (let i = rng.pick(difficulty.asides); i > 0; i--) {
    chapters.splice(rng.integer(chapters.length + 1), 0, () => tellAside(telling, world, first));
  }
  tellLife(telling, world, first);
  for (const tell of rng.uniform() < difficulty.shuffled ? rng.shuffle(chapters) : chapters) tell();
  if (hasSecond) tellLife(telling, world, second);
  return finishTelling(telling, titleOf(first.person.full.join(' ')));
}
