/** Learning rates over time. */

/**
 * The factor of a rate: rises linearly from 0 over `warmup` steps, then falls linearly to 0 at `total` steps.
 *
 * @param step - updates done before this one, from 0
 * @param total - 0 for no decay
 */
export function linearSchedule(
  step: number,
  { warmup, total }: { readonly warmup: number; readonly total: number },
): number {
  if (step < warmup) return (step + 1) / warmup;
  return total > 0 ? Math.max(0, (total - step) / Math.max(1, total - warmup)) : 1;
}
