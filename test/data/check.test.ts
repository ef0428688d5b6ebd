import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { checkDocument, type CheckOptions } from '../../src/data/check.ts';
import { createTitleChecker } from '../../src/data/check-titles.ts';
import { problemKinds } from '../../src/data/problem.ts';
import { readElements } from '../../src/data/read.ts';
import { hasShared, shared } from '../shared.ts';
import { adaDocument, changed, type Loose } from './documents.ts';

const place = { file: 'a.json', index: 7 };
const found = (value: unknown, options?: CheckOptions): string[] =>
  checkDocument(value, place, options).problems.map(({ code, path }) => `${code} ${path}`);
const at = <T>(items: readonly T[], index: number): T => items[index] as T;

describe('a sound document', () => {
  it('comes back as it is, with no problem', () => {
    expect(checkDocument(adaDocument, place)).toEqual({ document: adaDocument, problems: [] });
  });

  it('may have extra keys, which are dropped', () => {
    const value = changed((doc) => {
      doc['source'] = 'x';
      at(at(doc.vertexSet, 0), 0)['global_pos'] = [0, 0];
    });
    expect(checkDocument(value, place)).toEqual({ document: adaDocument, problems: [] });
  });

  it('may be without labels', () => {
    const { labels: _, ...unlabelled } = adaDocument;
    expect(checkDocument(unlabelled, place)).toEqual({ document: unlabelled, problems: [] });
    expect(checkDocument({ ...adaDocument, labels: null }, place).document).toEqual(unlabelled);
  });
});

describe('errors', () => {
  const cases: [string, (doc: Loose) => void, string][] = [
    ['title of another type', (doc) => (doc.title = 3), 'wrong-type $.title'],
    ['no title', (doc) => delete doc.title, 'missing-key $'],
    ['sentence that is text', (doc) => (doc.sents[1] = 'Ada died' as never), 'wrong-type $.sents[1]'],
    ['word that is a number', (doc) => (at(doc.sents, 1)[2] = 1815), 'wrong-type $.sents[1][2]'],
    ['entity without mentions', (doc) => (doc.vertexSet[2] = []), 'entity-empty $.vertexSet[2]'],
    ['entity that is an object', (doc) => (doc.vertexSet[1] = {} as never), 'wrong-type $.vertexSet[1]'],
    [
      'mention that is null',
      (doc) => (at(doc.vertexSet, 0)[1] = null as never),
      'wrong-type $.vertexSet[0][1]',
    ],
    ['name absent', (doc) => delete at(at(doc.vertexSet, 0), 1)['name'], 'missing-key $.vertexSet[0][1]'],
    ['type null', (doc) => (at(at(doc.vertexSet, 0), 1)['type'] = null), 'wrong-type $.vertexSet[0][1].type'],
    [
      'sentence past the end',
      (doc) => (at(at(doc.vertexSet, 1), 0)['sent_id'] = 2),
      'sentence-range $.vertexSet[1][0].sent_id',
    ],
    [
      'sentence before the start',
      (doc) => (at(at(doc.vertexSet, 1), 0)['sent_id'] = -1),
      'sentence-range $.vertexSet[1][0].sent_id',
    ],
    [
      'sentence between two',
      (doc) => (at(at(doc.vertexSet, 1), 0)['sent_id'] = 0.5),
      'wrong-type $.vertexSet[1][0].sent_id',
    ],
    [
      'span past its sentence',
      (doc) => (at(at(doc.vertexSet, 2), 0)['pos'] = [4, 6]),
      'span-range $.vertexSet[2][0].pos',
    ],
    [
      'span before its sentence',
      (doc) => (at(at(doc.vertexSet, 2), 0)['pos'] = [-1, 2]),
      'span-range $.vertexSet[2][0].pos',
    ],
    [
      'span without words',
      (doc) => (at(at(doc.vertexSet, 2), 0)['pos'] = [3, 3]),
      'span-range $.vertexSet[2][0].pos',
    ],
    [
      'span of three',
      (doc) => (at(at(doc.vertexSet, 2), 0)['pos'] = [3, 4, 5]),
      'wrong-type $.vertexSet[2][0].pos',
    ],
    ['labels that are an object', (doc) => (doc['labels'] = { head: [] } as never), 'wrong-type $.labels'],
    ['label that is an array', (doc) => (doc.labels[0] = [] as never), 'wrong-type $.labels[0]'],
    ['head that does not exist', (doc) => (at(doc.labels, 0)['h'] = 3), 'label-entity $.labels[0].h'],
    ['tail below 0', (doc) => (at(doc.labels, 0)['t'] = -1), 'label-entity $.labels[0].t'],
    ['tail that is text', (doc) => (at(doc.labels, 0)['t'] = '1'), 'wrong-type $.labels[0].t'],
    ['no relation', (doc) => delete at(doc.labels, 1)['r'], 'missing-key $.labels[1]'],
    [
      'evidence of text',
      (doc) => (at(doc.labels, 1)['evidence'] = ['0']),
      'wrong-type $.labels[1].evidence[0]',
    ],
    [
      'evidence that is a number',
      (doc) => (at(doc.labels, 1)['evidence'] = 0),
      'wrong-type $.labels[1].evidence',
    ],
  ];
  it.each(cases)('%s', (_, change, expected) => {
    const { document, problems } = checkDocument(changed(change), place);
    expect(document).toBeUndefined();
    expect(problems.map(({ code, path }) => `${code} ${path}`)).toEqual([expected]);
    expect(problems[0]?.severity).toBe('error');
  });

  it('names every missing key at once', () => {
    expect(found({})).toEqual(['missing-key $', 'missing-key $', 'missing-key $']);
    expect(found([1])).toEqual(['wrong-type $']);
    expect(found(null)).toEqual(['wrong-type $']);
  });

  it('says what was expected, what was found and where', () => {
    const value = changed((doc) => (at(at(doc.vertexSet, 2), 0)['pos'] = [4, 6]));
    expect(checkDocument(value, place).problems).toEqual([
      {
        severity: 'error',
        code: 'span-range',
        file: 'a.json',
        index: 7,
        title: 'Ada',
        path: '$.vertexSet[2][0].pos',
        message: 'Expected pos to be [start, end) with words inside its sentence of 5 words, got [4, 6]',
      },
    ]);
  });

  it('finds a relation outside the schema', () => {
    const relations = new Set(['P19']);
    expect(found(adaDocument, { relations })).toEqual(['relation-unknown $.labels[1].r']);
    expect(found(adaDocument, { relations: new Set(['P19', 'P17']) })).toEqual([]);
  });

  it('reports errors and warnings of one document together', () => {
    const value = changed((doc) => {
      doc.vertexSet[2] = [];
      at(doc.labels, 0)['t'] = 0;
      at(doc.labels, 1)['h'] = 9;
    });
    expect(found(value)).toEqual([
      'entity-empty $.vertexSet[2]',
      'label-self $.labels[0]',
      'label-entity $.labels[1].h',
    ]);
    expect(found(value, { warnings: false })).toEqual([
      'entity-empty $.vertexSet[2]',
      'label-entity $.labels[1].h',
    ]);
  });
});

describe('warnings', () => {
  const mention = { name: 'Ada', sent_id: 0, pos: [0, 1], type: 'PER' };
  const cases: [string, (doc: Loose) => void, string][] = [
    ['empty title', (doc) => (doc.title = ''), 'title-empty $.title'],
    ['empty sentence', (doc) => doc.sents.push([]), 'sentence-empty $.sents[2]'],
    ['empty word', (doc) => at(doc.sents, 1).push(''), 'word-empty $.sents[1][5]'],
    ['word of a non-breaking space', (doc) => at(doc.sents, 1).push('\u00a0'), 'word-no-piece $.sents[1][5]'],
    [
      'word of a zero-width space',
      (doc) => at(doc.sents, 1).push('\u200b\u0007'),
      'word-no-piece $.sents[1][5]',
    ],
    [
      'name unlike its words',
      (doc) => (at(at(doc.vertexSet, 1), 0)['name'] = 'Londres'),
      'mention-name $.vertexSet[1][0].name',
    ],
    [
      'mention listed twice',
      (doc) => at(doc.vertexSet, 1).push({ ...at(at(doc.vertexSet, 1), 0) }),
      'mention-repeated $.vertexSet[1][1]',
    ],
    [
      'mention inside another of its entity',
      (doc) => at(doc.vertexSet, 0).push(mention),
      'mention-overlap $.vertexSet[0][2]',
    ],
    ['words of two entities', (doc) => doc.vertexSet.push([mention]), 'mention-shared $.vertexSet[3][0]'],
    [
      'mentions of two types',
      (doc) => (at(at(doc.vertexSet, 0), 1)['type'] = 'MISC'),
      'entity-types $.vertexSet[0]',
    ],
    [
      'sentence index as text',
      (doc) => (at(at(doc.vertexSet, 0), 1)['sent_id'] = '1'),
      'sentence-id-text $.vertexSet[0][1].sent_id',
    ],
    ['head that is the tail', (doc) => (at(doc.labels, 0)['t'] = 0), 'label-self $.labels[0]'],
    ['fact stated twice', (doc) => doc.labels.push({ ...at(doc.labels, 0) }), 'label-repeated $.labels[2]'],
    ['relation Na', (doc) => (at(doc.labels, 0)['r'] = 'Na'), 'label-na $.labels[0].r'],
    [
      'evidence that is null',
      (doc) => (at(doc.labels, 0)['evidence'] = [null]),
      'evidence-null $.labels[0].evidence[0]',
    ],
    ['no evidence', (doc) => delete at(doc.labels, 0)['evidence'], 'evidence-null $.labels[0].evidence'],
    [
      'evidence past the end',
      (doc) => (at(doc.labels, 0)['evidence'] = [2]),
      'evidence-range $.labels[0].evidence[0]',
    ],
    [
      'evidence twice',
      (doc) => (at(doc.labels, 0)['evidence'] = [1, 1]),
      'evidence-repeated $.labels[0].evidence',
    ],
    [
      'too many words',
      (doc) => (doc.sents[2] = Array.from({ length: 499 }, () => 'a')),
      'document-long $.sents',
    ],
  ];
  it.each(cases)('%s', (_, change, expected) => {
    const { document, problems } = checkDocument(changed(change), place);
    expect(document).toBeDefined();
    expect(problems.map(({ code, path }) => `${code} ${path}`)).toEqual([expected]);
    expect(problems[0]?.severity).toBe('warning');
    expect(checkDocument(changed(change), place, { warnings: false })).toEqual({ document, problems: [] });
  });

  it('a document with neither sentences nor entities is odd, not wrong', () => {
    const { document, problems } = checkDocument({ title: 'x', sents: [], vertexSet: [] }, place);
    expect(document).toEqual({ title: 'x', sents: [], vertexSet: [] });
    expect(problems.map(({ code }) => code)).toEqual(['document-empty']);
  });

  it('reads null evidence as none and a sentence index of digits as a number', () => {
    const value = changed((doc) => {
      at(doc.labels, 0)['evidence'] = [null, 1];
      at(doc.labels, 1)['evidence'] = null;
      at(at(doc.vertexSet, 0), 1)['sent_id'] = '1';
    });
    const { document } = checkDocument(value, place);
    expect(document?.labels?.map(({ evidence }) => evidence)).toEqual([[1], []]);
    expect(document?.vertexSet[0]?.[1]?.sent_id).toBe(1);
  });

  it('drops labels that mean no relation, whatever they hold', () => {
    const value = changed((doc) => doc.labels.push({ h: 99, t: null, r: 'NR' }));
    expect(found(value)).toContain('label-entity $.labels[2].h');
    expect(checkDocument(value, place, { noRelation: ['NR'] })).toEqual({
      document: adaDocument,
      problems: [],
    });
  });

  it('counts pieces where it is told how', () => {
    // 12 words of 43 pieces are 516; 12 of 42 are 504.
    expect(found(adaDocument, { piecesOf: () => 43 })).toEqual(['document-long $.sents']);
    expect(found(adaDocument, { piecesOf: () => 42 })).toEqual([]);
    expect(found(adaDocument, { piecesOf: (word) => (word === '.' ? 0 : 1) })).toEqual([
      'word-no-piece $.sents[0][6]',
      'word-no-piece $.sents[1][4]',
    ]);
  });

  it('finds titles again, in a file and across files', () => {
    const check = createTitleChecker();
    expect(check('x', { file: 'a', index: 0 })).toBeUndefined();
    expect(check('y', { file: 'a', index: 1 })).toBeUndefined();
    expect(check('x', { file: 'a', index: 2 })).toMatchObject({ code: 'title-repeated', index: 2 });
    expect(check('y', { file: 'b', index: 0 })).toMatchObject({ code: 'title-shared', index: 0 });
  });
});

describe('any JSON at all', () => {
  const leaf = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.integer({ min: -2, max: 3 }));

  it('never throws; gives a document exactly when there is no error', () => {
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 6 }, leaf, fc.array(tie('tree'), { maxLength: 4 }), tie('object')),
      object: fc.dictionary(
        fc.constantFrom(
          'title',
          'sents',
          'vertexSet',
          'labels',
          'name',
          'sent_id',
          'pos',
          'type',
          'h',
          't',
          'r',
          'evidence',
          '__proto__',
        ),
        tie('tree'),
      ),
    }));
    fc.assert(
      fc.property(tree, (tree) => {
        const value: unknown = JSON.parse(JSON.stringify(tree));
        const { document, problems } = checkDocument(value, place);
        const wrong = problems.some(({ code }) => problemKinds[code].severity === 'error');
        expect(document === undefined).toBe(wrong);
      }),
      { numRuns: 2000 },
    );
  });

  it('a document with one value replaced never throws, and what passes is sound', () => {
    const paths: (readonly (string | number)[])[] = [];
    const walk = (value: unknown, path: readonly (string | number)[]): void => {
      if (path.length > 0) paths.push(path);
      if (typeof value !== 'object' || value === null) return;
      for (const [key, item] of Object.entries(value))
        walk(item, [...path, Array.isArray(value) ? Number(key) : key]);
    };
    walk(adaDocument, []);
    fc.assert(
      fc.property(fc.constantFrom(...paths), leaf, (path, replacement) => {
        const value = changed((doc) => {
          let parent: Record<string | number, unknown> = doc;
          for (const key of path.slice(0, -1)) parent = parent[key] as Record<string | number, unknown>;
          parent[path.at(-1) as string] = replacement;
        });
        const { document } = checkDocument(value, place);
        for (const mention of document?.vertexSet.flat() ?? []) {
          const words = document?.sents[mention.sent_id]?.slice(...mention.pos) ?? [];
          expect(words).toHaveLength(mention.pos[1] - mention.pos[0]);
          expect(words.length).toBeGreaterThan(0);
        }
        for (const { h, t } of document?.labels ?? []) {
          expect(document?.vertexSet[h]).toBeDefined();
          expect(document?.vertexSet[t]).toBeDefined();
        }
      }),
      { numRuns: 3000 },
    );
  });
});

async function countKinds(file: string, options?: CheckOptions): Promise<Record<string, number>> {
  const result: Record<string, number> = {};
  for await (const { text, index } of readElements(shared(`data/${file}`))) {
    const { problems } = checkDocument(JSON.parse(text), { file, index }, options);
    for (const { code } of problems) result[code] = (result[code] ?? 0) + 1;
  }
  return result;
}

describe.skipIf(!hasShared)('real corpora', () => {
  it("finds what was measured in DocRED's test documents", async () => {
    const overlapping = new Set<string>();
    const pieceless = new Set<number>();
    for await (const { text, index } of readElements(shared('data/docred/test.json'))) {
      for (const { code, path } of checkDocument(JSON.parse(text), { file: '', index }).problems) {
        if (/^mention-(repeated|overlap)$/.test(code)) overlapping.add(`${index} ${path.split('][')[0]}`);
        if (code === 'word-no-piece') pieceless.add(index);
      }
    }
    const found = await countKinds('docred/test.json');
    expect(found).toMatchObject({ 'word-no-piece': 93, 'mention-name': 11, 'entity-types': 19 });
    expect(pieceless.size).toBe(55);
    expect(overlapping.size).toBe(234);
  });

  it.each([
    'docred/train',
    'docred/dev',
    'redocred/train',
    'redocred/dev',
    'cdr/train',
    'cdr/dev',
    'dwie/dev',
  ])('%s has no error', async (file) => {
    const kinds = Object.keys(await countKinds(`${file}.json`)) as (keyof typeof problemKinds)[];
    expect(kinds.filter((code) => problemKinds[code].severity === 'error')).toEqual([]);
  });

  it('CDR without its NR labels repeats fewer facts', async () => {
    expect((await countKinds('cdr/train.json'))['evidence-null']).toBe(5240);
    expect((await countKinds('cdr/train.json', { noRelation: ['NR'] }))['evidence-null']).toBe(1038);
  });
});
