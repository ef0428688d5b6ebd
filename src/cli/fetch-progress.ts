/** Shows how far the files of a checkpoint are fetched. */
import type { FetchProgress } from '../models/hub.ts';
import { Progress } from './terminal.ts';

export interface FetchView {
  readonly onFetch: (progress: FetchProgress) => void;
  /** Ends the moving line, if there is one. */
  readonly end: () => void;
}

export function fetchView(): FetchView {
  let shown: Progress | undefined;
  const end = (): void => {
    shown?.done();
    shown = undefined;
  };
  return {
    end,
    onFetch: ({ file, done, total }) => {
      shown ??= new Progress({ label: `fetch ${file}`, unit: 'bytes', total });
      shown.update(done);
      if (done === total) end();
    },
  };
}
