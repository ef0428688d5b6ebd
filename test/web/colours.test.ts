import { describe, expect, test } from 'vitest';

import { entityLook, mix, themes, tint, variables, type Theme } from '../../web/model/colours.ts';

/** Relative luminance and contrast as WCAG 2 defines them. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[0-9a-f]{2}/g) ?? [])
    .map((hex) => Number.parseInt(hex, 16) / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

test('the measure of contrast is that of WCAG', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 6);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
});

describe.each<Theme>(['light', 'dark'])('%s', (theme) => {
  const { paper, panel, text, muted, line, accent, on, right, wrong, missed, entities } = themes[theme];

  test('words stand out from what they are on by 4.5 : 1', () => {
    for (const ground of [paper, panel]) {
      for (const ink of [text, muted, accent, right, wrong, missed])
        expect(contrast(ink, ground), `${ink} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
    expect(contrast(on, accent)).toBeGreaterThanOrEqual(4.5);
  });

  test('so do numbers in the colours of entities, and words on their tints', () => {
    const all = variables(theme);
    for (const [i, colour] of entities.entries()) {
      expect(contrast(colour, tint(theme, i)), colour).toBeGreaterThanOrEqual(4.5);
      expect(contrast(text, tint(theme, i)), colour).toBeGreaterThanOrEqual(4.5);
      expect(contrast(text, all[`--e${i}-strong`] ?? ''), colour).toBeGreaterThanOrEqual(4.5);
    }
  });

  test('controls and edges stand out by 3 : 1', () => {
    expect(contrast(line, paper)).toBeGreaterThanOrEqual(3);
  });
});

test('two hundred entities have numbers of their own, and colour and line repeat only after all were used', () => {
  const looks = Array.from({ length: 200 }, (_, i) => entityLook(i));
  expect(new Set(looks.map(({ number }) => number)).size).toBe(200);
  expect(new Set(looks.slice(0, 32).map(({ colour, line }) => `${colour} ${line}`)).size).toBe(32);
});

test('colours mix in equal parts of each channel', () => {
  expect(mix('#000000', '#ff8001', 0.5)).toBe('#804001');
  expect(mix('#123456', '#ffffff', 0)).toBe('#123456');
});
