/** Contestants measured by turns in one run, so that what else the machine does hits all of them alike. */
import type { Contestant } from './contestant.ts';
import type { Measured } from './row.ts';

export interface Schedule {
  /** Measured turns of each contestant. */
  readonly blocks: number;
  /** Turns of each before them that do not count; default 2. */
  readonly warmUp?: number;
  /** What turn i asks for, below 0 in the warm-up; default: nothing in particular. */
  readonly request?: (turn: number) => object;
}

/** Medians of the times of both, in ms. Who goes first changes from turn to turn. */
export async function alternate(
  ours: Contestant,
  peer: Contestant | undefined,
  schedule: Schedule,
): Promise<Measured> {
  const times = await takeTurns({ ours, peer }, schedule);
  return { ours: median(times.ours), peer: median(times.peer) };
}

/** Times of every contestant by turn, in ms; none of one that is absent. The order turns round from turn to turn. */
export async function takeTurns<Name extends string>(
  contestants: Readonly<Record<Name, Contestant | undefined>>,
  { blocks, warmUp = 2, request = () => ({}) }: Schedule,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(contestants) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let turn = -warmUp; turn < blocks; turn++) {
    for (const name of turn % 2 === 0 ? names : names.toReversed()) {
      const answer = await contestants[name]?.run(request(turn));
      if (answer && turn >= 0) times[name].push(answer.ms);
      await settle();
    }
  }
  return times;
}

/** The middle value, or the mean of the two in the middle; null of nothing. */
export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}

/** Threads of either side spin for a while after their work; the other's turn waits until they sleep. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 100));
}
