/** Builds the viewer into one file, `dist/viewer.html`: script and styles inside, allowed by their hashes and nothing else. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { defineConfig, type Plugin } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  publicDir: false,
  build: {
    outDir: '../dist',
    emptyOutDir: false,
    target: ['chrome111', 'firefox113', 'safari16.4'],
    modulePreload: false,
    cssCodeSplit: false,
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    reportCompressedSize: false,
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [oneFile()],
});

/** Moves what the page refers to into the page, and renames it. */
function oneFile(): Plugin {
  return {
    name: 'one-file',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const page = bundle['index.html'];
      if (page?.type !== 'asset') return this.error('expected a page to be built');
      let [script, style] = ['', ''];
      const packages = new Set<string>();
      for (const [name, part] of Object.entries(bundle)) {
        if (part === page) continue;
        if (part.type === 'chunk') {
          script += part.code;
          for (const id of part.moduleIds) for (const [folder] of id.matchAll(PACKAGE)) packages.add(folder);
        } else if (name.endsWith('.css')) style += String(part.source);
        else this.error(`expected scripts and styles only, got ${name}`);
        delete bundle[name];
      }
      const code = embeddable(script);
      const policy = [
        "default-src 'none'",
        `script-src '${hashOf(code)}'`,
        `style-src '${hashOf(style)}'`,
        "connect-src 'self'",
        'img-src data: blob:',
        "base-uri 'none'",
        "form-action 'none'",
      ].join('; ');
      const head = `<meta http-equiv="Content-Security-Policy" content="${policy}" />`;
      const html = String(page.source)
        .replace(/\s*<script[^>]*\bsrc=[^>]*><\/script>/g, '')
        .replace(/\s*<link[^>]*\brel="stylesheet"[^>]*>/g, '')
        .replace('<meta charset="utf-8" />', (charset) => `${charset}\n    ${head}`)
        // Cytoscape leaves out a style element of its own, which the policy forbids, where one with this id is there.
        .replace('</head>', () => `  <style id="__________cytoscape_stylesheet">${style}</style>\n  </head>`)
        .replace('</body>', () => `  <script type="module">${code}</script>\n  </body>`)
        .replace('</html>', (end) => `${end}\n<!--\n${licencesOf(packages)}-->`);
      delete bundle['index.html'];
      this.emitFile({ type: 'asset', fileName: 'viewer.html', source: html });
    },
  };
}

/** Folder of the package that a module belongs to. */
const PACKAGE = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/g;

/** What the packages inside the page ask for: that their licences go with them, and a page goes out alone. */
const licencesOf = (folders: ReadonlySet<string>): string =>
  [...folders]
    .sort()
    .map(
      (folder) =>
        `This page contains ${basename(folder)}:\n${readFileSync(join(folder, 'LICENSE'), 'utf8')}\n`,
    )
    .join('')
    .replaceAll('--', '- -');

/** The same program, without the characters that would end a script element or make it a comment. */
const embeddable = (code: string): string =>
  code.replaceAll(/<\/(script)/gi, '<\\/$1').replaceAll('<!--', '<\\!--');

const hashOf = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;
