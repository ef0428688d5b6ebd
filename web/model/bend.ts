/** Edges that pass through their labels. */
import type { Point } from './layout.ts';

/**
 * How far an edge is bent so that its middle is at a point: Cytoscape's distance of the control point from the straight line, and
 * its place along it. A quadratic curve's middle is halfway between its control point and the middle of its ends.
 */
export function bendTo(from: Point, to: Point, middle: Point): { bend: number; weight: number } {
  const [x, y] = [to.x - from.x, to.y - from.y];
  const squared = x * x + y * y;
  if (squared < 1) return { bend: 0, weight: 0.5 };
  const control = {
    x: 2 * middle.x - (from.x + to.x) / 2 - from.x,
    y: 2 * middle.y - (from.y + to.y) / 2 - from.y,
  };
  const length = Math.sqrt(squared);
  const weight = (control.x * x + control.y * y) / squared;
  const bend = (control.y * x - control.x * y) / length;
  // Short edges may go a long way round, as far as their labels are.
  const most = length * 1.8 + 160;
  const beyond = 0.4 + 90 / length;
  return {
    bend: Math.max(-most, Math.min(most, bend)),
    weight: Math.max(-beyond, Math.min(1 + beyond, weight)),
  };
}
