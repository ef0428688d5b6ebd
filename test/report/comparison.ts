/** Comparisons to write reports of: a whole one with invented but likely numbers, and the odd ones. */
import { Rng } from '../../src/core/rng.ts';
import type { ComparedRun, Comparison } from '../../src/report/comparison.ts';

interface Likely {
  readonly label: string;
  readonly system: ComparedRun['system'];
  readonly twoStep?: boolean;
  readonly f1: number;
  readonly seeds?: number;
  readonly parameters: number;
  readonly epochs: readonly number[];
  readonly speed: number;
  readonly memory: number;
}

const likely: readonly Likely[] = [
  {
    label: 'CNN',
    system: 'cnn',
    f1: 0.3418,
    parameters: 6_214_397,
    epochs: [36],
    speed: 41_200,
    memory: 1.21e9,
  },
  {
    label: 'LSTM',
    system: 'lstm',
    f1: 0.3792,
    parameters: 3_471_905,
    epochs: [41],
    speed: 30_800,
    memory: 1.02e9,
  },
  {
    label: 'BiLSTM',
    system: 'bilstm',
    f1: 0.3954,
    seeds: 3,
    parameters: 3_626_785,
    epochs: [38],
    speed: 22_400,
    memory: 1.34e9,
  },
  {
    label: 'Context-Aware',
    system: 'context-aware',
    f1: 0.4011,
    parameters: 4_330_721,
    epochs: [33],
    speed: 12_900,
    memory: 1.87e9,
  },
  {
    label: 'SentModel',
    system: 'sentence',
    f1: 0.3921,
    seeds: 3,
    parameters: 3_626_785,
    epochs: [35],
    speed: 25_100,
    memory: 1.18e9,
  },
  {
    label: 'BERT',
    system: 'bert',
    f1: 0.16,
    parameters: 13_484_017,
    epochs: [8],
    speed: 1_940,
    memory: 1.33e9,
  },
  {
    label: 'BERT-Two-Step',
    system: 'bert',
    twoStep: true,
    f1: 0.212,
    parameters: 26_968_034,
    epochs: [8, 8],
    speed: 2_020,
    memory: 1.28e9,
  },
  {
    label: 'BiLSTM, two steps',
    system: 'bilstm',
    twoStep: true,
    f1: 0.4087,
    parameters: 7_253_570,
    epochs: [30, 24],
    speed: 27_300,
    memory: 1.29e9,
  },
];

const relationNames = [
  ['P17', 'country'],
  ['P131', 'located in the administrative territorial entity'],
  ['P27', 'country of citizenship'],
  ['P150', 'contains administrative territorial entity'],
  ['P577', 'publication date'],
  ['P175', 'performer'],
  ['P569', 'date of birth'],
  ['P570', 'date of death'],
  ['P161', 'cast member'],
  ['P264', 'record label'],
  ['P527', 'has part'],
  ['P361', 'part of'],
  ['P495', 'country of origin'],
  ['P19', 'place of birth'],
  ['P571', 'inception'],
  ['P54', 'member of sports team'],
  ['P102', 'member of political party'],
  ['P463', 'member of'],
  ['P3373', 'sibling'],
  ['P40', 'child'],
  ['P30', 'continent'],
  ['P50', 'author'],
] as const;

const kinds = [
  [
    'Sentences',
    [
      ['in one sentence', 1431, 1.09],
      ['across sentences', 1175, 0.81],
    ],
  ],
  [
    'Frequency of the relation',
    [
      ['10 most frequent', 1560, 1.16],
      ['all others', 1046, 0.68],
    ],
  ],
  [
    'Distance in words',
    [
      ['0–15', 702, 1.16],
      ['16–63', 811, 0.98],
      ['64–127', 590, 0.88],
      ['128 or more', 503, 0.8],
    ],
  ],
  [
    'Mentions of the pair',
    [
      ['2', 903, 0.86],
      ['3–4', 971, 1.02],
      ['5 or more', 732, 1.12],
    ],
  ],
  [
    'Seen in training',
    [
      ['yes', 318, 1.45],
      ['no', 2288, 0.92],
    ],
  ],
] as const;

/** Seven systems, three seeds of two of them, and BiLSTM in two steps. */
export function comparison(): Comparison {
  const rng = Rng.fromSeed(7);
  const runs = likely.flatMap((row) =>
    Array.from({ length: row.seeds ?? 1 }, (_, i) => likelyRun(row, i + 1, rng)),
  );
  return {
    format: 1,
    relata: '0.2.0',
    date: '2026-11-30T14:05:00.000Z',
    command:
      'relata compare --systems all --train train.json --dev dev.json --test test.json --relations rel_info.json --train-facts train_annotated.fact --seeds bilstm=3,sentence=3 --out runs/compare',
    machine: { cpu: 'AMD EPYC 9454 48-Core Processor', cores: 2, memory: 25.2e9, node: '20.20.0' },
    data: [
      {
        role: 'train',
        file: 'train.json',
        sha256: '7e706348a02cf91f38bd8c379f934ab6c5bb7e1e44e58cb1c8a1cd6d0f0a7b11',
        documents: 847,
        relations: 96,
        relationsObserved: 95,
        instances: 10_571,
        facts: 10_223,
        words: 167_402,
        entities: 16_498,
        pairs: 325_486,
      },
      {
        role: 'dev',
        file: 'dev.json',
        sha256: '4554f7487a6fda3bab4d4e59432e065b80f27d6b3dc4ff8a3bb7e0a5a1a0e7c2',
        documents: 200,
        relations: 96,
        relationsObserved: 87,
        instances: 2606,
        facts: 2548,
        words: 40_117,
        entities: 3911,
        pairs: 79_312,
      },
      {
        role: 'test',
        file: 'test.json',
        sha256: '09386b5cb58249d8e087863c379ebd640d5c1b61fae5cd9d1c0e1b9c6f6a3d20',
        documents: 200,
        relations: 96,
        relationsObserved: 88,
        instances: 2493,
        facts: 2437,
        words: 39_871,
        entities: 3874,
        pairs: 78_054,
      },
    ],
    runs,
    bootstraps: [
      bootstrap('bilstm-two-step-1', 'context-aware-1', 0.0076, 0.0089, 0.42),
      bootstrap('sentence-1 sentence-2 sentence-3', 'bilstm-1 bilstm-2 bilstm-3', -0.0033, 0.0081, 0.443),
      bootstrap('bilstm-1', 'lstm-1', 0.0162, 0.0077, 0.031),
      bootstrap('bilstm-two-step-1', 'bilstm-1', 0.0133, 0.0084, 0.112),
      bootstrap('bert-two-step-1', 'bert-1', 0.052, 0.0091, 0.0001),
      bootstrap('lstm-1', 'cnn-1', 0.0374, 0.0082, 0.0001),
    ],
  };
}

function bootstrap(a: string, b: string, difference: number, half: number, p: number) {
  return {
    a: a.split(' '),
    b: b.split(' '),
    measure: 'F1',
    difference,
    low: difference - 1.96 * half,
    high: difference + 1.96 * half,
    level: 0.95,
    p,
    resamples: 10_000,
  };
}

/** Of a system that is too sure of itself, and less so the better it is. */
function reliability(f1: number): ComparedRun['reliability'] {
  const bins = (bend: number, from: number) =>
    Array.from({ length: 10 - from }, (_, i) => {
      const said = (i + from + 0.45) / 10;
      return { facts: Math.round(5e5 / (i + 1) ** 4), said, found: said ** bend };
    });
  return {
    measuredOn: 'test',
    method: 'isotonic',
    before: { ece: 0.6 - f1, bins: bins(4 - 5 * f1, 0) },
    after: { ece: 0.012 + f1 / 50, bins: bins(1.05, 0).slice(0, 6) },
  };
}

function likelyRun(row: Likely, seed: number, rng: Rng): ComparedRun {
  const noise = (size: number): number => (rng.uniform() - 0.5) * 2 * size;
  const twoStep = row.twoStep ?? false;
  const f1 = row.f1 + (seed - 2) * (row.seeds ? 0.0031 : 0) + noise(0.0004);
  const id = `${row.system}${twoStep ? '-two-step' : ''}-${seed}`;
  const stages = row.epochs.map((epochs, i) => ({
    stage:
      row.epochs.length === 1 ? ('one step' as const) : i === 0 ? ('step 1' as const) : ('step 2' as const),
    epochs,
    bestEpoch: Math.round(epochs * 0.78),
  }));
  let seconds = 0;
  const history = stages.flatMap(({ stage, epochs, bestEpoch }) => {
    const reached = stage === 'one step' ? f1 : stage === 'step 1' ? f1 + 0.08 : f1 + 0.3;
    return Array.from({ length: epochs }, (_, i) => {
      const epoch = i + 1;
      seconds += 167_402 / row.speed;
      const grown = 1 - Math.exp((-4.2 * epoch) / bestEpoch);
      const fallen = epoch > bestEpoch ? 0.012 * ((epoch - bestEpoch) / (epochs - bestEpoch + 1)) : 0;
      const score = epoch === bestEpoch ? reached : reached * 0.985 * grown - fallen + noise(0.004);
      const start = stage === 'step 1' ? 0.5 : stage === 'step 2' ? 0.06 : 0.03;
      return {
        stage,
        epoch,
        step: epoch * 22,
        seconds,
        loss: start * (0.16 + 0.84 * Math.exp((-2.6 * epoch) / bestEpoch)) * (1 + noise(0.03)),
        scores: { f1: Math.max(0, score), ignF1: Math.max(0, score * 0.94) },
      };
    });
  });
  const recall = f1 * 0.93;
  const precision = (f1 * recall) / (2 * recall - f1);
  return {
    id,
    system: row.system,
    label: row.label,
    twoStep,
    negatives: twoStep ? 3 : 'all',
    seed,
    mode: 'corrected',
    encoder:
      row.system === 'bert'
        ? { kind: 'bert', size: 'mini', pretrained: false }
        : { kind: 'words', dimension: 100, vectors: null },
    parameters: row.parameters,
    dev: {
      f1,
      ignF1: f1 * 0.937,
      precision,
      recall,
      theta: 0.31 + noise(0.05),
      auc: f1 * 0.88,
      ignAuc: f1 * 0.81,
      tieSafeF1: f1,
      stages: twoStep
        ? [
            {
              stage: 'step 1',
              scores: { f1: f1 + 0.08, precision: f1 + 0.03, recall: f1 + 0.14, removed: 0.961 },
            },
            {
              stage: 'step 2',
              scores: { f1: f1 + 0.3, accuracy: f1 + 0.29, precision: f1 + 0.4, recall: f1 + 0.2 },
            },
          ]
        : [],
    },
    test: { f1: f1 - 0.011, ignF1: f1 * 0.9, precision: precision - 0.013, recall: recall - 0.01 },
    history,
    precisionRecall: curve(recall, precision, rng),
    reliability: reliability(f1),
    breakdown: {
      groups: kinds.map(([group, rows]) => ({
        group,
        rows: rows.map(([name, support, factor]) => ({
          name,
          ...scores(f1 * factor + noise(0.008)),
          support,
        })),
      })),
      relations: relationNames.map(([relation, name], i) => ({
        relation,
        name,
        ...(i > 17 && row.system === 'bert'
          ? { f1: 0, precision: 0, recall: 0 }
          : scores(f1 * (1.5 - i * 0.055) + noise(0.06))),
        support: Math.round(601 / (1 + i * 0.8)),
      })),
    },
    cost: {
      seconds,
      pieces: row.epochs.reduce((a, b) => a + b, 0) * 167_402,
      piecesPerSecond: row.speed + Math.round(noise(300)),
      peakMemory: row.memory + Math.round(noise(2e7)),
      stages,
    },
    command: `relata train --system ${row.system}${twoStep ? ' --two-step' : ''} --seed ${seed} --train train.json --dev dev.json --relations rel_info.json --train-facts train_annotated.fact --out runs/compare/${id}`,
    folder: `runs/compare/${id}`,
  };
}

function scores(f1: number) {
  const bounded = Math.min(0.97, Math.max(0.01, f1));
  return { precision: Math.min(1, bounded * 1.1), recall: bounded * 0.92, f1: bounded };
}

/** Falls through the point, as such curves do. */
function curve(recall: number, precision: number, rng: Rng): [number, number][] {
  const power = Math.log(1 - precision / 0.97) / Math.log(recall);
  return Array.from({ length: 240 }, (_, i): [number, number] => {
    const r = (i + 1) / 260;
    const wave = i < 24 ? (rng.uniform() - 0.5) * 0.3 * (1 - i / 24) : 0;
    return [r, Math.min(1, Math.max(0.003, 0.97 * (1 - r ** Math.min(power, 3)) + wave))];
  });
}

/** One run that knows little: no test, no AUC, no training facts, no break-downs, no history. */
export function bareComparison(): Comparison {
  const whole = comparison();
  const [run] = whole.runs;
  if (run === undefined) throw new Error('no run');
  return {
    ...whole,
    data: whole.data.filter(({ role }) => role !== 'test'),
    bootstraps: [],
    runs: [
      {
        ...run,
        dev: { ...run.dev, ignF1: null, auc: null, ignAuc: null, theta: null },
        test: null,
        history: [],
        precisionRecall: [],
        reliability: null,
        breakdown: { groups: [], relations: [] },
        cost: { seconds: 3, pieces: 0, piecesPerSecond: null, peakMemory: null, stages: [] },
      },
    ],
  };
}

/** Thirty rows of one run each. */
export function largeComparison(): Comparison {
  const whole = comparison();
  return {
    ...whole,
    runs: Array.from({ length: 30 }, (_, i) => {
      const run = whole.runs[i % whole.runs.length];
      if (run === undefined) throw new Error('no run');
      return { ...run, id: `${run.id}-${i}`, label: `${run.label} ${i + 1}` };
    }),
    bootstraps: [],
  };
}

export const HOSTILE = `</title></style><script>alert("1")</script><img src=x onerror='alert(2)'>&amp;]]>\u0000\u202e\ud800`;

/** Every string that may come from outside is one that wants to break out. */
export function hostileComparison(): Comparison {
  const whole = comparison();
  const long = `${HOSTILE} ${'endless'.repeat(60)}`;
  const renamed = new Map(whole.runs.map(({ id }, i) => [id, `${HOSTILE}${i}`]));
  return {
    ...whole,
    relata: HOSTILE,
    date: HOSTILE,
    command: long,
    machine: { ...whole.machine, cpu: long, node: HOSTILE },
    data: whole.data.map((set) => ({ ...set, file: long, sha256: HOSTILE })),
    runs: whole.runs.map((run) => ({
      ...run,
      id: renamed.get(run.id) ?? '',
      label: `${run.label}${long}`,
      encoder:
        run.encoder.kind === 'bert'
          ? { ...run.encoder, size: long }
          : { kind: 'words', dimension: 50, vectors: { file: long, coverage: 0.9, trained: true } },
      dev: {
        ...run.dev,
        stages: run.dev.stages.map(({ stage, scores }) => ({ stage, scores: { ...scores, [HOSTILE]: 0.5 } })),
      },
      breakdown: {
        groups: run.breakdown.groups.map(({ group, rows }) => ({
          group: group + HOSTILE,
          rows: rows.map((row) => ({ ...row, name: row.name + HOSTILE })),
        })),
        relations: run.breakdown.relations.map((row) => ({
          ...row,
          relation: row.relation + HOSTILE,
          name: long,
        })),
      },
      command: long,
      folder: long,
    })),
    bootstraps: whole.bootstraps.map((one) => ({
      ...one,
      a: one.a.map((id) => renamed.get(id) ?? ''),
      b: one.b.map((id) => renamed.get(id) ?? ''),
      measure: HOSTILE,
    })),
  };
}
