/** The page in a real browser: what a person does with it, with and without a server. Skipped where no Chromium is found. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { pageWith, viewerPage } from '../../src/prediction/viewer-page.ts';
import { chromiumPath, startBrowser } from './browser.ts';
import { madeExtraction, madeText, startStub, type Stub } from './made.ts';

const folder = mkdtempSync(join(tmpdir(), 'relata-viewer-'));
let browser: Browser;
let stub: Stub | undefined;
let errors: string[] = [];
let asked: string[] = [];

beforeAll(async () => {
  if (chromiumPath) browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});
afterEach(async () => {
  for (const context of browser?.contexts() ?? []) await context.close();
  await stub?.close();
  stub = undefined;
});

async function visit(address: string, options: BrowserContextOptions = {}): Promise<Page> {
  [errors, asked] = [[], []];
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('401')) errors.push(message.text());
  });
  context.on('request', (request) => asked.push(request.url()));
  await page.goto(address);
  return page;
}

/** The page of a server, with the made text pasted and read. */
async function visitRead(options: BrowserContextOptions = {}): Promise<Page> {
  stub = await startStub({ page: await viewerPage() });
  const page = await visit(stub.origin, options);
  await page.getByRole('textbox', { name: 'Paste a text' }).fill(madeText);
  await page.getByRole('button', { name: 'Find facts' }).click();
  await page.locator('.facts').waitFor({ state: 'attached' });
  return page;
}

const relations = (page: Page): Promise<string[]> => page.locator('.fact .relation bdi').allTextContents();
const graphName = async (page: Page): Promise<string> =>
  (await page.getByRole('application').getAttribute('aria-label')) ?? '';
const slide = async (page: Page, presses: number): Promise<void> => {
  await page.getByRole('slider', { name: 'Threshold' }).focus();
  for (let i = 0; i < Math.abs(presses); i++)
    await page.keyboard.press(presses > 0 ? 'ArrowRight' : 'ArrowLeft');
};
/** Names of the marks that are coloured. */
const coloured = (page: Page): Promise<string[]> =>
  page.locator('.text mark:not([data-dim])').allTextContents();

/** What the browser does when files are dropped on the page. */
const drop = (...files: readonly (readonly [name: string, value: unknown])[]): string => `(() => {
  const dataTransfer = new DataTransfer();
  for (const [name, text] of ${JSON.stringify(files.map(([name, value]) => [name, JSON.stringify(value)]))}) {
    dataTransfer.items.add(new File([text], name));
  }
  document.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
})()`;

async function download(page: Page, name: string): Promise<{ name: string; bytes: Buffer }> {
  await page.getByRole('button', { name: 'Export' }).click();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.locator('.export .sheet').getByRole('button', { name, exact: false }).first().click(),
  ]);
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

describe.skipIf(!chromiumPath)(
  'the viewer in Chromium (needs chromium, chromium-browser or google-chrome)',
  () => {
    test('a pasted text becomes entities and edges, which the slider filters, and which a reload keeps', async () => {
      const page = await visitRead();
      expect(await relations(page)).toEqual(['place of birth', 'country', 'spouse', 'employer']);
      expect(await graphName(page)).toContain('5 entities and 4 facts');
      await expect
        .poll(() => coloured(page))
        .toEqual(['Marie Curie', 'Warsaw', 'Poland', 'Pierre', 'Curie', 'Sorbonne']);

      await slide(page, 22); // 0.4 to 0.51
      expect(await relations(page)).toEqual(['place of birth', 'country', 'spouse']);
      expect(await page.getByText('of 5 facts kept').textContent()).toBe('3 of 5 facts kept');
      expect(await graphName(page)).toContain('4 entities and 3 facts');
      await expect.poll(() => coloured(page)).not.toContain('Sorbonne');

      await slide(page, -90); // to 0.06: what the model itself would not say
      expect(await relations(page)).toHaveLength(5);
      await page.getByRole('button', { name: 'Reset' }).click();
      expect(await relations(page)).toHaveLength(4);

      await slide(page, 60);
      const before = await relations(page);
      expect(before).toHaveLength(2);
      await page.waitForTimeout(500); // it is written when the slider rests
      await page.reload();
      await page.locator('.facts').waitFor();
      expect(await relations(page)).toEqual(before);
      expect(await page.locator('.text').textContent()).toBe(madeText);

      expect(
        asked.filter((url) => !url.startsWith(`${stub?.origin}/`) && !/^(data|blob):/.test(url)),
      ).toEqual([]);
      expect(stub?.requests.find(({ path }) => path === '/v1/extract')?.body).toEqual({
        text: madeText,
        theta: 0.05,
      });
      expect(errors).toEqual([]);
    });

    test('what is lit up in one view is lit up in the others', async () => {
      const page = await visitRead();
      await page.locator('.fact').nth(2).hover();
      expect(await page.locator('mark[data-lit]').allTextContents()).toEqual([
        'Marie Curie',
        'Pierre',
        'Curie',
      ]);
      expect(await page.locator('[data-sentence][data-lit]').allTextContents()).toEqual([
        'In 1895 she married Pierre.',
      ]);
      await page.locator('.text mark', { hasText: 'Warsaw' }).hover();
      expect(await page.locator('.fact[data-lit] .relation bdi').allTextContents()).toEqual([
        'place of birth',
        'country',
      ]);
      await page.mouse.move(5, 5);
      expect(await page.locator('[data-lit]').count()).toBe(0);
      await page.locator('.text mark', { hasText: 'Pierre' }).click();
      expect(await relations(page)).toEqual(['spouse']);
      await page.getByRole('button', { name: 'Show all facts' }).click();
      expect(await relations(page)).toHaveLength(4);
    });

    test('a click on an edge opens its fact', async () => {
      const page = await visitRead();
      const box = await page.locator('.canvas').boundingBox();
      // Where Cytoscape has drawn the first edge: it keeps itself at its element.
      const drawn = await page.evaluate(
        "document.querySelector('.canvas')._cyreg.cy.edges()[0].renderedMidpoint()",
      );
      const middle = drawn as { readonly x: number; readonly y: number };
      await page.mouse.move((box?.x ?? 0) + middle.x, (box?.y ?? 0) + middle.y);
      await page.locator('.canvas.pointing').waitFor();
      expect(await page.locator('.fact[data-lit]').count()).toBe(1);
      expect(new Set(await page.locator('mark[data-lit]').allTextContents())).toEqual(
        new Set(['Marie Curie', 'Curie', 'Warsaw']),
      );
      await page.mouse.down();
      await page.mouse.up();
      await page.getByRole('dialog').waitFor();
    });

    test('the keyboard alone goes through the facts, opens one, has it explained and closes it', async () => {
      const page = await visitRead();
      await page.keyboard.press('Tab');
      await page.locator('.skip').focus();
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      expect(await page.locator(':focus .relation bdi').textContent()).toBe('spouse');
      await page.keyboard.press('Enter');
      const panel = page.getByRole('dialog');
      expect(await panel.getByRole('heading', { level: 2 }).textContent()).toContain('spouse');
      expect(await panel.locator('.scores').textContent()).toContain('0.610');
      expect(await panel.locator('.evidence p').allTextContents()).toEqual(['In 1895 she married Pierre.']);
      expect(await panel.locator('.evidence mark').allTextContents()).toEqual(['Pierre']);
      await panel.getByRole('button', { name: 'Explain this fact' }).focus();
      await page.keyboard.press('Enter');
      await panel.locator('.reasons').waitFor();
      const why = (await panel.locator('.reasons').textContent()) ?? '';
      for (const part of [
        'related',
        '+2.31',
        'Relations in order',
        'their distance',
        'Marie Curie',
        'Without a sentence',
        '0.080 left',
      ])
        expect(why).toContain(part);
      expect(stub?.requests.at(-1)?.body).toMatchObject({
        head: 0,
        tail: 3,
        relation: 'P26',
        document: { title: 'Untitled' },
      });
      await page.keyboard.press('Escape');
      await panel.waitFor({ state: 'detached' });
      expect(await page.locator(':focus .relation bdi').textContent()).toBe('spouse');
      expect(errors).toEqual([]);
    });

    test('what is on show is saved, and opens again', async () => {
      const page = await visitRead();
      await slide(page, 22);
      const json = await download(page, 'JSON');
      const saved = JSON.parse(json.bytes.toString('utf8')) as {
        results: { facts: unknown[]; text: string }[];
      };
      expect(saved.results[0]?.facts).toHaveLength(3);
      const csv = await download(page, 'CSV');
      expect([csv.name, csv.bytes.toString('utf8').trimEnd().split('\r\n').length]).toEqual([
        'Untitled.csv',
        4,
      ]);
      const png = await download(page, 'PNG');
      expect(png.bytes.subarray(1, 4).toString('latin1')).toBe('PNG');
      expect(png.bytes.readUInt32BE(16)).toBeGreaterThan(200);

      await page.getByRole('button', { name: 'New' }).click();
      await page
        .locator('[data-test=files]')
        .setInputFiles({ name: 'saved.json', mimeType: 'application/json', buffer: json.bytes });
      await page.locator('.facts').waitFor();
      expect(await relations(page)).toEqual(['place of birth', 'country', 'spouse']);
      expect(errors).toEqual([]);
    });

    test('a page with results inside works as a file, shows text as text, and says what takes a server', async () => {
      const trap = '</script><img src=x onerror="document.title=1"> <!-- Marie Curie was born in Warsaw.';
      const path = join(folder, 'page.html');
      writeFileSync(path, await pageWith({ extractions: [madeExtraction(trap, { title: '<b>T</b>' })] }));
      const page = await visit(pathToFileURL(path).href);
      await page.locator('.facts').waitFor();
      expect(await page.locator('.text').textContent()).toBe(trap);
      expect(await page.locator('.text img, h1 b').count()).toBe(0);
      expect(await page.title()).toBe('<b>T</b> – Relata');
      await page.locator('.fact').first().click();
      expect(await page.getByRole('dialog').textContent()).toContain('it needs a server');
      await page.getByRole('button', { name: 'New' }).click();
      expect(await page.getByRole('button', { name: 'Find facts' }).isDisabled()).toBe(true);
      expect(await page.locator('form .note').textContent()).toContain('There is no server here');
      expect(asked.filter((url) => !/^(file|data|blob):/.test(url))).toEqual([]);
      expect(errors).toEqual([]);
    });

    test('a DocRED file shows its labels, and a submission what is right, wrong and missed', async () => {
      const { document: doc } = madeExtraction(madeText, { title: 'Curie' });
      const labelled = {
        ...doc,
        labels: [
          { h: 0, t: 1, r: 'P19', evidence: [0] },
          { h: 0, t: 3, r: 'P26', evidence: [1] },
        ],
      };
      const submission = [
        { title: 'Curie', h_idx: 0, t_idx: 1, r: 'P19' },
        { title: 'Curie', h_idx: 1, t_idx: 2, r: 'P17' },
      ];
      const file = (name: string, value: unknown) => ({
        name,
        mimeType: 'application/json',
        buffer: Buffer.from(JSON.stringify(value)),
      });
      const path = join(folder, 'empty.html');
      writeFileSync(path, await viewerPage());
      const page = await visit(pathToFileURL(path).href);
      const input = page.locator('[data-test=files]');
      await input.setInputFiles(file('result.json', submission));
      expect(await page.getByRole('alert').textContent()).toContain('Open the DocRED file');
      await input.setInputFiles(file('bad.json', [{ ...labelled, sents: 3 }]));
      await page.getByText('bad.json: Expected an array, got 3 (document 0, "Curie".sents)').waitFor();

      await input.setInputFiles(file('dev.json', [labelled, { ...doc, title: 'Other' }]));
      await page.locator('.facts').waitFor();
      expect(await page.locator('#facts h2').textContent()).toBe('Labels 2');
      expect(await relations(page)).toEqual(['place of birth', 'spouse']);
      await page.getByRole('button', { name: 'Next document' }).click();
      await page.getByText('This document has no labels.').waitFor();
      await page.getByRole('button', { name: /Other/ }).click();
      await page.getByRole('searchbox').fill('cur');
      await page.keyboard.press('Enter');

      await page.getByRole('button', { name: 'New' }).click();
      await page.evaluate(drop(['result.json', submission], ['dev.json', [labelled]]));
      await page.locator('.counts').waitFor();
      expect(await page.locator('.fact .status').allTextContents()).toEqual([
        '✓ right',
        '✕ wrong',
        '○ missed',
      ]);
      expect(await page.locator('.counts dd').allTextContents()).toEqual([
        '1',
        '1',
        '1',
        '0.50',
        '0.50',
        '0.50',
      ]);
      expect(errors).toEqual([]);
    });

    test('a server that wants a token is given the one that the person enters', async () => {
      stub = await startStub({ page: await viewerPage(), token: 'secret' });
      const page = await visit(stub.origin);
      await page.locator('input[type=password]').fill('wrong');
      await page.getByRole('button', { name: 'Go on' }).click();
      await page.getByText('did not take this token').waitFor();
      await page.locator('input[type=password]').fill('secret');
      await page.getByRole('button', { name: 'Go on' }).click();
      await page.getByRole('textbox', { name: 'Paste a text' }).fill(madeText);
      await page.getByRole('button', { name: 'Find facts' }).click();
      await page.locator('.facts').waitFor();
      expect(stub.requests.at(-1)?.authorization).toBe('Bearer secret');
      expect(
        await page.evaluate('JSON.stringify(sessionStorage) + JSON.stringify(localStorage)'),
      ).not.toContain('secret');
    });

    test("a server's refusal is shown, and the text stays", async () => {
      stub = await startStub({ page: await viewerPage() });
      const page = await visit(stub.origin);
      await page.getByRole('textbox', { name: 'Paste a text' }).fill('too long');
      await page.getByRole('button', { name: 'Find facts' }).click();
      expect(await page.getByRole('alert').locator('p').textContent()).toBe('Expected less text. Cut it.');
      expect(await page.getByRole('textbox', { name: 'Paste a text' }).inputValue()).toBe('too long');
    });

    test.each(['light', 'dark'] as const)(
      'fits a phone in %s colours, a view at a time',
      async (colorScheme) => {
        const page = await visitRead({ viewport: { width: 360, height: 640 }, colorScheme });
        const tooWide = 'document.documentElement.scrollWidth > innerWidth';
        for (const view of [/^Text/, /^Graph/, /^Facts/]) {
          await page.getByRole('tab', { name: view }).click();
          expect(await page.evaluate(tooWide)).toBe(false);
        }
        expect(await page.locator('#text').isVisible()).toBe(false);
        await page.locator('.fact').first().click();
        expect(await page.evaluate(tooWide)).toBe(false);
        expect(await page.evaluate('document.documentElement.dataset.theme')).toBe(colorScheme);
        await page.getByRole('button', { name: /^Use (dark|light) colours$/ }).click();
        expect(await page.evaluate('document.documentElement.dataset.theme')).not.toBe(colorScheme);
      },
    );

    test('a text of a hundred thousand words is all there, and its end can be reached', async () => {
      const text = Array.from({ length: 5000 }, (_, i) => `${madeText} ${i}.`).join(' ');
      stub = await startStub({
        page: await viewerPage(),
      });
      const page = await visit(stub.origin);
      await page.getByRole('textbox', { name: 'Paste a text' }).fill(text);
      await page.getByRole('button', { name: 'Find facts' }).click();
      await page.locator('.text [data-sentence="0"]').waitFor();
      const last = page.locator('.text .block').last();
      await expect
        .poll(() => page.evaluate("document.querySelector('.text').textContent.length"), { timeout: 60_000 })
        .toBe(text.length);
      await last.scrollIntoViewIfNeeded();
      expect(await last.textContent()).toContain('4999.');
      expect(errors).toEqual([]);
    });

    test('text from right to left is set so', async () => {
      stub = await startStub({ page: await viewerPage() });
      const page = await visit(stub.origin);
      await page.getByRole('textbox', { name: 'Paste a text' }).fill('ולדה Warsaw נולדה Marie Curie בעיר.');
      await page.getByRole('button', { name: 'Find facts' }).click();
      await page.locator('.text mark').first().waitFor();
      expect(await page.evaluate("getComputedStyle(document.querySelector('.text')).direction")).toBe('rtl');
    });
  },
);

test('the page is one file that asks for nothing, and allows itself nothing else', async () => {
  const page = await viewerPage();
  expect(page.length).toBeLessThan(700_000);
  expect(page).toContain("default-src 'none'");
  expect(page.match(/<(script|link|img|iframe)\b[^>]*\b(src|href)="(?!data:)[^"]*"/g) ?? []).toEqual([]);
  expect(page).not.toMatch(/dangerouslySetInnerHTML\s*:\s*\{/);
});
