/** Explanations against the same models as plain loops in float64, and against documents that were changed by hand. */
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import type { Document } from '../../src/data/document.ts';
import { loadDocuments } from '../../src/data/read.ts';
import { sentenceStarts } from '../../src/data/word-distance.ts';
import { modes } from '../../src/features/encode.ts';
import { documentFeatures } from '../../src/features/features.ts';
import { allPairs } from '../../src/features/task.ts';
import { exportSystem } from '../../src/models/export.ts';
import { encodeOptions, type OpenSystem, openSystem } from '../../src/models/open-system.ts';
import { PairModel } from '../../src/models/pair-model.ts';
import type { ParameterLookup } from '../../src/models/tensors.ts';
import { scoreDocuments } from '../../src/models/score.ts';
import type { PairModelConfig } from '../../src/models/systems.ts';
import { explain } from '../../src/prediction/explain.ts';
import { findEntity, findRelation, findTitled } from '../../src/prediction/explain-find.ts';
import { withoutSentence } from '../../src/prediction/explain-sentences.ts';
import type { Explanation } from '../../src/prediction/explanation.ts';
import type { ParameterSpec } from '../../src/nn/parameters.ts';
import { WordPiece } from '../../src/text/wordpiece.ts';
import { temporaryFolder } from '../cli/relata.ts';
import { saveTwoStepBert, saveWords } from '../models/saved.ts';
import * as tiny from '../models/tiny.ts';
import * as words from '../models/words.ts';
import { logits64 } from '../models/words64.ts';
import { hasShared, shared } from '../shared.ts';

const folder = temporaryFolder();
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const pairsOf = (doc: Document): { head: number; tail: number }[] =>
  allPairs({ entities: doc.vertexSet, related: [] } as never);

/** A system around a model with any weights. */
async function systemOf(
  config: PairModelConfig,
  options: {
    readonly encode: OpenSystem['encode'];
    readonly relations: OpenSystem['relations'];
    readonly weights: (specs: readonly ParameterSpec[]) => ParameterLookup;
  },
): Promise<OpenSystem> {
  const model = await PairModel.open(config, { threads: 1 });
  const { mode, task, without, system } = config;
  return {
    about: {
      format: 1,
      steps: 1,
      theta: 0.25,
      text: 'plain',
      mode,
      task,
      system,
      without: [...without],
      relations: [],
      scores: {},
      training: {},
    },
    relations: options.relations,
    encode: options.encode,
    models: { kind: 'one-step', relation: { model, parameter: options.weights(model.specs) } },
    precision: 'not exported',
    probability: (score) => score / 2,
    dispose: async () => model.dispose(),
  };
}

const wordSystem = async (
  config: PairModelConfig,
  weights = (specs: readonly ParameterSpec[]) => words.lookup(words.noisy(specs)),
): Promise<OpenSystem> =>
  systemOf(config, {
    encode: encodeOptions(config, { reads: 'words', vocabulary: words.vocabulary }),
    relations: words.relations,
    weights,
  });

type Change = (name: string, data: Float32Array) => ArrayLike<number>;

/** The logits of all pairs by loops, [P][R], with weights that may be changed. */
function loops64(doc: Document, { models }: OpenSystem, changed: Change = (_, data) => data): Float64Array[] {
  const { model, parameter } = models.relation;
  const { config } = model;
  if (config.system === 'bert') throw new Error('a word-level system');
  const [pairs = []] = logits64([doc], {
    system: config.system,
    mode: config.mode,
    without: config.without,
    words: words.vocabulary.words,
    types: words.shape.types,
    classes: model.classes,
    values: (name) => changed(name, parameter(name)),
  });
  return pairs;
}

/** One of them. */
function loop64(
  doc: Document,
  { head, tail, relation }: { head: number; tail: number; relation: number },
  system: OpenSystem,
  changed?: Change,
): number {
  const p = pairsOf(doc).findIndex((pair) => pair.head === head && pair.tail === tail);
  return loops64(doc, system, changed)[p]?.[relation] ?? Number.NaN;
}

/** Everything that must sum to something does. */
function checkSums(explanation: Explanation): void {
  const { logit, relations, relation } = explanation;
  if (!logit) throw new Error('no parts');
  const whole = relations.find((row) => row.relation === relation)?.logit ?? Number.NaN;
  const scale = Math.max(1, Math.abs(logit.entities), Math.abs(whole));
  expect(Math.abs(logit.total - whole) / scale).toBeLessThan(1e-4);
  expect(logit.entities + logit.distance + logit.bias).toBeCloseTo(logit.total, 9);
  for (const part of [
    logit.headMentions,
    logit.tailMentions,
    logit.headWords.map(({ share }) => share),
    logit.tailWords.map(({ share }) => share),
  ])
    expect(Math.abs(sum(part) - logit.entities) / scale).toBeLessThan(1e-9);
}

describe.each(words.systemKinds)('$system, $mode', ({ system, mode }) => {
  const ablations = system === 'bilstm' ? ([[], ['distances']] as const) : ([[]] as const);
  const kind = { system, mode, task: 'relation' } as const;

  test.each(ablations.map((without) => ({ without })))('logits without $without', async ({ without }) => {
    const opened = await wordSystem(words.configOf(kind, { without }));
    for (const doc of words.documents) {
      const all64 = loops64(doc, opened);
      for (const [p, pair] of pairsOf(doc).entries()) {
        const { relations, gate } = await explain(opened, doc, { ...pair, engine: { threads: 1 } });
        expect(gate).toBe(null);
        const found = relations.map(({ logit }) => logit);
        expect(found).toEqual(found.toSorted((a, b) => b - a));
        const right = relations.map(
          (row) => all64[p]?.[words.relations.relationIndex(row.relation) ?? 0] ?? NaN,
        );
        expect(tiny.difference(found, right)).toBeLessThan(1e-4);
      }
    }
    await opened.dispose();
  });

  test.skipIf(system === 'context-aware').each(ablations.map((without) => ({ without })))(
    'parts of the logit without $without',
    async ({ without }) => {
      const opened = await wordSystem(words.configOf(kind, { without }));
      for (const doc of words.documents) {
        // Without the table there is no distance.
        const near = loops64(doc, opened, (name, data) =>
          name === 'distance_embedding.weight' ? data.map(() => 0) : data,
        );
        for (const [p, pair] of pairsOf(doc).entries()) {
          const found = await explain(opened, doc, { ...pair, relation: 'P3', engine: { threads: 1 } });
          checkSums(found);
          expect(found.unavailable).toBe(null);
          expect((found.logit?.entities ?? 0) + (found.logit?.bias ?? 0)).toBeCloseTo(near[p]?.[3] ?? NaN, 3);
        }
      }
      await opened.dispose();
    },
  );

  test('effects of words are slopes', async () => {
    const [doc, pair] = [words.documents[0] as Document, { head: 0, tail: 1 }];
    const opened = await wordSystem(words.configOf({ system, mode, task: 'relation' }));
    const { effects } = await explain(opened, doc, { ...pair, relation: 'two' });
    const text = doc.sents.flat().map((word) => word.toLowerCase());
    const starts = sentenceStarts(doc);
    const [found, expected]: [number[], number[]] = [[], []];
    for (const [place, word] of text.entries()) {
      const row = words.vocabulary.words.indexOf(word);
      // "in" is unknown, and shares its row with nothing else of this document.
      const id = row < 0 ? 1 : row;
      if (text.filter((other) => other === word).length > 1) continue;
      const scaled = (by: number): number =>
        loop64(doc, { ...pair, relation: 2 }, opened, (name, data) =>
          name === 'word_embedding.weight'
            ? Float64Array.from(data, (x, i) => (Math.floor(i / words.shape.width) === id ? x * by : x))
            : data,
        );
      expected.push((scaled(1 + 1e-4) - scaled(1 - 1e-4)) / 2e-4);
      const sentence = starts.findLastIndex((start) => start <= place);
      const own = effects?.find(
        (row) => row.sentence === sentence && row.word === place - (starts[sentence] ?? 0),
      );
      found.push(own?.share ?? 0);
    }
    await opened.dispose();
    expect(expected.length).toBeGreaterThan(4);
    expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(1e-3);
    expect(tiny.difference(found, expected)).toBeLessThan(1e-3);
    const sizes = effects?.map(({ share }) => Math.abs(share)) ?? [];
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
  });
});

test('Context-Aware has no parts, and says so', async () => {
  const kind = { system: 'context-aware', mode: 'corrected', task: 'relation' } as const;
  const opened = await wordSystem(words.configOf(kind));
  const { logit, unavailable } = await explain(opened, words.documents[0] as Document, { head: 0, tail: 1 });
  await opened.dispose();
  expect([logit, unavailable]).toEqual([null, expect.stringContaining('Context-Aware')]);
});

test('a mention has the part that it would have as an entity of its own', async () => {
  // Without tags and distances, only the vectors tell entities apart.
  const without = ['types', 'coreference', 'distances'] as const;
  const doc = words.documents[0] as Document;
  const [head = [], tail = []] = doc.vertexSet;
  const split = { ...doc, vertexSet: [...head.map((mention) => [mention]), tail] };
  const opened = await wordSystem(
    words.configOf({ system: 'bilstm', mode: 'corrected', task: 'relation' }, { without }),
  );
  const { logit } = await explain(opened, doc, { head: 0, tail: 1, relation: 'P3' });
  const alone = head.map(
    (_, mention) =>
      loop64(split, { head: mention, tail: head.length, relation: 3 }, opened) - (logit?.bias ?? 0),
  );
  expect(alone).toHaveLength(2);
  for (const [mention, value] of alone.entries())
    expect(logit?.headMentions[mention]).toBeCloseTo(value / head.length, 4);
  // Its words have equal weights.
  expect(logit?.headWords.map(({ sentence, word }) => [sentence, word])).toEqual([
    [0, 0],
    [0, 1],
    [1, 0],
  ]);
  expect(logit?.headWords[2]?.share).toBeCloseTo(logit?.headMentions[1] ?? 0, 9);
  await opened.dispose();
});

const bertSystem = async (config: tiny.BertConfig): Promise<OpenSystem> =>
  systemOf(config, {
    encode: tiny.encodeOptions(config),
    relations: tiny.relations,
    weights: (specs) => tiny.drawn(specs),
  });

describe.each(modes.flatMap((mode) => [512, 40].map((positions) => ({ mode, positions }))))(
  'BERT, $mode, $positions pieces at once',
  ({ mode, positions }) => {
    const config = tiny.configOf({ mode, task: 'relation' }, { ...tiny.shape, positions });
    const docs = tiny.corpus.train.slice(0, 2);

    test('parts sum to the logit, and the rest is as scored', async () => {
      const opened = await bertSystem(config);
      for (const doc of docs) {
        const features = documentFeatures(doc, tiny.relations, opened.encode);
        expect(features.sequences.length > 1).toBe(positions === 40 && mode === 'corrected');
        const [scores] = await all(scoreDocuments(opened.models, [features]));
        for (const [p, { head, tail }] of pairsOf(doc).entries()) {
          if (p % 29 !== 0) continue;
          const found = await explain(opened, doc, { head, tail, batchPieces: 64 });
          checkSums(found);
          for (const { relation, logit, score, probability } of found.relations) {
            const k = tiny.relations.relationIndex(relation) ?? 0;
            const right = scores?.logits[p * tiny.relations.size + k] ?? Number.NaN;
            expect(Math.abs(logit - right)).toBeLessThan(1e-4);
            expect(score).toBeCloseTo(1 / (1 + Math.exp(-logit)), 6);
            expect(probability).toBe(score / 2);
          }
          expect(found.relation).toBe(found.relations[0]?.relation);
        }
      }
      await opened.dispose();
    });

    test('effects of words are slopes', async () => {
      const doc = docs[0] as Document;
      const pair = { head: 0, tail: 1, relation: tiny.relations.relationId(2) };
      const opened = await bertSystem(config);
      const { effects } = await explain(opened, doc, pair);
      const ids = doc.sents.map((sentence) => sentence.map((word) => [...tiny.wordPiece.pieces(word)]));
      const often = (id: number): number => ids.flat(2).filter((other) => other === id).length;
      const features = documentFeatures(doc, tiny.relations, opened.encode);
      const { model, parameter } = opened.models.relation;
      /** The logit with the embeddings of some pieces scaled. */
      const scaled = async (pieces: readonly number[], by: number): Promise<number> => {
        const changed: ParameterLookup = (name) =>
          name === 'bert.embeddings.word_embeddings.weight'
            ? parameter(name).map((x, i) => (pieces.includes(Math.floor(i / tiny.shape.width)) ? x * by : x))
            : parameter(name);
        const relation = { model, parameter: changed };
        const [scores] = await all(scoreDocuments({ kind: 'one-step', relation }, [features]));
        return scores?.logits[2] ?? Number.NaN;
      };
      const [found, expected]: [number[], number[]] = [[], []];
      const step = 0.01;
      for (const [sentence, row] of ids.entries()) {
        for (const [word, pieces] of row.entries()) {
          if (pieces.some((id) => often(id) > 1) || found.length >= 12) continue;
          expected.push(((await scaled(pieces, 1 + step)) - (await scaled(pieces, 1 - step))) / (2 * step));
          found.push(effects?.find((own) => own.sentence === sentence && own.word === word)?.share ?? 0);
        }
      }
      await opened.dispose();
      expect(expected.length).toBeGreaterThan(4);
      expect(tiny.difference(found, expected)).toBeLessThan(0.01);
    });
  },
);

describe('two steps', () => {
  const model = join(folder, 'two-step');
  saveTwoStepBert(model);
  const doc = tiny.corpus.train[0] as Document;

  test('the gate is step 1, and relations are there where it is closed', async () => {
    const opened = await openSystem(model, { threads: 1 });
    const [scores] = await all(
      scoreDocuments(opened.models, [documentFeatures(doc, opened.relations, opened.encode)]),
    );
    const [openPair, closedPair] = [scores?.pairs[0], scores?.closed[0]];
    if (!openPair || !closedPair) throw new Error('expected an open and a closed pair');
    const through = await explain(opened, doc, openPair);
    expect(through.gate?.open).toBe(true);
    expect(through.gate?.probability).toBeCloseTo(scores?.gates?.[0] ?? Number.NaN, 5);
    expect(through.gate?.margin).toBeGreaterThan(0);
    for (const { relation, logit } of through.relations)
      expect(logit).toBeCloseTo(
        scores?.logits[opened.relations.relationIndex(relation) ?? 0] ?? Number.NaN,
        4,
      );
    const held = await explain(opened, doc, closedPair);
    expect(held.gate?.open).toBe(false);
    expect(held.gate?.margin).toBeLessThanOrEqual(0);
    expect(held.gate?.probability).toBeCloseTo(1 / (1 + Math.exp(-(held.gate?.margin ?? 0))), 6);
    expect(held.relations).toHaveLength(opened.relations.size - 1);
    checkSums(held);
    expect(through.threshold).toBe(0.25);
    expect((await explain(opened, doc, { ...openPair, theta: 0.5 })).threshold).toBe(0.5);
    await opened.dispose();
  });

  test('a sentence is worth what the score loses without it', async () => {
    const opened = await openSystem(model, { threads: 1 });
    const { sentences, relations, relation } = await explain(opened, doc, { head: 0, tail: 1 });
    const whole = relations.find((row) => row.relation === relation)?.score ?? Number.NaN;
    expect(sentences.map(({ sentence }) => sentence).toSorted((a, b) => a - b)).toEqual(
      doc.sents.map((_, s) => s),
    );
    const sizes = sentences.map(({ change }) => Math.abs(change));
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    /** The whole document once more, by hand, and all of its pairs. */
    const byHand = async (sentence: number): Promise<[score: number, open: boolean] | null> => {
      const entities = doc.vertexSet
        .map((mentions, e) => ({ e, left: mentions.filter(({ sent_id }) => sent_id !== sentence) }))
        .filter(({ left }) => left.length > 0);
      const [head, tail] = [0, 1].map((entity) => entities.findIndex(({ e }) => e === entity));
      if (head === -1 || tail === -1) return null;
      const shorter: Document = {
        title: doc.title,
        sents: doc.sents.filter((_, s) => s !== sentence),
        vertexSet: entities.map(({ left }) =>
          left.map((mention) =>
            mention.sent_id > sentence ? { ...mention, sent_id: mention.sent_id - 1 } : mention,
          ),
        ),
      };
      const features = documentFeatures(shorter, opened.relations, opened.encode);
      const alone = { kind: 'one-step', relation: opened.models.relation } as const;
      const [scores] = await all(scoreDocuments(alone, [features]));
      const [gated] = await all(scoreDocuments(opened.models, [features]));
      const isPair = (pair: { head: number; tail: number }): boolean =>
        pair.head === head && pair.tail === tail;
      const p = scores?.pairs.findIndex(isPair) ?? -1;
      const k = opened.relations.relationIndex(relation) ?? 0;
      const score = scores?.scores[p * (opened.relations.size - 1) + k - 1] ?? Number.NaN;
      return [score, gated?.pairs.some(isPair) === true];
    };
    const expected = await Promise.all(sentences.map(async ({ sentence }) => byHand(sentence)));
    await opened.dispose();
    expect(expected.filter((row) => row !== null).length).toBeGreaterThan(0);
    expect(sentences.map(({ open }) => open)).toEqual(expected.map((row) => row?.[1] ?? false));
    expect(sentences.map(({ score }) => score === null)).toEqual(expected.map((row) => row === null));
    const close = (found: readonly number[], right: readonly number[]): void =>
      expect(Math.max(...found.map((x, i) => Math.abs(x - (right[i] ?? Number.NaN))))).toBeLessThan(1e-5);
    close(
      sentences.map(({ score }) => score ?? 0),
      expected.map((row) => row?.[0] ?? 0),
    );
    close(
      sentences.map(({ change }) => change),
      expected.map((row) => (row ? whole - row[0] : whole)),
    );
  });

  test('an exported one has no parts and no effects, and says so', async () => {
    const out = join(folder, 'exported');
    for await (const _ of exportSystem(model, out, 'fp32'));
    const [trained, exported] = [await openSystem(model), await openSystem(out)];
    const [a, b] = [
      await explain(trained, doc, { head: 0, tail: 1 }),
      await explain(exported, doc, { head: 0, tail: 1 }),
    ];
    await Promise.all([trained.dispose(), exported.dispose()]);
    expect([b.logit, b.effects]).toEqual([null, null]);
    expect(b.unavailable).toContain('relata train');
    expect(b.relation).toBe(a.relation);
    expect(b.gate?.margin).toBeCloseTo(a.gate?.margin ?? Number.NaN, 4);
    expect(b.sentences.map(({ sentence }) => sentence).toSorted()).toEqual(
      a.sentences.map(({ sentence }) => sentence).toSorted(),
    );
  });
});

test('withoutSentence moves what follows and drops what is left without a mention', () => {
  const doc = words.documents[0] as Document;
  const { doc: shorter, entities } = withoutSentence(doc, 1);
  expect(shorter.sents).toEqual([doc.sents[0], doc.sents[2]]);
  expect(shorter.vertexSet.map((entity) => entity.map(({ sent_id, pos }) => [sent_id, ...pos]))).toEqual([
    [[0, 0, 2]],
    [
      [0, 5, 6],
      [1, 0, 1],
    ],
    [[1, 3, 4]],
  ]);
  expect(entities).toEqual([0, 1, 2]);
  // Of four sentences' entities the second one is named in the other sentence, the third one not.
  expect(withoutSentence(words.documents[1] as Document, 1).entities).toEqual([0, 1, undefined]);
});

describe('long documents', () => {
  const filler = ['grew', 'fell'];
  const entity = (sentence: number) => [{ name: 'x', sent_id: sentence, pos: [0, 1] as const, type: 'LOC' }];

  test('at most 200 sentences are tried, those near the pair', async () => {
    saveWords(join(folder, 'cnn'), { system: 'cnn', mode: 'corrected' });
    const opened = await openSystem(join(folder, 'cnn'));
    const doc = {
      title: 'long',
      sents: Array.from({ length: 230 }, () => filler),
      vertexSet: [entity(220), entity(210)],
    };
    const { sentences, effects } = await explain(opened, doc, { head: 0, tail: 1 });
    await opened.dispose();
    expect(sentences).toHaveLength(200);
    expect(Math.min(...sentences.map(({ sentence }) => sentence))).toBe(30);
    // Convolutions see three words on either side of a mention.
    expect(Math.max(...(effects ?? []).map(({ sentence }) => Math.abs(sentence - 215)))).toBeLessThan(9);
  });

  test.each(['bilstm', 'sentence'] as const)(
    '%s: windows and sentences far apart',
    { timeout: 60_000 },
    async (system) => {
      const opened = await wordSystem(words.configOf({ system, mode: 'corrected', task: 'relation' }));
      const doc = {
        title: 'longer than a window',
        sents: Array.from({ length: 30 }, () => Array.from({ length: 300 }, (_, i) => filler[i % 2] ?? '')),
        vertexSet: [[...entity(1), ...entity(28)], entity(15)],
      };
      const found = await explain(opened, doc, { head: 0, tail: 1, batchPieces: 600 });
      checkSums(found);
      const mentioned = new Set(found.effects?.map(({ sentence }) => sentence));
      for (const sentence of [1, 15, 28]) expect(mentioned).toContain(sentence);
      expect(mentioned).not.toContain(8);
      await opened.dispose();
    },
  );
});

describe('what cannot be explained', () => {
  const doc = words.documents[0] as Document;
  const cases: readonly [string, Document, { head: number; tail: number; relation?: string }, string][] = [
    ['one entity twice', doc, { head: 1, tail: 1 }, 'two entities'],
    ['an entity that is not there', doc, { head: 0, tail: 3 }, 'from 0 to 2, got 3'],
    [
      'a document of one entity',
      { ...doc, vertexSet: doc.vertexSet.slice(0, 1) },
      { head: 0, tail: 1 },
      'at least two',
    ],
    ['a relation of another model', doc, { head: 0, tail: 1, relation: 'P99' }, 'relation "P99"'],
  ];
  test.each(cases)('%s', async (_, given, options, message) => {
    const opened = await wordSystem(words.configOf({ system: 'lstm', mode: 'corrected', task: 'relation' }));
    await expect(explain(opened, given, options)).rejects.toMatchObject({
      exit: 2,
      message: expect.stringContaining(message) as string,
    });
    await opened.dispose();
  });
});

describe('names', () => {
  const entity = (...names: string[]) =>
    names.map((name) => ({ name, sent_id: 0, pos: [0, 1] as const, type: 'PER' }));
  const doc: Document = {
    title: 't',
    sents: [['x']],
    vertexSet: [
      entity('Ada', 'Lovelace'),
      entity('ADA', 'Byron'),
      entity('Byron'),
      entity('7'),
      entity('Zoë  K'),
    ],
  };

  test('an entity by any of its names, as they stand before any case, then by index', () => {
    expect(
      ['Ada', 'ADA', 'lovelace', '7', '4', '#2', ' Zoe\u0308 K '].map((name) => findEntity(doc, name)),
    ).toEqual([0, 1, 0, 3, 4, 2, 4]);
  });

  test.each([
    ['ada', 2, ['#0 "Ada", PER, 2 mentions, also "Lovelace"', '#1 "ADA", PER, 2 mentions, also "Byron"']],
    ['Byron', 2, ['#1 "ADA"', '#2 "Byron", PER, 1 mention']],
    ['#9', 'none', ['#0 "Ada"', '#4 "Zoë  K"']],
  ])('%s is not one entity', (name, count, candidates) => {
    const error = thrown(() => findEntity(doc, name));
    expect(error).toMatchObject({ code: 'E_CHOICE', exit: 2 });
    expect(error.message).toBe(`Expected to find one entity "${name}" in "t", got ${count}`);
    for (const candidate of candidates) expect(error.help).toContain(candidate);
  });

  test('a relation by id or name', () => {
    expect(['P2', 'p2', 'TWO'].map((name) => findRelation(words.relations, name))).toEqual([2, 2, 2]);
    for (const name of ['Na', 'four']) {
      const error = thrown(() => findRelation(words.relations, name));
      expect(error.code).toBe('E_CHOICE');
      expect(error.help).toContain('P3 three');
    }
  });

  test('a document by its title, or the only one', async () => {
    const find = async (titles: string[], title?: string): Promise<string> =>
      findTitled(titles, { title, titleOf: (item) => item, where: 'f.json' });
    expect(await find(['a'])).toBe('a');
    expect(await find(['a', 'b'], 'b')).toBe('b');
    await expect(find(['a', 'b'])).rejects.toMatchObject({
      code: 'E_CHOICE',
      help: expect.stringContaining('\n  b') as string,
    });
    await expect(find(['a', 'b'], 'c')).rejects.toThrow('one document "c" in f.json, got none');
    await expect(find([])).rejects.toThrow('got none');
  });
});

describe.skipIf(!hasShared)('real documents', () => {
  test.each(modes)('BERT, %s: parts sum to the logit', async (mode) => {
    const docs = (await loadDocuments(shared('data/docred/dev.json'))).slice(0, 4);
    const vocabulary = tiny.vocabularyOf(docs, 600);
    const config = tiny.configOf(
      { mode, task: 'relation' },
      { ...tiny.shape, vocabularySize: vocabulary.pieces.length, positions: 128 },
    );
    const opened = await systemOf(config, {
      encode: { ...tiny.encodeOptions(config), wordPiece: new WordPiece(vocabulary) },
      relations: tiny.relations,
      weights: (specs) => tiny.drawn(specs),
    });
    for (const doc of docs) {
      const found = await explain(opened, doc, { head: doc.vertexSet.length - 1, tail: 0 });
      expect(found.title).toBe(doc.title);
      checkSums(found);
    }
    await opened.dispose();
  });
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

function thrown(run: () => unknown): { code: string; message: string; help: string; exit: number } {
  try {
    run();
  } catch (error) {
    return error as { code: string; message: string; help: string; exit: number };
  }
  throw new Error('nothing was thrown');
}
