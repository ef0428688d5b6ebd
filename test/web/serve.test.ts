/**
 * The page and `relata serve` together, with a model that was trained for it: what a person does, from a text to why.
 * Skipped where no Chromium is found.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { sampleCorpus } from '../../src/data/sample/sample-corpus.ts';
import { storyOf } from '../../src/data/sample/story.ts';
import { writeBundle } from '../../src/models/bundle.ts';
import { type Running, start, temporaryFolder } from '../cli/relata.ts';
import { trainFully, writeCorpus } from '../training/fixtures.ts';
import { chromiumPath, startBrowser } from './browser.ts';

const folder = temporaryFolder();
const at = (...names: string[]): string => join(folder, ...names);
const [first = ''] = sampleCorpus({ documents: 24, seed: 9 }).test.map((doc) => storyOf(doc));

describe.skipIf(!chromiumPath)(
  'relata serve in Chromium (needs chromium, chromium-browser or google-chrome)',
  () => {
    let browser: Browser;
    let server: Running | undefined;
    let origin = '';

    beforeAll(async () => {
      const corpus = writeCorpus(at('corpus'), 24);
      const files = { train: [corpus.train], dev: corpus.dev, threads: 1 };
      const quick = { ...files, epochs: 6, learningRate: 5e-3, batchDocuments: 1 };
      await trainFully({ ...quick, system: 'bilstm' }, at('relations'));
      await trainFully({ ...quick, system: 'mentions', encoder: 'bilstm' }, at('mentions'));
      await writeBundle(at('bundle'), { mentions: at('mentions'), relations: at('relations') });
      server = start(['serve', '--model', at('bundle'), '--port', '0', '--threads', '1']);
      origin = await addressOf(server);
      browser = await startBrowser();
    }, 240_000);
    afterAll(async () => {
      await browser?.close();
      server?.child.kill('SIGTERM');
      await server?.done;
    });

    test('a text becomes a graph; the slider, an edge, why, a file and a reload', async () => {
      const context = await browser.newContext({ reducedMotion: 'reduce' });
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      const [errors, asked]: [string[], string[]] = [[], []];
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text());
      });
      context.on('request', (request) => asked.push(request.url()));
      await page.goto(origin);
      await read(page, first);
      expect(await page.locator('.text').textContent()).toBe(first);
      expect(await page.locator('.text mark').count()).toBeGreaterThan(1);

      // Down to the lowest score that was asked for, and above all of them.
      const slider = page.getByRole('slider', { name: 'Threshold' });
      await slider.press('Home');
      const all = await page.locator('.fact').count();
      expect(all).toBeGreaterThan(0);
      const graph = page.getByRole('application');
      expect(await graph.getAttribute('aria-label')).toContain(`and ${all} facts`);
      await slider.press('End');
      expect(await page.locator('.fact').count()).toBe(0);
      await slider.press('Home');
      expect(await page.locator('.fact').count()).toBe(all);

      await clickEdge(page);
      const panel = page.getByRole('dialog');
      const heading = await panel.getByRole('heading', { level: 2 }).textContent();
      await panel.getByRole('button', { name: 'Explain this fact' }).click();
      await panel.locator('.reasons').waitFor();
      const why = (await panel.locator('.reasons').textContent()) ?? '';
      for (const part of ['Relations in order', 'What the score is made of', 'Without a sentence'])
        expect(why).toContain(part);
      await page.keyboard.press('Escape');

      await page.getByRole('button', { name: 'Export' }).click();
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.locator('.export .sheet').getByRole('button', { name: 'JSON' }).first().click(),
      ]);
      const saved: unknown = JSON.parse(readFileSync(await file.path(), 'utf8'));
      expect(saved).toMatchObject({ results: [{ text: first, facts: { length: all } }] });

      await page.waitForTimeout(500); // it is kept when the slider rests
      await page.reload();
      await page.locator('.facts').waitFor({ state: 'attached' });
      expect(await page.locator('.text').textContent()).toBe(first);
      expect(await page.locator('.fact').count()).toBe(all);

      // Another text of the same title, "text", with the same entities: what was explained of the first says nothing about it.
      await page.locator('.fact').first().click();
      await panel.getByRole('button', { name: 'Explain this fact' }).click();
      await panel.locator('.reasons').waitFor();
      await page.getByRole('button', { name: 'New' }).click();
      await read(page, `${first} It rained.`);
      await page.getByRole('slider', { name: 'Threshold' }).press('Home');
      const others = await page.locator('.fact').count();
      for (let i = 0; i < others; i++) {
        await page.locator('.fact').nth(i).click();
        expect(await panel.locator('.reasons').count()).toBe(0);
        await page.keyboard.press('Escape');
      }

      expect(heading).not.toBe('');
      expect(asked.filter((url) => !url.startsWith(`${origin}/`) && !/^(data|blob):/.test(url))).toEqual([]);
      expect(asked).toContain(`${origin}/v1/explain`);
      expect(errors).toEqual([]);
      await context.close();
    }, 120_000);

    test('the page of the API asks only its own server, and shows what it answers', async () => {
      const page = await browser.newPage();
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      await page.goto(`${origin}/docs`);
      const form = page.locator('form[data-path="/v1/extract"]');
      await form.getByRole('button', { name: 'Send' }).click();
      await expect.poll(() => form.locator('pre').textContent()).toContain('"results"');
      expect(await form.locator('output').textContent()).toMatch(/^200 in /);
      expect(asked.filter((url) => !url.startsWith(`${origin}/`))).toEqual([]);
      await page.close();
    }, 60_000);
  },
);

/** Where a server that was started listens, once its model is loaded. */
async function addressOf({ child, done }: Running): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (text: string) => {
      const url = /^(http:\S+) serves /m.exec((said += text))?.[1];
      if (url !== undefined) resolve(url);
    });
    void done.then(({ err }) => reject(new Error(`the server ended: ${err}`)));
  });
}

async function read(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Paste a text' }).fill(text);
  await page.getByRole('button', { name: 'Find facts' }).click();
  await page.locator('.facts').waitFor({ state: 'attached' });
}

/** Where Cytoscape has drawn the first edge: it keeps itself at its element. */
async function clickEdge(page: Page): Promise<void> {
  const edges = "document.querySelector('.canvas')._cyreg.cy.edges().not('.off')";
  await expect.poll(() => page.evaluate(`${edges}.length`)).toBeGreaterThan(0);
  const box = await page.locator('.canvas').boundingBox();
  const drawn = await page.evaluate(`${edges}[0].renderedMidpoint()`);
  const middle = drawn as { readonly x: number; readonly y: number };
  await page.mouse.move((box?.x ?? 0) + middle.x, (box?.y ?? 0) + middle.y);
  await page.locator('.canvas.pointing').waitFor();
  await page.mouse.down();
  await page.mouse.up();
  await page.getByRole('dialog').waitFor();
}
