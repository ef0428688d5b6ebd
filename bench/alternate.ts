/** Two contestants measured by turns in one run, so that what else the machine does hits both alike. */
import type { Contestant } from './contestant.ts';
import type { Measured } from './row.ts';

export interface Schedule {
  /** Measured turns of each contestant. */
  readonly blocks: number;
  /** Turns of each before them that do not count; default 2. */
  readonly warmUp?: number;
  /** What turn i asks for; default: nothing in particular. */
  readonly request?: (turn: number) => object;
}

/** Medians of the times of both, in ms. Who goes first changes from turn to turn. */
export async function alternate(
  ours: Contestant,
  peer: Contestant | undefined,
  { blocks, warmUp = 2, request = () => ({}) }: Schedule,
): Promise<Measured> {
  const times = { ours: [] as number[], peer: [] as number[] };
  for (let turn = -warmUp; turn < blocks; turn++) {
    const order = turn % 2 === 0 ? (['ours', 'peer'] as const) : (['peer', 'ours'] as const);
    for (const who of order) {
      const answer = await (who === 'ours' ? ours : peer)?.run(request(turn));
      if (answer && turn >= 0) times[who].push(answer.ms);
      await settle();
    }
  }
  return { ours: median(times.ours), peer: median(times.peer) };
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
