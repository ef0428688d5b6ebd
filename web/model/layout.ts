/**
 * Places of nodes and edge labels on a plane: force-directed (Fruchterman and Reingold 1991), with boxes instead of points.
 *
 * An edge's label is a body of its own between the two nodes, so labels do not lie on each other nor on nodes; the edge
 * is then drawn as a curve through its label. The same input gives the same picture.
 */

export interface Body {
  readonly width: number;
  readonly height: number;
}

/** An edge and the box of its label; `from` and `to` are indices of nodes. */
export interface Link extends Body {
  readonly from: number;
  readonly to: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Places {
  readonly nodes: readonly Point[];
  readonly labels: readonly Point[];
}

const STEPS = 320;
/** Bodies times steps, at most: a second of a slow machine. */
const BUDGET = 120_000;
/** Above it, labels are left to fall where they fall. */
const MOST_BODIES = 1500;
/** Bodies farther apart than this many times their sizes do not push each other. */
const FAR = 3.4;
const GAP = 14;

export interface LayoutOptions {
  /** Width of the view by its height; default 1. */
  readonly aspect?: number;
  /** Where nodes were, as far as they were: they then move little. */
  readonly before?: readonly (Point | undefined)[];
}

/** Centres of the boxes. */
export function layout(
  nodes: readonly Body[],
  links: readonly Link[],
  { aspect = 1, before = [] }: LayoutOptions = {},
): Places {
  const withLabels = nodes.length + links.length <= MOST_BODIES;
  const boxes = withLabels ? [...nodes, ...links] : nodes;
  const [x, y] = start(nodes, withLabels ? links : [], { aspect, before });
  const springs = links.flatMap(({ from, to }, i) =>
    from === to
      ? []
      : withLabels
        ? [[from, nodes.length + i] as const, [to, nodes.length + i] as const]
        : [[from, to] as const],
  );
  const settled = before.some((point) => point !== undefined);
  relax({ boxes, springs, links: withLabels ? links : [], x, y, aspect, heat: settled ? 12 : 60 });
  if (!settled) turn({ boxes, x, y, aspect });
  part(boxes, x, y);
  const at = (i: number): Point => ({ x: x[i] ?? 0, y: y[i] ?? 0 });
  const middle = ({ from, to }: Link): Point => ({
    x: (at(from).x + at(to).x) / 2,
    y: (at(from).y + at(to).y) / 2,
  });
  return {
    nodes: nodes.map((_, i) => at(i)),
    labels: links.map((link, i) => (withLabels ? at(nodes.length + i) : middle(link))),
  };
}

/** Rows of boxes below the others, for nodes without edges; not wider than `width`. */
export function rows(
  boxes: readonly Body[],
  { left, top, width }: { left: number; top: number; width: number },
): Point[] {
  let [x, y, height] = [left, top, 0];
  return boxes.map((box) => {
    if (x > left && x + box.width > left + width) [x, y, height] = [left, y + height + GAP, 0];
    const point = { x: x + box.width / 2, y: y + box.height / 2 };
    x += box.width + GAP;
    height = Math.max(height, box.height);
    return point;
  });
}

type Numbers = Float64Array;

/** The busiest nodes in the middle, on a spiral whose steps are the golden angle; labels between their nodes. */
function start(
  nodes: readonly Body[],
  links: readonly Link[],
  { aspect, before }: Required<LayoutOptions>,
): [Numbers, Numbers] {
  const x = new Float64Array(nodes.length + links.length);
  const y = new Float64Array(x.length);
  const degree = new Float64Array(nodes.length);
  for (const { from, to } of links) {
    degree[from] = (degree[from] ?? 0) + 1;
    degree[to] = (degree[to] ?? 0) + 1;
  }
  const order = nodes.map((_, i) => i).sort((a, b) => (degree[b] ?? 0) - (degree[a] ?? 0) || a - b);
  for (const [rank, i] of order.entries()) {
    const radius = 90 * Math.sqrt(rank);
    const was = before[i];
    if (was) {
      [x[i], y[i]] = [was.x, was.y];
      continue;
    }
    x[i] = radius * Math.cos(rank * 2.39996) * Math.sqrt(aspect);
    y[i] = (radius * Math.sin(rank * 2.39996)) / Math.sqrt(aspect);
  }
  for (const [i, { from, to }] of links.entries()) {
    // Several labels between the same two nodes must not begin at one point.
    x[nodes.length + i] = ((x[from] ?? 0) + (x[to] ?? 0)) / 2 + (i % 7) - 3;
    y[nodes.length + i] = ((y[from] ?? 0) + (y[to] ?? 0)) / 2 + (i % 5) - 2;
  }
  return [x, y];
}

interface Relaxing {
  readonly boxes: readonly Body[];
  readonly springs: readonly (readonly [number, number])[];
  /** Edges whose labels are the last of the boxes. */
  readonly links: readonly Link[];
  readonly x: Numbers;
  readonly y: Numbers;
  readonly aspect: number;
  /** How far a body may move in the first step, in pixels. */
  readonly heat: number;
}

function relax({ boxes, springs, links, x, y, aspect, heat: first }: Relaxing): void {
  const count = boxes.length;
  const steps = Math.max(60, Math.min(STEPS, Math.floor(BUDGET / (count + 1))));
  const size = boxes.map(({ width, height }) => (width + height) / 4);
  const near = 2 * FAR * size.reduce((most, one) => Math.max(most, one), 1);
  const [dx, dy] = [new Float64Array(count), new Float64Array(count)];
  for (let step = 0; step < steps; step++) {
    dx.fill(0);
    dy.fill(0);
    eachNear(x, y, near, (i, j) => {
      const [vx, vy] = [(x[i] ?? 0) - (x[j] ?? 0) || 0.01, (y[i] ?? 0) - (y[j] ?? 0) || 0.01];
      const reach = (size[i] ?? 0) + (size[j] ?? 0);
      const squared = vx * vx + vy * vy;
      // Far away, the pull to the middle decides alone: what is not related need not be far apart.
      if (squared > reach * reach * FAR * FAR) return;
      const force = (reach * reach * 0.5) / squared;
      dx[i] = (dx[i] ?? 0) + vx * force;
      dy[i] = (dy[i] ?? 0) + vy * force;
      dx[j] = (dx[j] ?? 0) - vx * force;
      dy[j] = (dy[j] ?? 0) - vy * force;
    });
    for (const [i, j] of springs) {
      const [vx, vy] = [(x[i] ?? 0) - (x[j] ?? 0), (y[i] ?? 0) - (y[j] ?? 0)];
      const length = Math.hypot(vx, vy) || 1;
      const rest = ((size[i] ?? 0) + (size[j] ?? 0)) * 0.85 + GAP;
      const force = ((length - rest) / length) * 0.45;
      dx[i] = (dx[i] ?? 0) - vx * force;
      dy[i] = (dy[i] ?? 0) - vy * force;
      dx[j] = (dx[j] ?? 0) + vx * force;
      dy[j] = (dy[j] ?? 0) + vy * force;
    }
    const nodes = count - links.length;
    for (const [i, { from, to }] of links.entries()) {
      // An edge that is nearly straight is easier to follow.
      const [mx, my] = [((x[from] ?? 0) + (x[to] ?? 0)) / 2, ((y[from] ?? 0) + (y[to] ?? 0)) / 2];
      dx[nodes + i] = (dx[nodes + i] ?? 0) + (mx - (x[nodes + i] ?? 0)) * 0.2;
      dy[nodes + i] = (dy[nodes + i] ?? 0) + (my - (y[nodes + i] ?? 0)) * 0.2;
    }
    const heat = first * (1 - step / steps) + 1;
    for (let i = 0; i < count; i++) {
      const fx = (dx[i] ?? 0) - ((x[i] ?? 0) * 0.035) / Math.sqrt(aspect);
      const fy = (dy[i] ?? 0) - (y[i] ?? 0) * 0.035 * Math.sqrt(aspect);
      const length = Math.hypot(fx, fy) || 1;
      const move = Math.min(length * 0.5, heat) / length;
      x[i] = (x[i] ?? 0) + fx * move;
      y[i] = (y[i] ?? 0) + fy * move;
    }
  }
}

/** Turns everything by the angle at which it fills a view of this aspect best; boxes stay upright. */
function turn({ boxes, x, y, aspect }: Pick<Relaxing, 'boxes' | 'x' | 'y' | 'aspect'>): void {
  const turned = (angle: number, i: number): [number, number] => {
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    return [(x[i] ?? 0) * cos - (y[i] ?? 0) * sin, (x[i] ?? 0) * sin + (y[i] ?? 0) * cos];
  };
  const needed = (angle: number): number => {
    let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const [i, { width, height }] of boxes.entries()) {
      const [px, py] = turned(angle, i);
      left = Math.min(left, px - width / 2);
      right = Math.max(right, px + width / 2);
      top = Math.min(top, py - height / 2);
      bottom = Math.max(bottom, py + height / 2);
    }
    return Math.max((right - left) / aspect, bottom - top);
  };
  let [best, least] = [0, Infinity];
  for (let step = 0; step < 18; step++) {
    const angle = (step * Math.PI) / 18;
    const size = needed(angle);
    if (size < least) [best, least] = [angle, size];
  }
  for (let i = 0; i < boxes.length; i++) [x[i], y[i]] = turned(best, i);
}

/** Pushes boxes apart that still lie on each other, along the shorter way. */
function part(boxes: readonly Body[], x: Numbers, y: Numbers): void {
  const widest = boxes.reduce((most, { width, height }) => Math.max(most, width, height), 1) + 4;
  for (let pass = 0; pass < (boxes.length > 600 ? 40 : 120); pass++) {
    let moved = false;
    eachNear(x, y, widest, (i, j) => {
      const [a, b] = [boxes[i], boxes[j]];
      if (!a || !b) return;
      const [vx, vy] = [(x[i] ?? 0) - (x[j] ?? 0), (y[i] ?? 0) - (y[j] ?? 0)];
      const overX = (a.width + b.width) / 2 + 4 - Math.abs(vx);
      const overY = (a.height + b.height) / 2 + 4 - Math.abs(vy);
      if (overX <= 0 || overY <= 0) return;
      moved = true;
      if (overX < overY) {
        const push = (Math.sign(vx) || 1) * overX * 0.5;
        x[i] = (x[i] ?? 0) + push;
        x[j] = (x[j] ?? 0) - push;
      } else {
        const push = (Math.sign(vy) || 1) * overY * 0.5;
        y[i] = (y[i] ?? 0) + push;
        y[j] = (y[j] ?? 0) - push;
      }
    });
    if (!moved) return;
  }
}

/** Calls with every pair that is at most `distance` apart along both axes, and some that are not; each pair once, always in one order. */
function eachNear(x: Numbers, y: Numbers, distance: number, visit: (i: number, j: number) => void): void {
  const cells = new Map<number, number[]>();
  const keyOf = (column: number, row: number): number => column * 1_000_003 + row;
  const at = (value: number | undefined): number => Math.floor((value ?? 0) / distance);
  for (let i = 0; i < x.length; i++) {
    const key = keyOf(at(x[i]), at(y[i]));
    const cell = cells.get(key);
    if (cell) cell.push(i);
    else cells.set(key, [i]);
  }
  for (let i = 0; i < x.length; i++) {
    const [column, row] = [at(x[i]), at(y[i])];
    for (let c = column - 1; c <= column + 1; c++) {
      for (let r = row - 1; r <= row + 1; r++) {
        for (const j of cells.get(keyOf(c, r)) ?? []) if (j > i) visit(i, j);
      }
    }
  }
}
