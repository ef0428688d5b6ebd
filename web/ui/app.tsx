/** The whole page: what it begins with, or a document in three views. */
import { useEffect, useRef, useState } from 'preact/hooks';

import { Header } from './header.tsx';
import { Result } from './result.tsx';
import { Start } from './start.tsx';
import { useTheme } from './theme.ts';
import { TokenForm } from './token-form.tsx';
import { useViewer } from './use-viewer.ts';

export function App() {
  const viewer = useViewer();
  const [theme, toggleTheme] = useTheme();
  const [dragging, setDragging] = useState(false);
  const [said, setSaid] = useState('');
  const camera = useRef<(() => Promise<Blob>) | null>(null);
  const entry = viewer.entries[viewer.selected];

  const latest = useRef(viewer);
  latest.current = viewer;
  useEffect(() => {
    const over = (event: DragEvent): void => {
      if (!event.dataTransfer?.types.some((type) => type === 'Files' || type === 'text/plain')) return;
      event.preventDefault();
      setDragging(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setDragging(false);
    };
    const drop = (event: DragEvent): void => {
      setDragging(false);
      if (event.target instanceof HTMLTextAreaElement && event.dataTransfer?.files.length === 0) return;
      event.preventDefault();
      const files = [...(event.dataTransfer?.files ?? [])];
      const text = event.dataTransfer?.getData('text/plain') ?? '';
      if (files.length > 0) void latest.current.openFiles(files);
      else if (text.trim() !== '') void latest.current.openFiles([new File([text], 'Dropped text.txt')]);
    };
    document.addEventListener('dragover', over);
    document.addEventListener('dragleave', leave);
    document.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('dragover', over);
      document.removeEventListener('dragleave', leave);
      document.removeEventListener('drop', drop);
    };
  }, []);
  const title = entry?.extraction.title;
  useEffect(() => {
    document.title = title ? `${title} – Relata` : 'Relata';
  }, [title]);

  return (
    <div class={`page${entry ? ' showing' : ''}${dragging ? ' dragging' : ''}`}>
      {entry && (
        <a class="skip" href="#facts">
          Skip to the facts
        </a>
      )}
      <Header viewer={viewer} theme={theme} onTheme={toggleTheme} />
      {viewer.problem && !viewer.locked && (
        <div class="banner problem" role="alert">
          <p>{viewer.problem}</p>
          <button type="button" class="link" onClick={viewer.dismiss}>
            Close
          </button>
        </div>
      )}
      {viewer.notice && (
        <div class="banner" role="status">
          <p>{viewer.notice}</p>
          <button type="button" class="link" onClick={viewer.dismiss}>
            Close
          </button>
        </div>
      )}
      <main>
        {entry ? (
          <Result viewer={viewer} entry={entry} theme={theme} camera={camera} say={setSaid} />
        ) : (
          <Start
            server={viewer.server}
            busy={viewer.busy !== null}
            onText={(request) => void viewer.readText(request)}
            onFiles={(files) => void viewer.openFiles(files)}
            onUnlock={() => viewer.setLocked(true)}
          />
        )}
      </main>
      <p class="hidden" role="status" data-test="said">
        {viewer.busy ? `${viewer.busy}…` : said}
      </p>
      {viewer.locked && (
        <TokenForm
          problem={viewer.problem}
          onToken={(token) => void viewer.unlock(token)}
          onClose={() => viewer.setLocked(false)}
        />
      )}
      {dragging && (
        <div class="dropping" aria-hidden="true">
          Drop to open
        </div>
      )}
    </div>
  );
}
