/** Word-level systems from documents to saved models, whole and in two steps, stopped and resumed. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { readSafetensors, toFloat32 } from '../../src/core/safetensors.ts';
import { Rng } from '../../src/core/rng.ts';
import { loadDocuments } from '../../src/data/read.ts';
import { documentFeatures } from '../../src/features/features.ts';
import { openSystem } from '../../src/models/open-system.ts';
import { wordSystems } from '../../src/models/systems.ts';
import { evaluateRelations } from '../../src/training/evaluate-task.ts';
import { describe as describePrepared, prepare } from '../../src/training/prepare.ts';
import { requestSchema } from '../../src/training/request.ts';
import { trainSystem } from '../../src/training/train-system.ts';
import { temporaryFolder } from '../cli/relata.ts';
import { trainFully, writeCorpus, writeDocuments } from './fixtures.ts';

const folder = temporaryFolder();
const corpus = writeCorpus(join(folder, 'corpus'), 10);
/** The first sentences are enough, and quick. */
const shorten = async (path: string, out: string): Promise<string> => {
  const documents = await loadDocuments(path);
  return writeDocuments(
    join(folder, out),
    documents.map((doc) => {
      const kept = doc.vertexSet.flatMap((entity, e) => {
        const mentions = entity.filter(({ sent_id }) => sent_id < 4);
        return mentions.length > 0 ? [{ e, mentions }] : [];
      });
      const at = new Map(kept.map(({ e }, i) => [e, i]));
      return {
        ...doc,
        sents: doc.sents.slice(0, 4),
        vertexSet: kept.map(({ mentions }) => mentions),
        labels: (doc.labels ?? []).flatMap(({ h, t, r }) => {
          const [head, tail] = [at.get(h), at.get(t)];
          return head === undefined || tail === undefined ? [] : [{ h: head, t: tail, r, evidence: [] }];
        }),
      };
    }),
  );
};
const train = await shorten(corpus.train, 'train.json');
const dev = await shorten(corpus.dev, 'dev.json');

/** Vectors of three numbers for every second word of the corpus, and for one that it does not have. */
const vectors = join(folder, 'vectors.txt');
const text = new Set(
  (await loadDocuments(train)).flatMap((doc) => doc.sents.flat().map((word) => word.toLowerCase())),
);
const rng = Rng.fromSeed(1);
const withVector = [...[...text].filter((_, i) => i % 2 === 0), 'elsewhere'];
writeFileSync(
  vectors,
  withVector.map((word) => `${word} ${[0, 1, 2].map(() => rng.normal().toFixed(4)).join(' ')}\n`).join(''),
);

const request = (options: Readonly<Record<string, unknown>>): Record<string, unknown> => ({
  train: [train],
  dev,
  epochs: 4,
  evaluateEvery: 2,
  batchDocuments: 4,
  learningRate: 3e-3,
  threads: 1,
  ...options,
});
let runs = 0;
const freshFolder = (): string => join(folder, `run-${runs++}`);

/** What a saved system reaches on the development documents. */
async function scoresOf(out: string, mode: 'corrected' | 'faithful') {
  const system = await openSystem(out, { threads: 1 });
  const documents = await loadDocuments(dev);
  const features = documents.map((doc) => documentFeatures(doc, system.relations, system.encode));
  const result = await evaluateRelations(
    system.models,
    { documents, features, relations: system.relations },
    mode,
    undefined,
  ).finally(system.dispose);
  return { result, about: system.about };
}

describe.each([
  ...wordSystems.map((system) => ({ system, mode: 'corrected' as const })),
  { system: 'cnn', mode: 'faithful' as const },
  { system: 'sentence', mode: 'faithful' as const },
])('$system, $mode', ({ system, mode }) => {
  test('learns, is saved, and reopens to the same scores', async () => {
    const out = freshFolder();
    const { rows, events } = await trainFully(request({ system, mode, without: ['types'] }), out);
    const losses = events.flatMap((event) =>
      event.kind === 'stage' && event.event.kind === 'step' ? [event.event.loss] : [],
    );
    expect(losses).toHaveLength(8);
    expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) * 0.9);
    expect(rows.map(({ stage }) => stage)).toEqual(['one step']);
    const { result, about } = await scoresOf(out, mode);
    expect(result).toEqual({ scores: rows[0]?.scores, theta: rows[0]?.theta });
    expect(about).toMatchObject({ system, mode, steps: 1, theta: rows[0]?.theta, without: ['types'] });
  });
});

test('bilstm in two steps', async () => {
  const out = freshFolder();
  const { rows } = await trainFully(request({ system: 'bilstm', twoStep: true, epochs: 8 }), out);
  expect(rows.map(({ stage }) => stage)).toEqual(['step 1', 'step 2', 'combined']);
  // Something must get through step 1, or the comparison says nothing.
  expect(rows[0]?.scores['recall']).toBeGreaterThan(0);
  const { result, about } = await scoresOf(out, 'corrected');
  expect(result).toEqual({ scores: rows[2]?.scores, theta: rows[2]?.theta });
  expect(about).toMatchObject({ system: 'bilstm', steps: 2 });
});

/** Every file of a finished run by name, without what depends on the clock. */
function filesOf(out: string): Map<string, string> {
  const names = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((name) => /\.\w+$/.test(name));
  return new Map(
    names
      .sort()
      .map((name) => [
        name,
        readFileSync(join(out, name), 'latin1').replaceAll(/"(seconds|memory|waiting)":[\d.e-]+/g, ''),
      ]),
  );
}

describe('word vectors', () => {
  const table = (out: string): { words: string[]; rows: Float32Array } => {
    const { tensors } = readSafetensors(join(out, 'model.safetensors'));
    const tensor = tensors.get('word_embedding.weight');
    if (!tensor) throw new Error('no word table');
    return {
      words: JSON.parse(readFileSync(join(out, 'words.json'), 'utf8')) as string[],
      rows: toFloat32(tensor),
    };
  };
  const given = new Map(
    readFileSync(vectors, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' '))
      .map(([word = '', ...numbers]) => [word, numbers.map((x) => Math.fround(Number(x)))]),
  );
  /** Words of the file whose vectors are no longer those of the file. */
  const moved = (out: string): string[] => {
    const { words, rows } = table(out);
    return [...given].flatMap(([word, numbers]) => {
      const id = words.indexOf(word);
      return [...rows.subarray(id * 3, id * 3 + 3)].join() === numbers.join() ? [] : [word];
    });
  };

  describe.each([
    { kind: 'frozen', options: { system: 'bilstm', wordVectors: vectors } },
    { kind: 'trained', options: { system: 'lstm', wordVectors: vectors, trainWordVectors: true } },
    { kind: 'learnt', options: { system: 'cnn' } },
  ] as const)('$kind', ({ kind, options }) => {
    const whole = freshFolder();

    test('training', async () => {
      const { events } = await trainFully(request(options), whole);
      const prepared = events.find((event) => event.kind === 'prepared');
      expect(prepared?.about).toMatchObject({
        reads: 'words',
        pretrained: false,
        vocabulary: kind === 'frozen' ? 2 + given.size : kind === 'trained' ? 3 + text.size : 2 + text.size,
      });
      const { words } = table(whole);
      expect(words).toHaveLength(prepared?.about.vocabulary ?? 0);
      expect(prepared?.about.coverage === undefined).toBe(kind === 'learnt');
      const inText = [...given.keys()].filter((word) => word !== 'elsewhere');
      const changes = { frozen: [], trained: inText, learnt: undefined }[kind];
      expect(kind === 'learnt' ? undefined : moved(whole)).toEqual(changes);
    });

    test('stopped after any step, and resumed, to the same bytes', async () => {
      for (const after of [1, 3, 6]) {
        const out = freshFolder();
        const stop = new AbortController();
        let [steps, interrupted] = [0, false];
        for await (const event of trainSystem(requestSchema.parse(request(options)), out, {
          signal: stop.signal,
        })) {
          if (event.kind !== 'stage') continue;
          // Asked for while the step before is told: the next one is finished and saved.
          if (event.event.kind === 'step' && ++steps === after) stop.abort();
          if (event.event.kind === 'interrupted') interrupted = true;
        }
        expect(interrupted).toBe(true);
        const { events } = await trainFully(request(options), out);
        const start = events.find((event) => event.kind === 'stage');
        expect(start?.event).toMatchObject({ kind: 'start', from: after });
        const [found, expected] = [filesOf(out), filesOf(whole)];
        expect([...found.keys()]).toEqual([...expected.keys()]);
        for (const [name, bytes] of expected)
          expect(found.get(name) === bytes, `${name}, ${after}`).toBe(true);
      }
    });
  });
});

test('what is prepared: sizes, types, and the files that decide the run', async () => {
  const out = freshFolder();
  const made = requestSchema.parse(request({ system: 'sentence', wordVectors: vectors, minimumCount: 2 }));
  const prepared = await prepare(made, out);
  const documents = await loadDocuments(train);
  const words = documents.flatMap((doc) => doc.sents.flat());
  const about = describePrepared(prepared);
  expect(about).toMatchObject({
    documents: documents.length,
    devDocuments: 1,
    pieces: words.length,
    reads: 'words',
    pretrained: false,
  });
  const pairs = documents.reduce((sum, { vertexSet: { length } }) => sum + length * (length - 1), 0);
  expect(about.relatedPairs + about.unrelatedPairs).toBe(pairs);
  expect(Object.keys(prepared.sha256).sort()).toEqual([train, dev, vectors].sort());
  expect(prepared.train[0]?.sequences).toHaveLength(4);
  expect(prepared.source.config).toMatchObject({ system: 'sentence', encoder: { width: 3, frozen: true } });
});
