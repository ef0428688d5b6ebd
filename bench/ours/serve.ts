/** Our side of the protocol in `../contestant.ts`. */
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** One turn of a work: does it and says how long it took, in ms, and what else it measured. */
export type Turn = (
  request: Readonly<Record<string, unknown>>,
) => Promise<{ readonly ms: number } & Record<string, number>>;

/** Answers requests until the input ends; one with `fromHere` begins the peak of memory anew. @param setUp - takes the first line; may answer it */
export async function serve<S>(
  setUp: (setup: S) => Promise<{ turn: Turn; ready?: Record<string, number> }>,
): Promise<void> {
  let turn: Turn | undefined;
  for await (const line of createInterface({ input: process.stdin })) {
    const request: unknown = JSON.parse(line);
    let answer: object;
    if (turn) {
      // Of what the process needed once, to begin, no peak tells.
      if ((request as { readonly fromHere?: true }).fromHere) writeFileSync('/proc/self/clear_refs', '5');
      const measured = await turn(request as Record<string, unknown>);
      const maxRss = process.resourceUsage().maxRSS * 1024;
      answer = { ...measured, maxRss, rss: process.memoryUsage.rss() };
    } else {
      const work = await setUp(request as S);
      turn = work.turn;
      answer = work.ready ?? {};
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
  process.exit(0);
}

/** Time of `work`, in ms. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
