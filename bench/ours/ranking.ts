/** Ranks and measures all facts of DocRED's test part, with made-up scores: what evaluation does after the model has run. */
import { Rng } from '../../src/core/rng.ts';
import type { Document } from '../../src/data/document.ts';
import { loadDocuments } from '../../src/data/read.ts';
import { readRelationInfo, relationVocabulary } from '../../src/data/relations.ts';
import { rankDocuments } from '../../src/evaluation/rank-documents.ts';
import { serve, timed } from './serve.ts';

export interface RankingSetup {
  /** Documents without labels; one pair in thirty is given one. */
  readonly documents: string;
  readonly relations: string;
}

await serve<RankingSetup>(async (setup) => {
  const relations = relationVocabulary(readRelationInfo(setup.relations));
  const rng = Rng.fromSeed(1, 'ranking');
  const documents = (await loadDocuments(setup.documents)).map((doc): Document => {
    const labels = pairsOf(doc)
      .filter(() => rng.uniform() < 1 / 30)
      .map(({ head, tail }) => ({
        h: head,
        t: tail,
        r: relations.relationId(1 + rng.integer(relations.size - 1)),
        evidence: [],
      }));
    return { ...doc, labels };
  });
  return {
    turn: async () => {
      let facts = 0;
      const ms = await timed(async () => {
        const { ranking, gold } = await rankDocuments(scored(documents, relations.size - 1, rng), documents, {
          relations,
          rankClosed: false,
        });
        ranking.curve(gold);
        facts = ranking.size;
      });
      return { ms, facts };
    },
  };
});

function pairsOf({ vertexSet }: Document): { head: number; tail: number }[] {
  return vertexSet.flatMap((_, head) =>
    vertexSet.flatMap((__, tail) => (head === tail ? [] : [{ head, tail }])),
  );
}

async function* scored(documents: readonly Document[], width: number, rng: Rng) {
  for (const doc of documents) {
    const pairs = pairsOf(doc);
    const scores = new Float32Array(pairs.length * width);
    for (let i = 0; i < scores.length; i++) scores[i] = rng.uniform();
    yield { pairs, scores, closed: [] };
  }
}
