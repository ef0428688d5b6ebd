/**
 * Colours of the report, for light and dark.
 *
 * Series colours follow Okabe and Ito (2008), which colour-blind readers tell apart, darkened or lightened until each
 * stands out from its background by 3 : 1 at least. Each has dashes of its own too, so that print needs no colour.
 */

/** What a picture is drawn with: CSS colours, or references to them. */
export interface Ink {
  readonly paper: string;
  readonly text: string;
  readonly muted: string;
  readonly rule: string;
  /** Our bars. */
  readonly ours: string;
  /** The paper's bars. */
  readonly theirs: string;
  /** Of row `index`. */
  readonly series: (index: number) => { readonly color: string; readonly dash: string };
}

export type Theme = 'light' | 'dark';

/** Every colour by the name of its CSS variable. */
export const themes: Readonly<Record<Theme, Readonly<Record<string, string>>>> = {
  light: {
    paper: '#ffffff',
    panel: '#f6f7f8',
    text: '#1b1f24',
    muted: '#59636e',
    rule: '#dde1e6',
    accent: '#0b5fa5',
    tint: '#d5e5f4',
    ours: '#0b5fa5',
    theirs: '#aab4bf',
    'series-0': '#0072b2',
    'series-1': '#c04f00',
    'series-2': '#00795a',
    'series-3': '#a8447f',
    'series-4': '#8a6500',
    'series-5': '#5a4bc4',
    'series-6': '#1b1f24',
    'series-7': '#6d7782',
  },
  dark: {
    paper: '#14171b',
    panel: '#1c2026',
    text: '#e8eaed',
    muted: '#9da7b3',
    rule: '#31373f',
    accent: '#6cb6ff',
    tint: '#1f3d5a',
    ours: '#5aa9f0',
    theirs: '#56606b',
    'series-0': '#56b4e9',
    'series-1': '#ff8f4a',
    'series-2': '#2fcb9c',
    'series-3': '#ec93c4',
    'series-4': '#e0b53f',
    'series-5': '#a99dff',
    'series-6': '#f2f4f7',
    'series-7': '#8b96a2',
  },
};

const COLORS = 8;
const dashes = ['', '7 3', '2 2.5', '9 3 2 3', '14 4', '4 2.5', '1 3', '12 3 2 3 2 3'];

/** References to the variables, for pictures inside the page. */
export const pageInk: Ink = ink((name) => `var(--${name})`);

/** The colours themselves, for pictures that stand alone. */
export function themeInk(theme: Theme): Ink {
  return ink((name) => themes[theme][name] ?? '');
}

function ink(color: (name: string) => string): Ink {
  return {
    paper: color('paper'),
    text: color('text'),
    muted: color('muted'),
    rule: color('rule'),
    ours: color('ours'),
    theirs: color('theirs'),
    series: (index) => ({
      color: color(`series-${index % COLORS}`),
      // Shifted by one each time that the colours begin again.
      dash: dashes[(index + Math.floor(index / COLORS)) % dashes.length] ?? '',
    }),
  };
}
