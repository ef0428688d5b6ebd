import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { loadDocuments } from '../../src/data/read.ts';
import { bCubed } from '../../src/evaluation/b-cubed.ts';
import { scoreCoreference } from '../../src/evaluation/coreference-scores.ts';
import { hasShared, shared } from '../shared.ts';

const arbEntities = fc.array(fc.nat(5), { maxLength: 20 });
const arbClustering = fc
  .array(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 25 })
  .map((pairs) => ({ gold: pairs.map(([gold]) => gold), found: pairs.map(([, found]) => `f${found}`) }));

describe('bCubed', () => {
  it("gives Bagga and Baldwin's example: 12 mentions of which two entities were put together", () => {
    const gold = [...'111112244444'];
    // The entities of 2 and 5 mentions as one: precision (5 + 2 * 2/7 + 5 * 5/7) / 12 = 16/21, recall 1.
    expect(bCubed([{ gold, found: [...'aaaaabbbbbbb'] }])).toMatchObject({
      precision: expect.closeTo(16 / 21, 12),
      recall: 1,
      f1: expect.closeTo(32 / 37, 12),
      exact: 1 / 3,
      mentions: 12,
      entities: 3,
    });
    // Both entities of 5 as one: precision (5 * 1/2 + 2 + 5 * 1/2) / 12 = 7/12.
    expect(bCubed([{ gold, found: [...'aaaaabbaaaaa'] }]).precision).toBeCloseTo(7 / 12, 12);
  });

  it('is what its definition says, mention by mention', () => {
    fc.assert(
      fc.property(fc.array(arbClustering, { maxLength: 4 }), (documents) => {
        const terms = documents.flatMap(({ gold, found }) =>
          gold.map((entity, i) => {
            const inGold = gold.flatMap((other, j) => (other === entity ? [j] : []));
            const inFound = found.flatMap((other, j) => (other === found[i] ? [j] : []));
            const both = inGold.filter((j) => inFound.includes(j)).length;
            return [both / inFound.length, both / inGold.length] as const;
          }),
        );
        const mean = (k: 0 | 1): number =>
          terms.length === 0 ? 1 : terms.reduce((sum, term) => sum + term[k], 0) / terms.length;
        const scores = bCubed(documents);
        expect(scores.precision).toBeCloseTo(mean(0), 10);
        expect(scores.recall).toBeCloseTo(mean(1), 10);
        for (const score of [scores.precision, scores.recall, scores.f1, scores.exact]) {
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(1 + 1e-12);
        }
      }),
    );
  });

  it('is 1 for the gold entities under other names; alone, mentions are precise; together, complete', () => {
    fc.assert(
      fc.property(arbEntities, (gold) => {
        const scores = bCubed([{ gold, found: gold.map((entity) => `e${entity}`) }]);
        expect(
          [scores.precision, scores.recall, scores.f1, scores.exact].map((score) => score.toFixed(12)),
        ).toEqual(Array.from({ length: 4 }, () => (1).toFixed(12)));
        expect(bCubed([{ gold, found: gold.map((_, i) => i) }]).precision).toBeCloseTo(1, 12);
        expect(bCubed([{ gold, found: gold.map(() => 0) }]).recall).toBeCloseTo(1, 12);
      }),
    );
  });
});

describe('scoreCoreference', () => {
  it('counts links by rule, and those that are right', () => {
    const mention = (name: string, sent_id: number) => ({ name, sent_id, pos: [0, 1] as const, type: 'PER' });
    const scores = scoreCoreference([
      {
        title: 'T',
        sents: [],
        vertexSet: [
          [mention('Marie Curie', 0), mention('Curie', 1), mention('Curie', 2)],
          [mention('Ada Lovelace', 3)],
          [mention('Ada', 4)],
        ],
      },
    ]);
    expect(scores.byReason).toMatchObject({
      exact: { links: 1, right: 1 },
      'last-name': { links: 2, right: 1 },
      alias: { links: 0, right: 0 },
    });
    expect(scores).toMatchObject({ precision: 4 / 5, recall: 1, exact: 1 / 3 });
  });

  it.skipIf(!hasShared)('is high on DocRED, and every rule helps', async () => {
    const documents = await loadDocuments(shared('data/docred/dev.json'));
    const { f1, exact } = scoreCoreference(documents);
    expect(f1).toBeGreaterThan(0.965);
    expect(exact).toBeGreaterThan(0.929);
    for (const rule of ['exact', 'alias', 'abbreviation', 'last-name', 'head-word'] as const) {
      expect([rule, scoreCoreference(documents, { without: [rule] }).f1 < f1]).toEqual([rule, true]);
    }
  });
});
