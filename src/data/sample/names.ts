/**
 * Invented names, put together from syllables and not taken from any list; a likeness to real ones is chance.
 *
 * Every kind of name has its own syllables, as real names do (a country ends in -ia or -mark), and a pool of
 * limited size, so that the documents of a corpus share words and word pieces without sharing people.
 */
import { difficulty } from './difficulty.ts';

/** `size` names of one kind: starts and ends in all combinations, spread evenly over both. */
function combine(starts: readonly string[], ends: readonly string[], size: number): readonly string[] {
  const names: string[] = [];
  for (let shift = 0; shift < ends.length && names.length < size; shift++) {
    for (let i = 0; i < starts.length && names.length < size; i++) {
      names.push(`${starts[i]}${ends[(i + shift) % ends.length]}`);
    }
  }
  return names;
}

const words = (text: string): readonly string[] => text.split(' ');
const { names: sizes } = difficulty;

export const givenNames = combine(
  words('Or Ta Bel Ivo Mi Se Ru Hal Ne Jo Ka Dre'),
  words('lan mira ven shi dor ssa rik'),
  sizes.given,
);

export const familyNames = combine(
  words('Vet Tarn Holl Brask Quill Sned Morv Fenk Dras Ost Kell Lumb Pard Wex Gris'),
  words('ow ley er ock ini and els'),
  sizes.family,
);

export const cityNames = combine(
  words('Mar Ol Pen Thorn Ash Grey Lin Cas Wil Fal Ham Stel Bar Rock'),
  words('ford wick ham port bury stead mouth'),
  sizes.city,
);

export const regionNames = combine(
  words('Arn Bex Cald Dun Esk Fold Gant Hurs Inver'),
  words('shire dale moor holt fell'),
  sizes.region,
);

export const countryNames = combine(
  words('Nor Vel Ost Kar Zan Bor Lat Umb'),
  words('onia mark avia estan'),
  sizes.country,
);

export const organisationNames = combine(
  words('Tav Zy Cor Hex Lor Ob Pra Vi Nim Du'),
  words('rix tel max gen nova dyne'),
  sizes.organisation,
);

/** The second part of an organisation's name. */
export const organisationKinds: readonly (readonly string[])[] = [
  ['Glass', 'Works'],
  ['Survey', 'Office'],
  ['Trading', 'Company'],
  ['Radio', 'Institute'],
  ['Printing', 'House'],
  ['Steam', 'Society'],
];

export const workFirsts = words(
  'Amber Copper Silent Winter Hollow Crimson Distant Paper Broken Velvet Golden Northern Secret Wooden Burning ' +
    'Frozen Idle Marble Painted Quiet Restless Scarlet Tangled Unsung Wandering Yellow Zealous Bitter Candid Dusty',
).slice(0, sizes.workFirst);

export const workSeconds = words(
  'Ledger Lantern Harvest Orchard Compass Ferry Garden Mirror Staircase Window Almanac Bridge Cellar Drum Engine ' +
    'Feather Gate Hammer Island Journal Kettle Ladder Meadow Needle Oven Parade Quarry Ribbon Saddle Tower',
).slice(0, sizes.workSecond);

export const months = words(
  'January February March April May June July August September October November December',
);

export const occupations = words('painter surveyor chemist printer botanist composer teacher sailor');
