/**
 * The chapters of a document: one topic each, told over successive sentences.
 *
 * Each relation has few wordings, and each wording keeps a relation's words beside its tail, so that a small
 * encoder can learn them from a few hundred documents. The same kinds of things occur in other chapters and in
 * the asides, so that their types alone do not tell what is related.
 */
import { difficulty } from './difficulty.ts';
import { occupations } from './names.ts';
import { say, type Telling, type Thing } from './telling.ts';
import type { World } from './world.ts';

/** A person whose life is told: what other chapters may refer to. */
export interface Life {
  readonly person: Thing;
  /** Year of birth. */
  readonly born: number;
}

/** Someone's birth date and citizenship, mostly death; then birthplace, employer or spouse. */
export function tellLife(telling: Telling, world: World, { person, born }: Life): void {
  const { rng } = world;
  telling.topic = person;
  const country = world.country();
  const birth = world.date(born, born + 1);
  const job = rng.pick(occupations);
  const facts = [
    [person, 'P569', birth],
    [person, 'P27', country],
  ] as const;
  if (rng.uniform() < 0.5) {
    const death = world.date(born + 50, born + 80);
    say(telling, `{p} ( {b} – {d} ) was a ${job} from {c} .`, { p: person, b: birth, d: death, c: country }, [
      ...facts,
      [person, 'P570', death],
    ]);
  } else {
    say(telling, `{p} , born on {b} , was a ${job} from {c} .`, { p: person, b: birth, c: country }, facts);
  }
  rng.pick([tellBirthplace, tellEmployer, tellMarriage])(telling, world, person);
}

function tellBirthplace(telling: Telling, world: World, p: Thing): void {
  const { rng } = world;
  const city = world.city();
  const draw = rng.uniform();
  if (draw < 0.2) {
    say(telling, '{he:p} was born and later died in {c} .', { p, c: city }, [
      [p, 'P19', city],
      [p, 'P20', city],
    ]);
  } else if (draw < 0.6) {
    const other = world.city(city);
    say(telling, '{he:p} was born in {c} and died in {o} .', { p, c: city, o: other }, [
      [p, 'P19', city],
      [p, 'P20', other],
    ]);
  } else {
    say(telling, '{he:p} was born in {c} .', { p, c: city }, [[p, 'P19', city]]);
  }
}

function tellEmployer(telling: Telling, world: World, p: Thing): void {
  const o = world.organisation();
  const template = world.rng.pick([
    '{he:p} worked for the {o} for many years .',
    '{he:p} was employed by the {o} .',
  ]);
  say(telling, template, { p, o }, [[p, 'P108', o]]);
}

function tellMarriage(telling: Telling, world: World, p: Thing): void {
  const q = world.person();
  const template = world.rng.pick(['{he:p} married {q} .', '{he:p} was married to {q} .']);
  say(telling, template, { p, q }, [
    [p, 'P26', q],
    [q, 'P26', p],
  ]);
}

/** An organisation's founding and seat. */
export function tellOrganisation(telling: Telling, world: World, main: Life): void {
  const { rng } = world;
  const o = world.organisation();
  telling.topic = o;
  const d = world.date(main.born + 20, main.born + 50);
  const q = maker(world, main);
  const template = rng.pick([
    'The {o} was founded by {q} on {d} .',
    'The {o} ( {short:o} ) was founded by {q} on {d} .',
    'On {d} the {o} was founded by {q} .',
    'On {d} the {o} ( {short:o} ) was founded by {q} .',
  ]);
  say(telling, template, { o, q, d }, [
    [o, 'P112', q],
    [o, 'P571', d],
  ]);
  const c = world.city();
  say(telling, rng.pick(['{he:o} has its headquarters in {c} .', '{he:o} is based in {c} .']), { o, c }, [
    [o, 'P159', c],
  ]);
}

/** A work's author and publication. */
export function tellWork(telling: Telling, world: World, main: Life): void {
  const { rng } = world;
  const w = world.work();
  telling.topic = w;
  const p = maker(world, main);
  const d = world.date(main.born + 20, main.born + 50);
  if (rng.uniform() < 0.5) {
    say(telling, '{w} , a novel by {p} , was published on {d} .', { w, p, d }, [
      [w, 'P50', p],
      [w, 'P577', d],
    ]);
  } else {
    say(telling, '{w} is a novel written by {p} .', { w, p }, [[w, 'P50', p]]);
    say(telling, '{he:w} was published on {d} .', { w, d }, [[w, 'P577', d]]);
  }
}

/** Who founded or wrote something: the document's main person or a new one. */
function maker(world: World, main: Life): Thing {
  return world.rng.uniform() < difficulty.mainMaker ? main.person : world.person();
}

/** Where a city lies: in a region of a country, or in a country. */
export function tellPlace(telling: Telling, world: World): void {
  const { rng } = world;
  const c = world.city();
  const n = world.country();
  telling.topic = c;
  if (rng.uniform() < difficulty.region) {
    const r = world.region();
    say(telling, '{c} is a town in the region of {r} .', { c, r }, [[c, 'P131', r]]);
    say(telling, '{r} is a part of {n} .', { r, n }, [
      [r, 'P131', n],
      [r, 'P17', n],
    ]);
  } else {
    say(telling, '{c} is a town in {n} .', { c, n }, [
      [c, 'P131', n],
      [c, 'P17', n],
    ]);
  }
}

/** A sentence that relates nothing, with things of the same types as those that do. */
export function tellAside(telling: Telling, world: World, life: Life): void {
  const { rng } = world;
  const p = rng.uniform() < 0.5 ? life.person : world.person();
  const d = world.date(life.born + 20, life.born + 50);
  telling.topic = undefined;
  const asides = [
    () =>
      say(telling, 'On {d} , {p} travelled to {c} with {q} .', { d, p, c: world.city(), q: world.person() }),
    () => say(telling, '{p} wrote a letter to the {o} on {d} .', { d, p, o: world.organisation() }),
    () => say(telling, '{p} was reading {w} in {c} .', { p, w: world.work(), c: world.city() }),
    () => say(telling, 'On {d} , {n} people came to {c} .', { d, n: world.count(), c: world.city() }),
  ];
  rng.pick(asides)();
}
