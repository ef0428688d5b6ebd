/** A page that lists what is served and lets people try it: one file, no script or style from elsewhere. */
import { packageVersion } from '../core/version.ts';
import { problemKinds } from './problem.ts';
import { routes } from './routes.ts';

const examples: Readonly<Record<string, unknown>> = {
  '/v1/extract': {
    title: 'Ada Lovelace',
    text: 'Ada Lovelace was born in London. Her mother, Lady Byron, lived in England.',
  },
  '/v1/explain': {
    document: {
      title: 'Ada Lovelace',
      sents: [['Ada', 'Lovelace', 'was', 'born', 'in', 'London', '.']],
      vertexSet: [
        [{ name: 'Ada Lovelace', sent_id: 0, pos: [0, 2], type: 'PER' }],
        [{ name: 'London', sent_id: 0, pos: [5, 6], type: 'LOC' }],
      ],
    },
    head: 'Ada Lovelace',
    tail: 'London',
  },
};

let page: string | undefined;

export function docsPage(): string {
  return (page ??= html());
}

function html(): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Relata: the API</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>Relata ${escaped(packageVersion())}</h1>
<p>Everything that this server answers. <a href="/openapi.json">OpenAPI</a>, <a href="/">viewer</a>.</p>
<label>Token, where the server asks for one <input id="token" type="password" autocomplete="off" spellcheck="false"></label>
</header>
<main>
${Object.values(routes).map(section).join('\n')}
<section>
<h2>Problems</h2>
<p>An error is <code>application/problem+json</code>: type, title, status, detail, code, help, and the id of the request as instance.</p>
<table>
<thead><tr><th>code</th><th>status</th><th>meaning</th></tr></thead>
<tbody>
${Object.entries(problemKinds)
  .map(
    ([code, { status, title }]) =>
      `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${escaped(title)}</td></tr>`,
  )
  .join('\n')}
</tbody>
</table>
</section>
</main>
<script>${script}</script>
</body>
</html>
`;
}

function section(route: (typeof routes)[keyof typeof routes]): string {
  const { method, path, summary } = route;
  const description = 'description' in route ? `<p>${escaped(route.description)}</p>` : '';
  const example = examples[path];
  const name = `body of ${path}`;
  const body =
    example === undefined
      ? ''
      : `<textarea rows="10" spellcheck="false" aria-label="${name}">${escaped(JSON.stringify(example, null, 2))}</textarea>\n`;
  return `<section>
<h2><span class="method">${method.toUpperCase()}</span> <code>${path}</code></h2>
<p>${escaped(summary)}.</p>${description}
<form data-method="${method.toUpperCase()}" data-path="${path}">
${body}<button>Send</button> <output class="status" aria-live="polite"></output>
<pre hidden tabindex="0" aria-label="answer of ${path}"></pre>
</form>
</section>`;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const style = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 0; }
section { border-top: 1px solid GrayText; padding: 1rem 0; }
header { padding-bottom: 1rem; }
.method { font-size: .8em; letter-spacing: .05em; }
p { margin: .3rem 0; }
textarea, input { font: 14px/1.4 ui-monospace, monospace; box-sizing: border-box; }
textarea { width: 100%; }
pre { max-height: 24rem; overflow: auto; border: 1px solid GrayText; padding: .5rem; white-space: pre-wrap; overflow-wrap: anywhere; }
table { border-collapse: collapse; }
th, td { text-align: left; padding: .15rem .8rem .15rem 0; vertical-align: top; }
tr:target { outline: 2px solid Highlight; }
:focus-visible { outline: 2px solid Highlight; outline-offset: 2px; }
`;

/** What is shown of an answer; a page of megabytes would hang the browser. */
const script = `
const SHOWN = 200000;
for (const form of document.forms) form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const [status, answer] = [form.querySelector('.status'), form.querySelector('pre')];
  const token = document.getElementById('token').value;
  const body = form.querySelector('textarea')?.value;
  const headers = { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...(token && { Authorization: 'Bearer ' + token }) };
  status.textContent = '...';
  const began = performance.now();
  try {
    const response = await fetch(form.dataset.path, { method: form.dataset.method, headers, body });
    let text = await response.text();
    try { text = JSON.stringify(JSON.parse(text), null, 2); } catch {}
    status.textContent = response.status + ' in ' + Math.round(performance.now() - began) + ' ms';
    answer.textContent = text.length > SHOWN ? text.slice(0, SHOWN) + '\\n...' : text;
    answer.hidden = false;
  } catch (error) {
    status.textContent = String(error);
  }
});
`;
