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

/**
 * The same over a share of the run that may be one of time: training that ends with its budget at a rate of 0 makes the most
 * of it. Source: Li et al. 2020 (Budgeted Training).
 *
 * @param share - of the run that is done, 0 to 1
 * @param warmup - share over which the rate rises
 */
export function budgetSchedule(share: number, warmup: number): number {
  return share < warmup ? share / warmup : Math.max(0, (1 - share) / Math.max(1e-9, 1 - warmup));
}
