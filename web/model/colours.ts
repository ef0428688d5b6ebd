/**
 * Colours of the viewer, for light and dark, as one table: the styles, the graph and its pictures all take them from here.
 *
 * Entities follow Okabe and Ito (2008), darkened or lightened until a number in an entity's colour stands out from its
 * tint by 4.5 : 1. There are more entities than colours, so lines differ too, and each entity has a number, which is
 * enough without any colour. Right and wrong are blue and orange, never green and red, and have symbols and lines of their own.
 */

export type Theme = 'light' | 'dark';

interface Colours {
  readonly paper: string;
  readonly panel: string;
  readonly text: string;
  readonly muted: string;
  /** Of quiet lines; nothing is told by them alone. */
  readonly rule: string;
  /** Borders of controls, and edges of the graph. */
  readonly line: string;
  readonly accent: string;
  /** Text on `accent`. */
  readonly on: string;
  readonly right: string;
  readonly wrong: string;
  readonly missed: string;
  readonly entities: readonly string[];
}

export const themes: Readonly<Record<Theme, Colours>> = {
  light: {
    paper: '#ffffff',
    panel: '#f6f7f8',
    text: '#1b1f24',
    muted: '#59636e',
    rule: '#dfe3e8',
    line: '#7d8894',
    accent: '#0b5fa5',
    on: '#ffffff',
    right: '#0b5fa5',
    wrong: '#b34700',
    missed: '#6d4aa8',
    entities: ['#0b5fa5', '#a34400', '#00654f', '#9a3b78', '#705500', '#5645c0', '#a62c3a', '#44525f'],
  },
  dark: {
    paper: '#14171b',
    panel: '#1c2026',
    text: '#e8eaed',
    muted: '#a0a9b4',
    rule: '#2d333b',
    line: '#77828e',
    accent: '#6cb6ff',
    on: '#0d1116',
    right: '#6cb6ff',
    wrong: '#ff9a57',
    missed: '#c4a8ff',
    entities: ['#6cb6ff', '#ff9a57', '#3fd0a4', '#f09acb', '#e0b94a', '#b3a6ff', '#ff8b94', '#aab6c2'],
  },
};

/** Lines under mentions and around nodes: the next one each time that the colours begin again. */
const lineStyles = ['solid', 'dashed', 'dotted', 'double'] as const;

export interface EntityLook {
  /** Index into `entities`. */
  readonly colour: number;
  readonly line: (typeof lineStyles)[number];
  /** What a person sees beside each mention, from 1. */
  readonly number: number;
}

/** How entity `index` looks everywhere. */
export function entityLook(index: number): EntityLook {
  const colours = themes.light.entities.length;
  const line = lineStyles[Math.floor(index / colours) % lineStyles.length] ?? 'solid';
  return { colour: index % colours, line, number: index + 1 };
}

/** The background of a mention: a little of its entity's colour on the paper. */
export const tint = (theme: Theme, colour: number): string =>
  mix(
    themes[theme].paper,
    themes[theme].entities[colour] ?? themes[theme].text,
    theme === 'light' ? 0.1 : 0.16,
  );

/** What every CSS variable of the page holds. */
export function variables(theme: Theme): Record<string, string> {
  const { entities, ...rest } = themes[theme];
  const pairs = Object.entries(rest).map(([name, colour]) => [`--${name}`, colour]);
  const own = entities.flatMap((colour, i) => [
    [`--e${i}`, colour],
    [`--e${i}-tint`, tint(theme, i)],
    [`--e${i}-strong`, mix(themes[theme].paper, colour, theme === 'light' ? 0.26 : 0.4)],
  ]);
  return Object.fromEntries([...pairs, ...own]) as Record<string, string>;
}

/** `share` of `other` in `base`, as sRGB. */
export function mix(base: string, other: string, share: number): string {
  const [from, to] = [channels(base), channels(other)];
  const mixed = from.map((value, i) => Math.round(value + ((to[i] ?? value) - value) * share));
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

/** Red, green and blue of `#rrggbb`, 0 to 255. */
function channels(colour: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}
