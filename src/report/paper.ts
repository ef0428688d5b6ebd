/**
 * What the paper printed: Wang et al. 2019, "Fine-tune Bert for DocRED with Two-step Process", arXiv:1909.11898.
 *
 * Scores are shares of 1. Rows CNN to Context-Aware of Table 2, and BiLSTM's of Table 3, are those of the DocRED paper (Yao
 * et al. 2019), which this paper copies.
 */
import type { ComparedRun, ComparedSystem, DataSet } from './comparison.ts';

export const citation = {
  title: 'Fine-tune Bert for DocRED with Two-step Process',
  authors: 'Wang, Focke, Sylvester, Mishra, Wang (2019)',
  url: 'https://arxiv.org/abs/1909.11898',
} as const;

/** Table 1; every split counts with the schema's 96 relations. */
export const table1: Readonly<
  Record<DataSet['role'], Pick<DataSet, 'documents' | 'relations' | 'instances' | 'facts'>>
> = {
  train: { documents: 3053, relations: 96, instances: 38_269, facts: 34_715 },
  dev: { documents: 1000, relations: 96, instances: 12_332, facts: 11_790 },
  test: { documents: 1000, relations: 96, instances: 12_842, facts: 12_101 },
};

interface Named {
  readonly label: string;
  readonly system: ComparedSystem;
  readonly twoStep: boolean;
}

/** Table 2: F1. */
export const table2: readonly (Named & { readonly dev: number; readonly test: number })[] = [
  { label: 'CNN', system: 'cnn', twoStep: false, dev: 0.4345, test: 0.4226 },
  { label: 'LSTM', system: 'lstm', twoStep: false, dev: 0.5068, test: 0.5007 },
  { label: 'BiLSTM', system: 'bilstm', twoStep: false, dev: 0.5094, test: 0.5106 },
  { label: 'Context-Aware', system: 'context-aware', twoStep: false, dev: 0.5109, test: 0.507 },
  { label: 'BERT', system: 'bert', twoStep: false, dev: 0.5416, test: 0.532 },
  { label: 'BERT-Two-Step', system: 'bert', twoStep: true, dev: 0.5442, test: 0.5392 },
];

/** Table 3: F1 and AUC on dev. */
export const table3: readonly (Named & { readonly f1: number; readonly auc: number })[] = [
  { label: 'BiLSTM', system: 'bilstm', twoStep: false, f1: 0.5094, auc: 0.5026 },
  { label: 'SentModel', system: 'sentence', twoStep: false, f1: 0.5097, auc: 0.4931 },
];

/** The paper's F1 for a system, from Table 2 or, for SentModel, Table 3; undefined where it has none. */
export function paperF1(
  run: Pick<ComparedRun, 'system' | 'twoStep'>,
): { readonly dev: number; readonly test: number | null } | undefined {
  const row = table2.find((row) => isRowOf(row, run));
  if (row !== undefined) return { dev: row.dev, test: row.test };
  const sentence = table3.find((row) => isRowOf(row, run));
  return sentence && { dev: sentence.f1, test: null };
}

/** Whether a row of the paper is about such runs. */
export function isRowOf(row: Named, run: Pick<ComparedRun, 'system' | 'twoStep'>): boolean {
  return row.system === run.system && row.twoStep === run.twoStep;
}
