import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { layout, rows, type Body, type Link } from '../../web/model/layout.ts';
import { bendTo } from '../../web/model/bend.ts';

const node = { width: 80, height: 50 };
const label = { width: 70, height: 18 };

/** Graphs of the size that documents have. */
const arbGraph = fc.integer({ min: 1, max: 14 }).chain((count) =>
  fc.record({
    nodes: fc.constant(Array.from({ length: count }, (): Body => node)),
    links: fc.array(
      fc
        .record({ from: fc.nat(count - 1), to: fc.nat(count - 1) })
        .map((link): Link => ({ ...link, ...label })),
      {
        maxLength: 16,
      },
    ),
  }),
);

test('no name or label lies on another', () => {
  fc.assert(
    fc.property(arbGraph, fc.constantFrom(0.5, 1, 2), ({ nodes, links }, aspect) => {
      const places = layout(nodes, links, { aspect });
      const boxes = [
        ...nodes.map((body, i) => ({ ...body, ...places.nodes[i] })),
        ...links.map((link, i) => ({ ...link, ...places.labels[i] })),
      ];
      for (const [i, a] of boxes.entries()) {
        for (const b of boxes.slice(i + 1)) {
          const apart =
            Math.abs((a.x ?? 0) - (b.x ?? 0)) >= (a.width + b.width) / 2 ||
            Math.abs((a.y ?? 0) - (b.y ?? 0)) >= (a.height + b.height) / 2;
          expect(apart).toBe(true);
        }
      }
    }),
    { numRuns: 30 },
  );
});

test('the same graph has the same picture', () => {
  const nodes = [node, node, node];
  const links = [{ from: 0, to: 1, ...label }];
  expect(layout(nodes, links)).toEqual(layout(nodes, links));
});

test('what is related is nearer than what is not', () => {
  const nodes = Array.from({ length: 6 }, () => node);
  const { nodes: at } = layout(nodes, [
    { from: 0, to: 5, ...label },
    { from: 1, to: 4, ...label },
  ]);
  const distance = (a: number, b: number): number =>
    Math.hypot((at[a]?.x ?? 0) - (at[b]?.x ?? 0), (at[a]?.y ?? 0) - (at[b]?.y ?? 0));
  const others = [distance(0, 4), distance(1, 5), distance(0, 1), distance(4, 5)];
  expect(Math.max(distance(0, 5), distance(1, 4))).toBeLessThan(others.reduce((a, b) => a + b) / 4);
});

test('two thousand nodes have places', () => {
  const nodes = Array.from({ length: 2000 }, () => node);
  const links = nodes.slice(1).map((_, i) => ({ from: 0, to: i + 1, ...label }));
  const places = layout(nodes, links);
  expect(places.nodes.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))).toBe(true);
  expect(places.labels).toHaveLength(1999);
});

test('rows stay inside their width', () => {
  const boxes = Array.from({ length: 7 }, () => node);
  const points = rows(boxes, { left: -10, top: 5, width: 300 });
  for (const { x, y } of points) {
    expect(x - 40).toBeGreaterThanOrEqual(-10);
    expect(x + 40).toBeLessThanOrEqual(290);
    expect(y - 25).toBeGreaterThanOrEqual(5);
  }
  expect(new Set(points.map(({ y }) => y)).size).toBe(3);
});

test('an edge is bent so that its curve passes through its label', () => {
  const [from, to, middle] = [
    { x: 10, y: 20 },
    { x: 210, y: 60 },
    { x: 100, y: 90 },
  ];
  const { bend, weight } = bendTo(from, to, middle);
  // Where Cytoscape puts the control point: along the straight line by weight, then off it by bend.
  const length = Math.hypot(200, 40);
  const control = {
    x: 10 + 200 * weight - (40 / length) * bend,
    y: 20 + 40 * weight + (200 / length) * bend,
  };
  expect((from.x + 2 * control.x + to.x) / 4).toBeCloseTo(middle.x, 9);
  expect((from.y + 2 * control.y + to.y) / 4).toBeCloseTo(middle.y, 9);
});
