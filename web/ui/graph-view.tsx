/** The graph: entities as nodes, facts as edges. What it says is in the list of facts too, for those who cannot see it. */
import cytoscape, { type Core } from 'cytoscape';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';

import type { Theme } from '../model/colours.ts';
import type { Entry } from '../model/entry.ts';
import type { Shown, ShownFact } from '../model/shown.ts';
import { MOST_NODES, strongest } from '../model/strongest.ts';
import { fit, paint, update, type Update } from './graph-drawing.ts';
import { MANY_FACTS } from './graph-elements.ts';
import { graphStyle, numberPicture } from './graph-style.ts';
import { litEntity, litFact, type Light } from './light.ts';

interface GraphViewProps {
  readonly entry: Entry;
  readonly shown: Shown;
  readonly light: Light;
  readonly theme: Theme;
  /** Whether entities without a fact are there, dimmed. */
  readonly loose: boolean;
  readonly onOpen: (fact: ShownFact) => void;
  readonly onPick: (entity: number) => void;
  readonly say: (message: string) => void;
  /** Takes what makes a picture of the graph. */
  readonly camera: { current: (() => Promise<Blob>) | null };
}

export function GraphView(props: GraphViewProps) {
  const { entry, shown, light, theme, loose, onPick, say, camera } = props;
  const box = useRef<HTMLDivElement>(null);
  const graph = useRef<Core | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const [focused, setFocused] = useState<number | null>(null);

  const visible = useMemo(() => {
    const busy = strongest(shown.facts);
    const chosen = new Set(busy);
    const rest = entry.extraction.entities.map((_, i) => i).filter((i) => !shown.live.has(i));
    const alone = loose ? rest.slice(0, MOST_NODES - busy.length) : [];
    const facts = shown.facts.filter(({ head, tail }) => chosen.has(head) && chosen.has(tail));
    const left = shown.live.size - busy.length + (loose ? rest.length - alone.length : 0);
    return { entities: [...busy, ...alone], alone: new Set(alone), facts, left };
  }, [entry, shown, loose]);

  useEffect(() => {
    if (!box.current) return undefined;
    const cy = cytoscape({
      container: box.current,
      style: graphStyle(theme),
      minZoom: 0.08,
      maxZoom: 4,
      selectionType: 'single',
      boxSelectionEnabled: false,
      // Of a large graph only the nodes follow the pointer while it moves.
      hideEdgesOnViewport: entry.extraction.facts.length > MANY_FACTS,
    });
    graph.current = cy;
    const factOf = (key: unknown) => latest.current.shown.facts.find((fact) => fact.key === key);
    cy.on('mouseover', 'node', ({ target }) => light.hover(litEntity(Number(target.data('entity')))));
    cy.on('mouseover', 'edge', ({ target }) => {
      const fact = factOf(target.data('key'));
      if (fact) light.hover(litFact(fact));
    });
    cy.on('mouseout', 'node, edge', () => light.hover(null));
    cy.on('tap', 'node', ({ target }) => latest.current.onPick(Number(target.data('entity'))));
    cy.on('tap', 'edge', ({ target }) => {
      const fact = factOf(target.data('key'));
      if (fact) latest.current.onOpen(fact);
    });
    cy.on('mouseover', 'node, edge', () => box.current?.classList.add('pointing'));
    cy.on('mouseout', 'node, edge', () => box.current?.classList.remove('pointing'));
    camera.current = async () =>
      cy.png({
        output: 'blob-promise',
        full: true,
        scale: 2,
        bg: getComputedStyle(document.body).backgroundColor,
      });
    const watch = new ResizeObserver(() => {
      cy.resize();
      if (latest.current.entry === entry && !touched.current) fit(cy);
    });
    watch.observe(box.current);
    const touch = (): void => {
      touched.current = true;
    };
    cy.on('dragpan scrollzoom pinchzoom drag', touch);
    return () => {
      watch.disconnect();
      camera.current = null;
      graph.current = null;
      cy.destroy();
    };
  }, [entry]);
  const touched = useRef(false);

  const settle = (places: Update['places']): void => {
    const cy = graph.current;
    if (cy) update(cy, { ...visible, entry, theme, places });
    if (cy && places !== 'kept' && (places === 'all' || !touched.current)) fit(cy);
    paint(cy, light.lit());
  };
  const arranged = useRef<Entry | null>(null);
  useEffect(() => {
    const fresh = arranged.current !== entry;
    if (fresh) touched.current = false;
    else settle('kept');
    // A large graph takes a second or two: the text is shown before. Later, nothing moves while the slider does.
    const wait = fresh ? (visible.entities.length > 300 ? 50 : 0) : 200;
    const timer = setTimeout(() => {
      arranged.current = entry;
      settle(fresh ? 'all' : 'missing');
    }, wait);
    return () => clearTimeout(timer);
  }, [entry, visible]);

  useEffect(() => {
    const cy = graph.current;
    if (!cy) return;
    cy.batch(() => {
      cy.style(graphStyle(theme));
      cy.nodes('[picture]').forEach((node) => {
        node.data('picture', numberPicture(Number(node.data('entity')), theme));
      });
    });
  }, [theme]);

  useEffect(() => light.listen((lit) => paint(graph.current, lit)), [light, entry, visible]);

  const zoom = (by: number): void => {
    const cy = graph.current;
    touched.current = true;
    cy?.zoom({ level: cy.zoom() * by, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
  };
  const walk = (by: number): void => {
    const { entities } = visible;
    if (entities.length === 0) return;
    const sorted = entities.toSorted((a, b) => a - b);
    const at = focused === null ? (by > 0 ? -1 : 0) : sorted.indexOf(focused);
    const next = sorted[(at + by + sorted.length) % sorted.length] ?? 0;
    setFocused(next);
    light.hover(litEntity(next));
    const facts = visible.facts.filter(({ head, tail }) => head === next || tail === next).length;
    say(`${entry.extraction.entities[next]?.name}, entity ${next + 1}, ${facts} facts`);
  };
  const keys = (event: KeyboardEvent): void => {
    const { key } = event;
    if (key === 'ArrowRight' || key === 'ArrowDown') walk(1);
    else if (key === 'ArrowLeft' || key === 'ArrowUp') walk(-1);
    else if (key === '+' || key === '=') zoom(1.25);
    else if (key === '-') zoom(0.8);
    else if (key === '0') again(false);
    else if (key === 'Enter' && focused !== null) onPick(focused);
    else return;
    event.preventDefault();
  };
  const again = (rearrange: boolean): void => {
    touched.current = false;
    if (rearrange) settle('all');
    else if (graph.current) fit(graph.current);
  };
  return (
    <div class="graph">
      <div
        class="canvas"
        ref={box}
        tabIndex={0}
        role="application"
        aria-label={`Graph of ${visible.entities.length} entities and ${visible.facts.length} facts. Arrow keys move between entities, Enter picks one, plus and minus zoom.`}
        onKeyDown={keys}
        onBlur={() => {
          setFocused(null);
          light.hover(null);
        }}
      />
      {visible.entities.length === 0 && <p class="empty">No fact above the threshold.</p>}
      {visible.left > 0 && (
        <p class="notice">
          The strongest {visible.entities.length} entities; {visible.left} more are in the text and the list
          only.
        </p>
      )}
      <div class="zoom" role="group" aria-label="Zoom">
        <button type="button" class="button" title="Larger" aria-label="Larger" onClick={() => zoom(1.25)}>
          +
        </button>
        <button type="button" class="button" title="Smaller" aria-label="Smaller" onClick={() => zoom(0.8)}>
          −
        </button>
        <button type="button" class="button" onClick={() => again(true)} title="Arrange again and show all">
          Arrange
        </button>
      </div>
    </div>
  );
}
