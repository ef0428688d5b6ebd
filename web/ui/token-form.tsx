/** Asks for the server's token, which stays in this page's memory. */
import { useEffect, useRef, useState } from 'preact/hooks';

interface TokenFormProps {
  /** Why it is asked for again; the page behind the form is dimmed. */
  readonly problem: string | null;
  readonly onToken: (token: string) => void;
  readonly onClose: () => void;
}

export function TokenForm({ problem, onToken, onClose }: TokenFormProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [value, setValue] = useState('');
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby="token-title" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onToken(value);
        }}
      >
        <h2 id="token-title">This server asks for a token</h2>
        <p class="note">
          It is the content of the file that the server was started with. It is kept until this page is
          closed.
        </p>
        <label>
          <span>Token</span>
          <input
            type="password"
            autocomplete="off"
            value={value}
            onInput={(event) => setValue(event.currentTarget.value)}
          />
        </label>
        {problem && (
          <p class="error" role="alert">
            {problem}
          </p>
        )}
        <div class="actions">
          <button type="submit" class="button primary" disabled={value.trim() === ''}>
            Go on
          </button>
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            Without it
          </button>
        </div>
      </form>
    </dialog>
  );
}
