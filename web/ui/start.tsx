/** What the page begins with: a place to paste, drop or open something. */
import { useRef, useState } from 'preact/hooks';

import type { Server } from '../api.ts';
import { exampleText, exampleTitle } from '../model/example.ts';

interface StartProps {
  readonly server: Server;
  readonly busy: boolean;
  readonly onText: (request: {
    readonly text: string;
    readonly title?: string;
    readonly markdown?: boolean;
  }) => void;
  readonly onFiles: (files: readonly File[]) => void;
  readonly onUnlock: () => void;
}

export function Start({ server, busy, onText, onFiles, onUnlock }: StartProps) {
  const [text, setText] = useState('');
  const [title, setTitle] = useState('');
  const [markdown, setMarkdown] = useState(false);
  const ready = server.state === 'ready' && server.model.takesText;
  const send = (): void => {
    if (ready && text.trim() !== '')
      onText({ text, ...(title.trim() && { title: title.trim() }), ...(markdown && { markdown }) });
  };
  return (
    <div class="start">
      <div class="lead">
        <h1>Which facts does a text state?</h1>
        <p>
          Relata finds the entities of a text and the relations between them, and says for each of them which
          sentences carry it and how sure it is.
        </p>
      </div>
      <div class="ways">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            send();
          }}
        >
          <h2 id="paste">Paste a text</h2>
          <textarea
            aria-labelledby="paste"
            dir="auto"
            rows={11}
            value={text}
            placeholder="A few sentences, or a whole chapter"
            spellcheck={false}
            onInput={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send();
            }}
          />
          <div class="fields">
            <label class="title">
              <span>Title</span>
              <input
                dir="auto"
                value={title}
                placeholder="optional"
                onInput={(event) => setTitle(event.currentTarget.value)}
              />
            </label>
            <label class="check">
              <input
                type="checkbox"
                checked={markdown}
                onChange={(event) => setMarkdown(event.currentTarget.checked)}
              />
              It is Markdown
            </label>
          </div>
          <div class="actions">
            <button type="submit" class="button primary" disabled={!ready || busy || text.trim() === ''}>
              {busy ? 'Reading…' : 'Find facts'}
            </button>
            <button
              type="button"
              class="link"
              onClick={() => {
                setText(exampleText);
                setTitle(exampleTitle);
              }}
            >
              Use an example
            </button>
          </div>
          <Reach server={server} onUnlock={onUnlock} />
        </form>
        <OpenFiles onFiles={onFiles} />
      </div>
    </div>
  );
}

/** What can be done here, said before anyone tries. */
function Reach({ server, onUnlock }: { readonly server: Server; readonly onUnlock: () => void }) {
  switch (server.state) {
    case 'asking':
      return <p class="note">Looking for a model…</p>;
    case 'locked':
      return (
        <p class="note">
          The server asks for a token.{' '}
          <button type="button" class="link" onClick={onUnlock}>
            Enter it
          </button>
        </p>
      );
    case 'none':
      return (
        <p class="note">
          There is no server here, so new texts cannot be read, nor facts explained. Files can be opened and
          looked at. <code>relata serve --model DIR</code> starts one.
        </p>
      );
    default:
      return server.model.takesText ? (
        <p class="note">
          Read by <strong>{server.model.name}</strong> on this server; it is sent nowhere else.
        </p>
      ) : (
        <p class="note">
          <strong>{server.model.name}</strong> has no tagger, so it cannot find entities in a text. It takes
          documents in DocRED’s form; <code>relata bundle</code> adds a tagger.
        </p>
      );
  }
}

function OpenFiles({ onFiles }: { readonly onFiles: (files: readonly File[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <section class="drop" aria-labelledby="open">
      <h2 id="open">Or open a file</h2>
      <p>Drop it anywhere on this page.</p>
      <button type="button" class="button" onClick={() => input.current?.click()}>
        Choose files
      </button>
      <input
        ref={input}
        type="file"
        multiple
        class="hidden"
        tabIndex={-1}
        aria-hidden="true"
        data-test="files"
        onChange={(event) => {
          onFiles([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = '';
        }}
      />
      <dl>
        <dt>Results</dt>
        <dd>
          JSON of <code>relata extract</code>, or what this page saved
        </dd>
        <dt>DocRED documents</dt>
        <dd>an array, or one a line; labels are shown</dd>
        <dt>result.json</dt>
        <dd>a submission, together with its documents</dd>
        <dt>Text</dt>
        <dd>plain, or Markdown; with a server</dd>
      </dl>
    </section>
  );
}
