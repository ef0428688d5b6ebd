/** From sources to extractions, by a small bundle that was trained on the sample corpus. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import { bundleCommand } from '../../src/cli/bundle.ts';
import type { Document } from '../../src/data/document.ts';
import { loadDocuments } from '../../src/data/read.ts';
import { sampleCorpus } from '../../src/data/sample/sample-corpus.ts';
import { storyOf } from '../../src/data/sample/story.ts';
import { type Bundle, openBundle, writeBundle } from '../../src/models/bundle.ts';
import { openSystem } from '../../src/models/open-system.ts';
import { evaluateEndToEnd } from '../../src/prediction/evaluate-end-to-end.ts';
import { extract, type ExtractOptions, type Source } from '../../src/prediction/extract.ts';
import type { Extraction } from '../../src/prediction/extraction.ts';
import { predict, type PredictOptions } from '../../src/prediction/predict.ts';
import { readSources } from '../../src/prediction/read-sources.ts';
import { inProcess, temporaryFolder } from '../cli/relata.ts';
import { trainFully, writeCorpus } from '../training/fixtures.ts';

const folder = temporaryFolder();
const engine = { threads: 1 };
const at = (...names: string[]): string => join(folder, ...names);
const corpus = writeCorpus(at('corpus'), 24);
const tests = sampleCorpus({ documents: 24, seed: 9 }).test;
const documents: readonly Document[] = [...tests, ...(await loadDocuments(corpus.dev))];
const texts = documents.map((doc): Source => ({ kind: 'text', title: doc.title, text: storyOf(doc) }));

beforeAll(async () => {
  const files = { train: [corpus.train], dev: corpus.dev, threads: 1 };
  const relations = { ...files, system: 'bilstm', epochs: 1, batchDocuments: 4 };
  const mentions = {
    ...files,
    system: 'mentions',
    encoder: 'bilstm',
    epochs: 6,
    learningRate: 5e-3,
    batchDocuments: 1,
  };
  await trainFully(relations, at('relations'));
  await trainFully(mentions, at('mentions'));
  await writeBundle(at('bundle'), { mentions: at('mentions'), relations: at('relations') });
}, 240_000);

async function withBundle<T>(use: (bundle: Bundle) => Promise<T>, path = at('bundle')): Promise<T> {
  const bundle = await openBundle(path, engine);
  try {
    return await use(bundle);
  } finally {
    await bundle.dispose();
  }
}

const extracted = async (sources: readonly Source[], options: ExtractOptions = {}): Promise<Extraction[]> =>
  withBundle(async (bundle) => {
    const found: Extraction[] = [];
    for await (const extraction of extract(bundle, sources, options)) found.push(extraction);
    return found;
  });

describe('a text', () => {
  test('gives entities whose characters are those of the text, and facts between them', async () => {
    const [found] = await extracted(texts.slice(0, 1), { theta: 0 });
    expect(found?.entities.length).toBeGreaterThan(2);
    expect(found?.facts.length).toBeGreaterThan(0);
    for (const { mentions } of found?.entities ?? []) {
      expect(mentions.length).toBeGreaterThan(0);
      for (const { start, end, text, sentence, score } of mentions) {
        expect(found?.text.slice(start, end)).toBe(text);
        const [from = 0, to = 0] = found?.sentences[sentence] ?? [];
        expect(start >= from && end <= to).toBe(true);
        expect(score).toBeGreaterThan(0);
      }
    }
    for (const { head, tail, threshold } of found?.facts ?? []) {
      expect(head).not.toBe(tail);
      expect(Math.max(head, tail)).toBeLessThan(found?.entities.length ?? 0);
      expect(threshold).toBe(found?.model.threshold);
    }
    expect(found?.entities.map(({ mentions }) => mentions.length)).toEqual(
      found?.document.vertexSet.map((entity) => entity.length),
    );
  });

  test('finds most of what is in it', async () => {
    const found = await extracted(texts);
    let [gold, right] = [0, 0];
    for (const [d, doc] of documents.entries()) {
      const names = new Set(found[d]?.entities.flatMap(({ mentions }) => mentions.map(({ text }) => text)));
      const wanted = new Set(doc.vertexSet.flatMap((entity) => entity.map(({ name }) => name)));
      gold += wanted.size;
      right += [...wanted].filter((name) => names.has(name)).length;
    }
    expect(right / gold).toBeGreaterThan(0.6);
  });

  test('names an entity without the line ends and the markup that its mention spans', async () => {
    const text = 'The **Franco**-Prussian\nWar began.';
    const annotations = [{ start: 4, end: 27, type: 'EVENT' }];
    writeFileSync(at('war.md'), text);
    const sources: Source[] = [];
    for await (const source of readSources([at('war.md')], { annotations })) sources.push(source);
    const [found] = await extracted(sources);
    expect(found?.entities.map(({ name, mentions }) => [name, mentions[0]?.text])).toEqual([
      ['Franco-Prussian War', text.slice(6, 27)],
    ]);
  });

  test('without anything in it gives nothing', async () => {
    const empty = ['', ' \n ', 'and so on'].map((text): Source => ({ kind: 'text', title: text, text }));
    for (const { facts, text, document } of await extracted(empty)) {
      expect(facts).toEqual([]);
      expect(document.sents.flat().join(' ')).toBe(text.trim());
    }
  });
});

describe('sources', () => {
  const given = (doc: Document): Source => ({ kind: 'document', doc });

  test('of all kinds come back in their order, whatever stands beside them', async () => {
    const mixed = documents.flatMap((doc, d) => [given(doc), texts[d] as Source]);
    const alone = [];
    for (const source of mixed) alone.push(...(await extracted([source])));
    const together = await extracted(mixed);
    expect(together.map(({ title }) => title)).toEqual(documents.flatMap(({ title }) => [title, title]));
    const shapes = (all: readonly Extraction[]) =>
      all.map(({ document, facts, entities }) => ({
        document,
        entities: entities.map(({ name, mentions }) => [
          name,
          ...mentions.map(({ start, reason }) => `${start} ${reason}`),
        ]),
        facts: facts.map(({ head, tail, relation }) => [head, tail, relation].join(' ')).toSorted(),
      }));
    expect(shapes(together)).toEqual(shapes(alone));
  });

  test('that bring their entities are predicted as `predict` does', async () => {
    const found = await extracted(documents.map(given), { theta: 0.01 });
    const system = await openSystem(at('relations'), engine);
    let index = 0;
    for await (const { facts } of predict(system, documents, { theta: 0.01 })) {
      const own = found[index++]?.facts ?? [];
      expect(own.map(({ head, tail, relation, score }) => ({ head, tail, relation, score }))).toEqual(
        facts.map(({ head, tail, relation, score }) => ({ head, tail, relation, score })),
      );
    }
    await system.dispose();
    expect(index).toBe(documents.length);
    expect(
      found
        .flatMap(({ entities }) => entities.flatMap(({ mentions }) => mentions))
        .every(({ reason }) => reason === 'given'),
    ).toBe(true);
  });

  test('that need a tagger are refused without one, by name', async () => {
    await withBundle(async (bundle) => {
      const run = async (): Promise<void> => {
        for await (const _ of extract(bundle, texts.slice(0, 1)));
      };
      await expect(run()).rejects.toMatchObject({ code: 'E_NO_TAGGER', exit: 2 });
    }, at('relations'));
  });

  test('of files: by name a text, Markdown or documents, with the mentions of --entities', async () => {
    writeFileSync(at('ada.md'), '# Ada\n\n*Ada* lives in **Paris**.\n');
    writeFileSync(at('ada.txt'), 'Ada lives in Paris. She likes Ada.');
    const sources: Source[] = [];
    for await (const source of readSources([at('ada.md'), corpus.dev])) sources.push(source);
    expect(sources[0]).toMatchObject({ kind: 'text', title: 'ada', markdown: true });
    expect(sources.slice(1).map(({ kind }) => kind)).toEqual(
      (await loadDocuments(corpus.dev)).map(() => 'document'),
    );

    const annotations = [
      { start: 0, end: 3, type: 'PER' },
      { start: 13, end: 18, type: 'LOC', title: 'ada' },
      { start: 30, end: 33, type: 'PER', entity: 'another Ada' },
      { start: 0, end: 3, type: 'PER', title: 'other text' },
    ];
    const annotated: Source[] = [];
    for await (const source of readSources([at('ada.txt')], { annotations })) annotated.push(source);
    const [found] = await extracted(annotated);
    expect(found?.entities.map(({ name, type, mentions }) => [name, type, mentions[0]?.reason])).toEqual([
      ['Ada', 'PER', 'first'],
      ['Paris', 'LOC', 'first'],
      ['Ada', 'PER', 'given'],
    ]);
  });

  test('refuse annotations of other texts, and those that do not say of which', async () => {
    writeFileSync(at('eve.txt'), 'Eve lives in Paris.');
    const read = async (
      names: readonly string[],
      ...titles: readonly (string | undefined)[]
    ): Promise<void> => {
      const annotations = titles.map((title) => ({ start: 0, end: 3, type: 'PER', ...(title && { title }) }));
      for await (const _ of readSources(
        names.map((name) => at(name)),
        { annotations },
      ));
    };
    writeFileSync(at('ada.txt'), 'Ada lives in Paris. She likes Ada.');
    await expect(read(['eve.txt'], 'eve.txt')).rejects.toMatchObject({ code: 'E_USAGE' });
    await expect(read(['eve.txt', 'ada.txt'], undefined)).rejects.toMatchObject({ code: 'E_USAGE' });
    await read(['eve.txt', 'ada.txt'], 'ada', 'someone else');
    await read(['eve.txt']);
  });

  test('that are no text are refused by name', async () => {
    const read = async (name: string, bytes: Uint8Array): Promise<void> => {
      writeFileSync(at(name), bytes);
      for await (const _ of readSources([at(name)]));
    };
    await expect(read('latin.txt', Uint8Array.of(0x63, 0xe9))).rejects.toMatchObject({ code: 'E_TEXT' });
    await expect(read('zero.txt', Uint8Array.of(0x63, 0, 0x63))).rejects.toMatchObject({ code: 'E_TEXT' });
    await expect(readSources([at('none.txt')]).next()).rejects.toMatchObject({ code: 'E_FILE_MISSING' });
    const utf16 = Buffer.from('\ufeffAda', 'utf16le');
    writeFileSync(at('utf16.txt'), utf16);
    expect((await readSources([at('utf16.txt')]).next()).value).toMatchObject({ text: '\ufeffAda' });
  });
});

describe('reach', () => {
  test('leaves out facts whose entities stand further apart, and no others', async () => {
    const apart = (found: Extraction, head: number, tail: number): number => {
      const [heads = [], tails = []] = [head, tail].map((entity) => found.document.vertexSet[entity]);
      return Math.min(...heads.flatMap((h) => tails.map((t) => Math.abs(h.sent_id - t.sent_id))));
    };
    const all = await extracted(texts, { theta: 0.01 });
    const near = await extracted(texts, { theta: 0.01, reach: 2 });
    let far = 0;
    for (const [i, found] of all.entries()) {
      const kept = found.facts.filter(({ head, tail }) => apart(found, head, tail) <= 2);
      far += found.facts.length - kept.length;
      expect(near[i]?.facts).toEqual(kept);
    }
    expect(far).toBeGreaterThan(0);
  });
});

test('reach leaves out the same of a document that is read in parts', async () => {
  const system = await openSystem(at('relations'), engine);
  const run = async (options: PredictOptions): Promise<string[]> => {
    const found: string[] = [];
    for await (const { facts } of predict(system, documents, { theta: 0.01, reach: 1, ...options }))
      found.push(
        ...facts.map(({ title, head, tail, relation }) => [title, head, tail, relation].join(' ')).toSorted(),
      );
    return found;
  };
  const whole = await run({});
  expect(whole.length).toBeGreaterThan(10);
  expect(await run({ limits: { pieces: 1, words: 1, logits: 1, block: 300 } })).toEqual(whole);
  await system.dispose();
});

describe('a bundle', () => {
  test('is scored end to end, never above what gold entities allow of the same facts', async () => {
    await withBundle(async (bundle) => {
      const { found, given } = await evaluateEndToEnd(bundle, documents);
      expect(found.gold).toBe(given.gold);
      expect(given.entitiesFound).toBe(1);
      expect(found.entitiesFound).toBeGreaterThan(0.5);
      expect(found.correct).toBeLessThanOrEqual(found.predicted);
    });
  });

  test('holds the two models and nothing else of their runs, and opens as either', async () => {
    expect(readdirSync(at('bundle', 'mentions')).toSorted()).toEqual([
      'config.json',
      'model.safetensors',
      'words.json',
    ]);
    await (await openSystem(at('bundle'), engine)).dispose();
  });

  test('never takes the place of another folder, and leaves none behind that does not work', async () => {
    const write = async (out: string, mentions: string): Promise<unknown> =>
      inProcess(bundleCommand(), '--mentions', mentions, '--relations', at('relations'), '--out', out);
    await expect(write(at('bundle'), at('mentions'))).rejects.toMatchObject({ code: 'E_FILE_EXISTS' });
    await expect(write(at('wrong'), at('relations'))).rejects.toMatchObject({
      code: 'E_FIELD',
      message: expect.stringContaining(at('relations', 'config.json')),
    });
    expect(existsSync(at('wrong'))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    // Of a bundle, the part that is asked for.
    await write(at('second'), at('bundle'));
    expect(existsSync(at('second', 'relations', 'config.json'))).toBe(true);
  });
});
