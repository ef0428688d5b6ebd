/** What pretraining learns: the masked pieces of windows. */
import type { MaskedWindow } from '../features/mask-words.ts';
import { maskedLanguageModel, questionInputs } from '../models/masked-lm.ts';
import type { BertShape } from '../nn/bert-encoder.ts';
import { maskedLoss } from '../nn/masked-lm-head.ts';
import { float32, int32 } from '../runtime/session.ts';
import type { Lesson } from './objective.ts';

/** Of a batch. The loss is divided by its masked pieces. */
export interface MaskedTotals {
  readonly masked: number;
}

export function maskedLesson(shape: BertShape): Lesson<MaskedWindow, MaskedTotals> {
  return {
    build: (graph, dropout) => {
      const { params, head } = maskedLanguageModel(graph, shape, dropout);
      const loss = maskedLoss(
        head,
        graph.input('targets', 'int32', ['K']),
        graph.input('scale', 'float32', []),
      );
      return { params, loss, classes: shape.vocabularySize };
    },
    feeds: (windows, { masked }) => {
      const { sizes, tensors } = questionInputs(windows);
      const targets = Int32Array.from(windows.flatMap((window) => [...window.targets]));
      return {
        sizes,
        tensors: {
          ...tensors,
          targets: int32(targets, [targets.length]),
          scale: float32(Float32Array.of(1 / masked), []),
        },
      };
    },
  };
}
