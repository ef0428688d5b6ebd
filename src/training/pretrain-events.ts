/** What happens in a pretraining run. Times are seconds that it has taken, also in earlier processes. */
import type { BertShape } from '../nn/bert-encoder.ts';
import type { PretrainRequest } from './pretrain-options.ts';

/** What the encoder knows of text that it never read. */
export interface HeldOutScores {
  /** Cross-entropy of a masked piece, in nats. */
  readonly loss: number;
  /** e to the loss. */
  readonly perplexity: number;
  /** Share of masked pieces whose right piece is the most probable one. */
  readonly accuracy: number;
}

/** What a run works on, in numbers. */
export interface PretrainPreparation {
  readonly request: PretrainRequest;
  readonly shape: BertShape;
  readonly documents: number;
  readonly words: number;
  /** Pieces to train on, and those that are held out. */
  readonly pieces: number;
  readonly heldOut: number;
  /** Pieces of the vocabulary, and where it is from. */
  readonly vocabulary: number;
  readonly vocabularyFrom: 'text' | 'file' | 'checkpoint';
  readonly learningRate: number;
  /** Whether the run goes on from a checkpoint's weights. */
  readonly pretrained: boolean;
}

export type PretrainEvent =
  | {
      /** While the text is read: for a vocabulary, or to become pieces. */
      readonly kind: 'text';
      readonly doing: 'counting words' | 'cutting into pieces';
      /** Of the files as they lie on disk. */
      readonly bytes: number;
      readonly totalBytes: number;
      readonly words: number;
    }
  | { readonly kind: 'prepared'; readonly about: PretrainPreparation }
  /** Weights of the checkpoint that are not used. */
  | { readonly kind: 'ignored'; readonly names: readonly string[] }
  /** The checkpoint is an encoder alone: the head that guesses pieces begins with random weights. */
  | { readonly kind: 'no-head' }
  | {
      readonly kind: 'start';
      readonly step: number;
      /** Of the schedule that is done, from 0 to 1. */
      readonly share: number;
      readonly parameters: number;
      readonly seconds: number;
    }
  | {
      readonly kind: 'step';
      /** Updates done. */
      readonly step: number;
      readonly share: number;
      readonly loss: number;
      /** Norm of all gradients, before clipping. */
      readonly norm: number;
      readonly learningRate: number;
      /** Of this update: pieces read, and of them predicted. */
      readonly pieces: number;
      readonly masked: number;
      /** Pieces of a window. */
      readonly window: number;
      readonly seconds: number;
    }
  | ({
      readonly kind: 'evaluation';
      readonly step: number;
      readonly share: number;
      /** Read since the run began. */
      readonly pieces: number;
      /** Largest resident size of the process, in bytes. */
      readonly memory: number;
      readonly seconds: number;
    } & HeldOutScores)
  | { readonly kind: 'checkpoint' | 'interrupted'; readonly step: number; readonly path: string }
  | {
      readonly kind: 'result';
      readonly folder: string;
      readonly scores: HeldOutScores;
      readonly step: number;
      readonly pieces: number;
      readonly seconds: number;
    };
