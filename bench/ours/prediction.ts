/** From a file of documents to facts, by the library as anyone calls it. The time of the set-up is that of opening the model. */
import { openSystem, predict, readDocuments } from '../../src/index.ts';
import { serve, timed } from './serve.ts';

export interface PredictionSetup {
  /** A saved or exported model. */
  readonly folder: string;
  readonly threads: number;
}

await serve<PredictionSetup>(async ({ folder, threads }) => {
  const system = await openSystem(folder, { threads });
  return {
    turn: async ({ file }) => {
      let [documents, facts] = [0, 0];
      const ms = await timed(async () => {
        for await (const found of predict(system, readDocuments(String(file)))) {
          documents++;
          facts += found.facts.length;
        }
      });
      return { ms, documents, facts };
    },
  };
});
