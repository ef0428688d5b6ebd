/** Says once, before the tests, what cannot run here. */
import { hasShared } from './shared.ts';
import { chromiumPath } from './web/browser.ts';

export default function announce(): void {
  if (!hasShared)
    process.stderr.write('No folder `shared` beside the checkout: tests on real corpora are skipped.\n');
  if (!chromiumPath)
    process.stderr.write(
      'No chromium, chromium-browser or google-chrome: tests of the viewer are skipped.\n',
    );
}
