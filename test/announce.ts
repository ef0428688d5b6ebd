/** Says once, before the tests, what cannot run here. */
import { hasShared } from './shared.ts';

export default function announce(): void {
  if (!hasShared)
    process.stderr.write('No folder `shared` beside the checkout: tests on real corpora are skipped.\n');
}
