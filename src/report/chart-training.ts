/** One row's training: dev F1 over epochs, and below it the loss. Seeds are lines of one picture. */
import { extent, max } from 'd3-array';
import { scaleLinear, scaleLog } from 'd3-scale';

import { type Area, dot, label, path, picture, type Point, rule, type Scale, xAxis, yAxis } from './chart.ts';
import type { ComparedRun } from './comparison.ts';
import type { Ink } from './ink.ts';
import type { Markup } from './markup.ts';
import { score } from './numbers.ts';
import type { Row } from './rows.ts';

type Stage = ComparedRun['history'][number]['stage'];
type History = readonly ComparedRun['history'][number][];

const WIDTH = 330;
const HEIGHT = 250;
const LEFT = 42;
const f1Area: Area = { left: LEFT, right: WIDTH - 12, top: 12, bottom: 140 };
const lossArea: Area = { left: LEFT, right: WIDTH - 12, top: 160, bottom: HEIGHT - 38 };

/** Scales that several pictures share, so that they compare. */
export interface TrainingScales {
  readonly highestF1: number;
  /** Null where no loss was recorded. */
  readonly loss: readonly [number, number] | null;
}

/** Two steps are measured on tasks of their own, so they share scales with nothing. */
export function trainingScales(rows: readonly Row[]): TrainingScales {
  const history = rows.flatMap(({ runs }) => runs.flatMap((run) => run.history));
  const [low, high] = extent(history.map(({ loss }) => loss).filter((loss) => loss !== null));
  return {
    highestF1: max(history, f1Of) ?? 0,
    loss: low === undefined ? null : [low, high],
  };
}

/** Null where nothing was recorded. */
export function trainingChart(row: Row, { highestF1, loss }: TrainingScales, ink: Ink): Markup | null {
  const epochs = max(row.runs, (run) => max(run.history, ({ epoch }) => epoch));
  if (epochs === undefined) return null;
  const x = scaleLinear([0, Math.max(epochs, 1)], [LEFT, f1Area.right]);
  const y = scaleLinear([0, highestF1 || 1], [f1Area.bottom, f1Area.top]).nice(4);
  const lossScale = loss === null ? null : lossScaleOf(loss);
  const epochTicks = x.ticks(6).filter(Number.isInteger);
  const { color } = ink.series(row.index);
  const lines = row.runs.flatMap((run) => stagesOf(run).map((stage) => ({ run, stage })));
  return picture(
    {
      width: WIDTH,
      height: HEIGHT,
      title: `Training of ${row.label}: F1 on dev and loss over epochs`,
      description: lines
        .map(({ run, stage }) => {
          const best = max(ofStage(run, stage), f1Of);
          return `Seed ${run.seed}, ${stage}: best F1 ${score(best)}.`;
        })
        .join(' '),
    },
    yAxis(y, f1Area, ink, { ticks: y.ticks(4), format: (tick) => String(Math.round(tick * 1000) / 10) }),
    rule([LEFT, f1Area.bottom], [f1Area.right, f1Area.bottom], { color: ink.muted }),
    label([LEFT + 4, f1Area.top - 4], 'dev F1 (%)', { color: ink.muted, size: 10 }),
    lossScale === null
      ? null
      : [
          yAxis(lossScale, lossArea, ink, { ticks: lossTicks(lossScale), format: lossText }),
          label([LEFT + 4, lossArea.top - 5], 'loss', { color: ink.muted, size: 10 }),
        ],
    xAxis(x, lossArea, ink, { ticks: epochTicks }),
    label([(LEFT + f1Area.right) / 2, lossArea.bottom + 28], 'epoch', {
      color: ink.muted,
      anchor: 'middle',
      size: 10,
    }),
    lines.map(({ run, stage }, i) => {
      const dash = stage === 'step 1' ? '5 3' : '';
      const opacity = row.runs.length > 1 && i > 0 ? 0.55 : 1;
      const history = ofStage(run, stage);
      const f1 = history.flatMap((entry) => pointOf(entry.epoch, f1Of(entry), x, y));
      const losses = history.flatMap((entry) => pointOf(entry.epoch, entry.loss, x, lossScale));
      const best = bestPoint(run, stage, history, x, y);
      return [
        losses.length > 0 && path(losses, { color, dash, width: 1.3, opacity }),
        f1.length > 0 && path(f1, { color, dash, width: 1.8, opacity }),
        best && dot(best, { fill: color, ring: ink.paper }),
        stage !== 'one step' && i < 2 && best ? stageLabel(stage, best, ink) : null,
      ];
    }),
  );
}

function stagesOf({ history }: ComparedRun): Stage[] {
  return [...new Set(history.map(({ stage }) => stage))];
}

function ofStage({ history }: ComparedRun, stage: Stage): History {
  return history
    .filter((entry) => entry.stage === stage)
    .sort((a, b) => a.epoch - b.epoch || a.step - b.step);
}

function f1Of({ scores }: History[number]): number | null {
  return scores['f1'] ?? null;
}

function pointOf(epoch: number, value: number | null, x: Scale, y: Scale | null): Point[] {
  return value === null || y === null ? [] : [[x(epoch), y(value)]];
}

/** Where the model was taken from. */
function bestPoint(run: ComparedRun, stage: Stage, history: History, x: Scale, y: Scale): Point | null {
  const bestEpoch = run.cost.stages.find((cost) => cost.stage === stage)?.bestEpoch;
  const entry = history.find((entry) => entry.epoch === bestEpoch && f1Of(entry) !== null);
  const f1 = entry && f1Of(entry);
  return entry === undefined || f1 === null || f1 === undefined ? null : [x(entry.epoch), y(f1)];
}

function stageLabel(stage: Stage, [x, y]: Point, ink: Ink): Markup {
  const atEnd = x > (LEFT + f1Area.right) / 2;
  return label([x, y + (y < f1Area.top + 24 ? 14 : -11)], stage, {
    color: ink.text,
    anchor: atEnd ? 'end' : 'start',
    size: 10.5,
  });
}

/** Losses fall by orders of magnitude: logarithmic, unless one is not above 0. */
function lossScaleOf([low, high]: readonly [number, number]): Scale {
  const places = [lossArea.bottom, lossArea.top];
  if (low <= 0) return scaleLinear([Math.min(0, low), high > 0 ? high : 1], places).nice(3);
  return scaleLog([low * 0.9, (high > low ? high : low * 2) * 1.1], places);
}

/** Few enough to be read: powers of ten, or 1, 2 and 5 of each, or what the scale proposes. */
function lossTicks(scale: Scale): number[] {
  const ticks = scale.ticks(3);
  const leading = (digits: string): number[] =>
    ticks.filter((tick) => digits.includes(tick.toExponential()[0] ?? ''));
  const few = [leading('1'), leading('125')].find((found) => found.length > 1) ?? ticks;
  const step = Math.ceil(few.length / 3);
  return few.filter((_, i) => i % step === 0);
}

function lossText(tick: number): string {
  return tick === 0 ? '0' : String(Number(tick.toPrecision(3)));
}
