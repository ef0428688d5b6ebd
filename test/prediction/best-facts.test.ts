/** The best of many, against sorting all of them. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { BestFacts } from '../../src/prediction/best-facts.ts';

test('keeps the best, of equal ones the first, and counts the others', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(12), { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (scores, most) => {
      const best = new BestFacts<{ score: number; place: number }>(most);
      const all = scores.map((score, place) => ({ score, place }));
      for (const fact of all) best.add(fact);
      const expected = all.toSorted((a, b) => b.score - a.score || a.place - b.place);
      expect(best.leftOut).toBe(Math.max(0, all.length - most));
      expect(best.sorted()).toEqual(expected.slice(0, most));
      expect(best.leftOut).toBe(Math.max(0, all.length - most));
    }),
  );
});
