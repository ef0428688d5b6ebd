/** A document: its text, its graph and its facts, which follow each other. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';

import type { Theme } from '../model/colours.ts';
import { goldOf, type Entry } from '../model/entry.ts';
import { shown as showFacts, type Comparison, type ShownFact } from '../model/shown.ts';
import { decimals, EntityChip, StatusMark } from './chip.tsx';
import { ExportMenu } from './export-menu.tsx';
import { FactList } from './fact-list.tsx';
import { GraphView } from './graph-view.tsx';
import { Legend } from './legend.tsx';
import { createLight, litEntity, litFact } from './light.ts';
import { Panel } from './panel.tsx';
import { TextView } from './text-view.tsx';
import { Threshold } from './threshold.tsx';
import { askedOf, type Viewer } from './use-viewer.ts';

interface ResultProps {
  readonly viewer: Viewer;
  readonly entry: Entry;
  readonly theme: Theme;
  readonly camera: { current: (() => Promise<Blob>) | null };
  readonly say: (message: string) => void;
}

const views = ['text', 'graph', 'facts'] as const;
type View = (typeof views)[number];

export function Result({ viewer, entry, theme, camera, say }: ResultProps) {
  const { theta, names } = viewer;
  const light = useMemo(createLight, []);
  const [view, setView] = useState<View>('text');
  const [compare, setCompare] = useState(true);
  const [loose, setLoose] = useState(false);
  const [openKey, setOpenKey] = useState<string | null>(null);
  const [picked, setPicked] = useState<number | null>(null);
  const [target, setTarget] = useState<{ readonly sentence: number } | null>(null);
  const opener = useRef<HTMLElement | null>(null);

  const shown = useMemo(() => showFacts(entry, { theta, compare, names }), [entry, theta, compare, names]);
  const opened = shown.facts.find(({ key }) => key === openKey);
  const gold = goldOf(entry);
  const facts =
    picked === null
      ? shown.facts
      : shown.facts.filter(({ head, tail }) => head === picked || tail === picked);
  const without = entry.extraction.entities.length - shown.live.size;

  useEffect(() => {
    setOpenKey(null);
    setPicked(null);
    setTarget(null);
  }, [entry]);
  useEffect(() => {
    light.hover(null);
    light.rest(opened ? litFact(opened) : picked === null ? null : litEntity(picked));
  }, [opened, picked]);
  useEffect(() => {
    const timer = setTimeout(
      () => say(`${shown.facts.length} facts between ${shown.live.size} entities are shown.`),
      400,
    );
    return () => clearTimeout(timer);
  }, [shown]);

  const open = (fact: ShownFact): void => {
    opener.current = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    setOpenKey(fact.key);
    setView('facts');
  };
  const close = (): void => {
    setOpenKey(null);
    light.hover(null);
    // The row may be drawn anew, so it is looked for by its fact.
    const key = openKey;
    requestAnimationFrame(() => {
      const rows = document.querySelectorAll<HTMLElement>('#facts button[data-key]');
      const row = [...rows].find((one) => one.dataset['key'] === key);
      (row ?? opener.current)?.focus();
    });
  };
  const escape = useRef<() => void>(() => {});
  escape.current = () => {
    if (opened) close();
    else setPicked(null);
  };
  useEffect(() => {
    const key = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') escape.current();
    };
    // On the document: what had the focus may be gone.
    document.addEventListener('keydown', key);
    return () => document.removeEventListener('keydown', key);
  }, []);
  const pick = (entity: number): void => setPicked(picked === entity ? null : entity);
  const goTo = (sentence: number): void => {
    setView('text');
    setTarget({ sentence });
  };
  return (
    <div class="result">
      <div class="bar-of-tools">
        <Threshold entry={entry} theta={theta} shown={shown} onChange={viewer.setTheta} />
        <div class="options">
          {gold && entry.predicted && (
            <label class="check">
              <input
                type="checkbox"
                checked={compare}
                onChange={(event) => setCompare(event.currentTarget.checked)}
              />
              Compare with labels
            </label>
          )}
          <label class="check">
            <input
              type="checkbox"
              checked={loose}
              disabled={without === 0}
              onChange={(event) => setLoose(event.currentTarget.checked)}
            />
            <span>
              <span class="roomy">Show </span>
              {without} without a fact
            </span>
          </label>
          <Legend entry={entry} compared={shown.comparison !== null} />
          <ExportMenu entry={entry} shown={shown} picture={async () => (await camera.current?.()) ?? null} />
        </div>
      </div>
      <div class="tabs" role="tablist" aria-label="Views">
        {views.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={view === name}
            aria-controls={name}
            tabIndex={view === name ? 0 : -1}
            onClick={() => setView(name)}
            onKeyDown={(event) => {
              const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
              if (by === undefined) return;
              const next = views[(views.indexOf(name) + by + views.length) % views.length] ?? name;
              setView(next);
              document.getElementById(`tab-${next}`)?.focus();
            }}
          >
            {{ text: 'Text', graph: 'Graph', facts: `Facts ${shown.facts.length}` }[name]}
          </button>
        ))}
      </div>
      <div class="views" data-view={view}>
        <section id="text" class="view" aria-label="Text">
          {!entry.predicted && <Unread viewer={viewer} />}
          <TextView entry={entry} light={light} live={shown.live} onPick={pick} target={target} />
        </section>
        <section id="graph" class="view" aria-label="Graph">
          <GraphView
            entry={entry}
            shown={shown}
            light={light}
            theme={theme}
            loose={loose}
            onOpen={open}
            onPick={pick}
            say={say}
            camera={camera}
          />
        </section>
        <section id="facts" class="view" aria-label="Facts" tabIndex={-1}>
          <div class="list" hidden={opened !== undefined}>
            {shown.comparison && <Counts comparison={shown.comparison} />}
            <ListTitle entry={entry} picked={picked} count={facts.length} onAll={() => setPicked(null)} />
            {facts.length === 0 && <p class="empty">{emptyReason(entry, shown.all)}</p>}
            <FactList entry={entry} facts={facts} light={light} onOpen={open} />
          </div>
          {opened && (
            <Panel
              entry={entry}
              fact={opened}
              theta={theta}
              asked={askedOf(viewer, entry, opened)}
              silent={silence(viewer, entry)}
              onExplain={() => void viewer.explain(entry, opened)}
              onClose={close}
              onSentence={goTo}
            />
          )}
        </section>
      </div>
    </div>
  );
}

/** Why nothing can be explained here; null where it can. */
function silence({ server }: Viewer, entry: Entry): string | null {
  if (server.state === 'locked') return 'The server asks for a token before it explains anything.';
  if (server.state !== 'ready')
    return 'Explaining takes the model: it needs a server (relata serve --model DIR).';
  const { name, id } = entry.extraction.model;
  return id !== server.model.id
    ? `These facts are of ${name || 'another model'}, but the server runs ${server.model.name}, which cannot speak for it.`
    : null;
}

function emptyReason(entry: Entry, all: number): string {
  if (!entry.predicted) return 'This document has no labels.';
  return all === 0
    ? 'The model found no fact in this document.'
    : 'No fact is above the threshold. Move it to the left to see weaker ones.';
}

/** A document of a file that no model has read yet. */
function Unread({ viewer }: { readonly viewer: Viewer }) {
  return viewer.server.state === 'ready' ? (
    <p class="unread">
      <button
        type="button"
        class="button primary"
        disabled={viewer.busy !== null}
        onClick={() => void viewer.readDocument(viewer.selected)}
      >
        Find facts in this document
      </button>
    </p>
  ) : (
    <p class="unread note">Finding facts takes a server, or open a result.json that belongs to this file.</p>
  );
}

interface ListTitleProps {
  readonly entry: Entry;
  readonly picked: number | null;
  readonly count: number;
  readonly onAll: () => void;
}

function ListTitle({ entry, picked, count, onAll }: ListTitleProps) {
  if (picked === null) {
    return (
      <h2>
        {entry.predicted ? 'Facts' : 'Labels'} <span class="quiet">{count}</span>
      </h2>
    );
  }
  const entity = entry.extraction.entities[picked];
  const reasons = entity?.mentions.filter(({ reason }) => reason !== 'given' && reason !== 'first') ?? [];
  return (
    <div class="picked">
      <h2>
        <EntityChip index={picked} name={entity?.name ?? ''} />
      </h2>
      <p class="note">
        {entity?.type} · {plural(entity?.mentions.length ?? 0, 'mention')} · {plural(count, 'fact')}
      </p>
      {reasons.length > 0 && (
        <p class="note">
          Linked by{' '}
          {[...new Set(reasons.map(({ text, reason }) => `${reason} (${text})`))].slice(0, 6).join(', ')}
        </p>
      )}
      <button type="button" class="link" onClick={onAll}>
        Show all facts
      </button>
    </div>
  );
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

function Counts({
  comparison: { right, wrong, missed, precision, recall, f1 },
}: {
  readonly comparison: Comparison;
}) {
  return (
    <dl class="counts" aria-label="Compared with the labels of this document">
      {(
        [
          ['right', right],
          ['wrong', wrong],
          ['missed', missed],
        ] as const
      ).map(([status, count]) => (
        <div key={status} class={status}>
          <dt>
            <StatusMark status={status} />
          </dt>
          <dd>{count}</dd>
        </div>
      ))}
      {(
        [
          ['precision', precision],
          ['recall', recall],
          ['F1', f1],
        ] as const
      ).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{decimals(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
