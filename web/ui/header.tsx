/** The bar on top: which document, what it is, and the way back. */
import type { Theme } from '../model/colours.ts';
import { Documents } from './documents.tsx';
import type { Viewer } from './use-viewer.ts';

interface HeaderProps {
  readonly viewer: Viewer;
  readonly theme: Theme;
  readonly onTheme: () => void;
}

export function Header({ viewer, theme, onTheme }: HeaderProps) {
  const some = viewer.entries.length > 0;
  return (
    <header class="top">
      <span class="brand">Relata</span>
      {some && <Documents entries={viewer.entries} selected={viewer.selected} onSelect={viewer.select} />}
      <span class="space" />
      {viewer.busy && some && <span class="quiet busy">{viewer.busy}…</span>}
      {some && (
        <button type="button" class="button" onClick={viewer.clear}>
          New
        </button>
      )}
      <button
        type="button"
        class="button icon"
        aria-label={theme === 'light' ? 'Use dark colours' : 'Use light colours'}
        title={theme === 'light' ? 'Dark' : 'Light'}
        onClick={onTheme}
      >
        <svg viewBox="0 0 20 20" aria-hidden="true">
          {theme === 'light' ? (
            <path d="M16.5 12.2A7 7 0 0 1 7.8 3.5a7 7 0 1 0 8.7 8.7Z" />
          ) : (
            <>
              <circle cx="10" cy="10" r="3.6" />
              <path d="M10 1.8v2M10 16.2v2M1.8 10h2M16.2 10h2M4.2 4.2l1.4 1.4M14.4 14.4l1.4 1.4M4.2 15.8l1.4-1.4M14.4 5.6l1.4-1.4" />
            </>
          )}
        </svg>
      </button>
    </header>
  );
}
