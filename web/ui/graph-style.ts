/** How the graph looks: the page's colours, as Cytoscape takes them. */
import type { StylesheetJson } from 'cytoscape';

import { entityLook, themes, tint, type Theme } from '../model/colours.ts';

export const FONT =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif';
export const LABEL = { size: 11, width: 104, line: 13 } as const;
export const NAME = { size: 12.5, width: 132 } as const;

export function graphStyle(theme: Theme): StylesheetJson {
  const colours = themes[theme];
  return [
    {
      selector: 'node',
      style: {
        width: 'data(size)',
        height: 'data(size)',
        'background-color': colours.paper,
        'border-width': 2,
        label: 'data(name)',
        color: colours.text,
        'font-family': FONT,
        'font-size': NAME.size,
        'text-valign': 'bottom',
        'text-margin-y': 4,
        'text-wrap': 'ellipsis',
        'text-max-width': `${NAME.width}px`,
        'text-outline-color': colours.paper,
        'text-outline-width': 2.5,
        'min-zoomed-font-size': 6,
        'overlay-opacity': 0,
      },
    },
    {
      selector: 'node[picture]',
      style: { 'background-image': 'data(picture)', 'background-fit': 'contain' },
    },
    ...colours.entities.map((colour, i) => ({
      selector: `node[colour = ${i}]`,
      style: { 'border-color': colour, 'background-color': tint(theme, i) },
    })),
    ...(['solid', 'dashed', 'dotted', 'double'] as const).map((line) => ({
      selector: `node[line = "${line}"]`,
      style: { 'border-style': line, ...(line === 'double' ? { 'border-width': 5 } : {}) },
    })),
    {
      selector: 'edge',
      style: {
        width: 'data(width)',
        'line-color': colours.line,
        'line-opacity': 0.75,
        'target-arrow-color': colours.line,
        'target-arrow-shape': 'triangle',
        'arrow-scale': 0.9,
        'curve-style': 'unbundled-bezier',
        'control-point-distances': 'data(bend)' as unknown as number,
        'control-point-weights': 'data(weight)' as unknown as number,
        'edge-distances': 'node-position',
        label: 'data(name)',
        color: colours.muted,
        'font-family': FONT,
        'font-size': LABEL.size,
        'line-height': 1.1,
        'text-wrap': 'wrap',
        'text-max-width': `${LABEL.width}px`,
        'text-background-color': colours.paper,
        'text-background-opacity': 0.9,
        'text-background-padding': '2px',
        'text-background-shape': 'roundrectangle',
        'min-zoomed-font-size': 7,
        'overlay-opacity': 0,
      },
    },
    { selector: 'edge[?plain]', style: { 'curve-style': 'straight', label: '', 'arrow-scale': 0.6 } },
    { selector: 'edge[?plain].lit', style: { label: 'data(name)' } },
    { selector: 'edge[?loop]', style: { 'curve-style': 'bezier', 'control-point-step-size': 50 } },
    ...(['right', 'wrong', 'missed'] as const).map((status) => ({
      selector: `edge[status = "${status}"]`,
      style: {
        'line-color': colours[status],
        'target-arrow-color': colours[status],
        color: colours[status],
        'line-opacity': 0.9,
        'line-style': ({ right: 'solid', wrong: 'dashed', missed: 'dotted' } as const)[status],
      },
    })),
    { selector: '.alone', style: { opacity: 0.5 } },
    { selector: '.off', style: { display: 'none' } },
    { selector: '.faint', style: { opacity: 0.16 } },
    {
      selector: 'edge.lit',
      style: {
        'line-opacity': 1,
        'text-background-opacity': 1,
        color: colours.text,
        'z-index': 10,
      },
    },
    { selector: 'node.lit', style: { 'border-width': 4, 'font-weight': 600, 'z-index': 10 } },
    { selector: 'node.lit[line = "double"]', style: { 'border-width': 7 } },
  ] as StylesheetJson;
}

/** An entity's number, as the picture inside its node. */
export function numberPicture(index: number, theme: Theme): string {
  const { colour, number } = entityLook(index);
  const digits = String(number);
  const size = digits.length > 2 ? 30 : 38;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100" viewBox="0 0 100 100"><text x="50" y="${50 + size * 0.36}" font-size="${size}" text-anchor="middle" font-family="Arial, Liberation Sans, sans-serif" font-weight="600" fill="${themes[theme].entities[colour]}">${digits}</text></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
