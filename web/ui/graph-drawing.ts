/** What Cytoscape is told: what there is, where it is, and what is lit up. Touches only what changes, for the sake of large graphs. */
import type { CollectionReturnValue, Core, NodeCollection, SingularElementReturnValue } from 'cytoscape';

import { bendTo } from '../model/bend.ts';
import type { Theme } from '../model/colours.ts';
import type { Entry } from '../model/entry.ts';
import type { Point } from '../model/layout.ts';
import type { ShownFact } from '../model/shown.ts';
import { arrange, edgeData, edgeOf, MANY_FACTS, nodeOf } from './graph-elements.ts';
import { LABEL, NAME } from './graph-style.ts';
import type { Lit } from './light.ts';

/** What stays free around everything, in pixels; the buttons are below it. */
const [SIDE, TOP, BOTTOM] = [22, 10, 44];
/** A small graph does not become huge. */
const MOST_ZOOM = 1.25;

/** Shows everything. */
export function fit(cy: Core): void {
  const visible = cy.elements().not('.off');
  if (visible.empty() || cy.width() < 10) return;
  const { x1, x2, y1, y2 } = visible.boundingBox();
  const width = Math.max(10, cy.width() - 2 * SIDE);
  const height = Math.max(10, cy.height() - TOP - BOTTOM);
  const zoom = Math.max(cy.minZoom(), Math.min(MOST_ZOOM, width / (x2 - x1), height / (y2 - y1)));
  const pan = {
    x: SIDE + width / 2 - (zoom * (x1 + x2)) / 2,
    y: TOP + height / 2 - (zoom * (y1 + y2)) / 2,
  };
  cy.viewport({ zoom, pan });
  const size = nameSize(cy);
  if (cy.scratch('names') !== size) nameAs(cy.nodes(), size);
  cy.scratch('names', size);
}

/** In a large graph seen from afar names grow a little; what is lit up grows until it can be read. */
const nameSize = (cy: Core): number => Math.min(19, Math.max(NAME.size, 9 / cy.zoom()));

/** A name keeps as many letters when it grows. */
function nameAs(nodes: NodeCollection, size: number): void {
  nodes.style({ 'font-size': size, 'text-max-width': (NAME.width * size) / NAME.size });
}

export interface Update {
  readonly entry: Entry;
  readonly theme: Theme;
  readonly entities: readonly number[];
  /** Those without a fact. */
  readonly alone: ReadonlySet<number>;
  readonly facts: readonly ShownFact[];
  /** Whether `all` get new places, only where some have none (the others then move little), or nothing moves. */
  readonly places: 'all' | 'missing' | 'kept';
}

/** Adds what is new, hides what is gone or has no place yet, and finds places. */
export function update(cy: Core, { entry, theme, entities, alone, facts, places: how }: Update): void {
  const plain = facts.length > MANY_FACTS;
  const kept = new Set([...entities.map((e) => `n${e}`), ...facts.map(({ key }) => `f${key}`)]);
  cy.batch(() => {
    cy.add([
      ...entities.filter((e) => cy.getElementById(`n${e}`).empty()).map((e) => nodeOf(entry, e, theme)),
      ...facts.filter(({ key }) => cy.getElementById(`f${key}`).empty()).map((fact) => edgeOf(fact)),
    ]);
    for (const fact of facts) {
      const edge = cy.getElementById(`f${fact.key}`);
      const { status, plain: was } = edge.data() as { status: string; plain: boolean };
      if (status !== fact.status || was !== plain) edge.data(edgeData(fact, plain));
    }
    cy.elements().forEach((element) => {
      set(element, 'off', !kept.has(element.id()) || (how === 'kept' && !isPlaced(element)));
    });
    for (const entity of entities) set(cy.getElementById(`n${entity}`), 'alone', alone.has(entity));
  });
  if (how === 'kept' || (how === 'missing' && [...kept].every((id) => isPlaced(cy.getElementById(id)))))
    return;
  const aspect = Math.min(2.2, Math.max(0.5, cy.width() / Math.max(1, cy.height())));
  const before = new Map<number, Point>();
  if (how === 'missing') {
    for (const entity of entities) {
      const node = cy.getElementById(`n${entity}`);
      if (isPlaced(node)) before.set(entity, node.position());
    }
  }
  const places = arrange(entry, { entities, facts, aspect, before });
  cy.batch(() => {
    for (const [entity, point] of places.nodes) {
      const node = cy.getElementById(`n${entity}`);
      node.scratch('placed', true);
      node.position({ ...point });
    }
    for (const { key, head, tail } of facts) {
      const [from, to, middle] = [places.nodes.get(head), places.nodes.get(tail), places.labels.get(key)];
      const edge = cy.getElementById(`f${key}`);
      edge.scratch('placed', true);
      if (!plain && from && to && middle && head !== tail) edge.data(bendTo(from, to, middle));
    }
  });
}

const isPlaced = (element: SingularElementReturnValue): boolean => element.scratch('placed') === true;

function set(element: SingularElementReturnValue, name: string, on: boolean): void {
  if (element.hasClass(name) !== on) element.toggleClass(name, on);
}

/** Lights up entities with what they are related to, or one fact with its two ends; null lights up nothing. */
export function paint(cy: Core | null, lit: Lit | null): void {
  if (!cy) return;
  cy.batch(() => {
    const old = cy.elements('.lit, .grown');
    old.edges().removeStyle('font-size text-max-width');
    if (old.nonempty()) nameAs(old.nodes(), nameSize(cy));
    old.removeClass('lit grown');
    const nodes = (lit?.entities ?? []).reduce(
      (all: CollectionReturnValue, entity) => all.union(cy.getElementById(`n${entity}`)),
      cy.collection(),
    );
    if (!lit || nodes.empty()) {
      cy.elements('.faint').removeClass('faint');
      return;
    }
    const edges = lit.fact === null ? nodes.connectedEdges() : cy.getElementById(`f${lit.fact}`);
    const around = lit.fact === null ? edges.connectedNodes().union(nodes) : nodes;
    const bright = around.union(edges);
    cy.elements().difference(bright).not('.faint').addClass('faint');
    bright.removeClass('faint');
    nodes.union(edges).addClass('lit');
    nameAs(around.addClass('grown'), Math.max(nameSize(cy), 12 / cy.zoom()));
    // What is looked at says its whole name.
    nodes.style('text-max-width', 600);
    // One name may grow; those of all edges of an entity would lie on each other.
    const size = lit.fact === null ? LABEL.size : Math.max(LABEL.size, 11 / cy.zoom());
    edges.style({ 'font-size': size, 'text-max-width': (LABEL.width * size) / LABEL.size });
  });
}
