/** Goes from document to document, where there are several, and finds one by its title. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';

import type { Entry } from '../model/entry.ts';
import { Menu } from './menu.tsx';

/** More than these are found by typing. */
const LISTED = 200;

interface DocumentsProps {
  readonly entries: readonly Entry[];
  readonly selected: number;
  readonly onSelect: (index: number) => void;
}

export function Documents({ entries, selected, onSelect }: DocumentsProps) {
  const title = entries[selected]?.extraction.title ?? '';
  if (entries.length < 2) {
    return (
      <h1 class="document" dir="auto">
        {title}
      </h1>
    );
  }
  return (
    <div class="documents">
      <h1 class="hidden">{title}</h1>
      <button
        type="button"
        class="button step"
        aria-label="Previous document"
        title="Previous document"
        disabled={selected === 0}
        onClick={() => onSelect(selected - 1)}
      >
        ‹
      </button>
      <Menu
        className="wide"
        label={
          <>
            <bdi class="name">{title}</bdi>{' '}
            <span class="quiet">
              {selected + 1} of {entries.length}
            </span>
          </>
        }
      >
        {(close) => (
          <Search
            entries={entries}
            selected={selected}
            onSelect={(index) => {
              onSelect(index);
              close();
            }}
          />
        )}
      </Menu>
      <button
        type="button"
        class="button step"
        aria-label="Next document"
        title="Next document"
        disabled={selected === entries.length - 1}
        onClick={() => onSelect(selected + 1)}
      >
        ›
      </button>
    </div>
  );
}

function Search({ entries, selected, onSelect }: DocumentsProps) {
  const [query, setQuery] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.querySelector('[aria-current="true"]')?.scrollIntoView({ block: 'nearest' });
    field.current?.focus({ preventScroll: true });
  }, []);
  const found = useMemo(() => {
    const wanted = query.trim().toLocaleLowerCase();
    return entries.flatMap(({ extraction }, index) =>
      extraction.title.toLocaleLowerCase().includes(wanted) ? [{ index, title: extraction.title }] : [],
    );
  }, [entries, query]);
  const from = query ? 0 : Math.max(0, Math.min(selected - 20, found.length - LISTED));
  return (
    <>
      <input
        ref={field}
        type="search"
        aria-label="Find a document by its title"
        placeholder="Find by title"
        value={query}
        onInput={(event) => setQuery(event.currentTarget.value)}
        onKeyDown={(event) => {
          const [first] = found;
          if (event.key === 'Enter' && first) onSelect(first.index);
        }}
      />
      <ul ref={list}>
        {found.slice(from, from + LISTED).map(({ index, title }) => (
          <li key={index}>
            <button type="button" aria-current={index === selected} onClick={() => onSelect(index)}>
              <span class="quiet">{index + 1}</span> <bdi>{title || '(no title)'}</bdi>
            </button>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p class="note">No title has this in it.</p>}
      {found.length > LISTED && <p class="note">{found.length - LISTED} more; type to find them.</p>}
    </>
  );
}
