/** Defaults that depend on the system, against the sources that they name. */
import { describe, expect, test } from 'vitest';

import { encoderSystems } from '../../src/models/systems.ts';
import { beginningOf, effectiveOptions, trainingSchema } from '../../src/training/options.ts';

const plain = trainingSchema.parse({});
const baselines = {
  epochs: 200,
  evaluateEvery: 5,
  optimizer: 'adam',
  weightDecay: 0,
  clipNorm: 0,
  warmup: 0,
  decay: 'none',
};

describe('effectiveOptions', () => {
  test('word-level systems have those of the DocRED baselines, whatever is said of an encoder', () => {
    for (const system of encoderSystems.filter((name) => name !== 'bert')) {
      const options = effectiveOptions(plain, system, 'random weights');
      expect(options, system).toMatchObject({
        ...baselines,
        batchDocuments: 40,
        learningRate: 1e-3,
        headLearningRate: 1e-3,
        dropout: system === 'cnn' ? 0.5 : 0.2,
      });
      expect(effectiveOptions(plain, system, 'pretrained')).toEqual(options);
    }
  });

  test("bert has the paper's where it is pretrained, and its own from random weights", () => {
    expect(effectiveOptions(plain, 'bert', 'pretrained')).toMatchObject({
      ...baselines,
      batchDocuments: 30,
      learningRate: 1e-5,
      headLearningRate: 1e-5,
      dropout: 0.1,
    });
    expect(effectiveOptions(plain, 'bert', 'random weights')).toMatchObject({
      epochs: 20,
      evaluateEvery: 1,
      batchDocuments: 8,
      optimizer: 'adamw',
      learningRate: 5e-4,
      headLearningRate: 1e-3,
      weightDecay: 0.01,
      clipNorm: 1,
      warmup: 0.05,
      decay: 'linear',
      dropout: 0.1,
    });
  });

  test('a small pretrained bert has those of random weights, but for its rate', () => {
    const random = effectiveOptions(plain, 'bert', 'random weights');
    expect(effectiveOptions(plain, 'bert', 'small pretrained')).toEqual({ ...random, learningRate: 3e-4 });
    const of = (width: number, pretrained: boolean) =>
      beginningOf({ pretrained, config: { encoder: { width } } });
    expect([of(256, true), of(512, true), of(768, true), of(768, false)]).toEqual([
      'small pretrained',
      'small pretrained',
      'pretrained',
      'random weights',
    ]);
  });

  test('what is given stays; the rate of the head follows the rate, from random weights it does not', () => {
    const given = trainingSchema.parse({ dropout: 0, learningRate: 2e-4, epochs: 3, batchPieces: 600 });
    for (const system of encoderSystems) {
      const options = effectiveOptions(given, system, 'random weights');
      expect(options).toMatchObject(given);
      expect(options.headLearningRate, system).toBe(system === 'bert' ? 1e-3 : 2e-4);
    }
  });

  test('patience is 10, in faithful mode without end', () => {
    for (const system of encoderSystems) {
      expect(effectiveOptions(plain, system, 'random weights').patience).toBe(10);
      expect(effectiveOptions({ ...plain, mode: 'faithful' }, system, 'random weights').patience).toBe(0);
    }
  });
});
