/** Keeps what was on show over a reload, in the browser's memory of this tab, where it is small enough. */
import { isObject } from './check.ts';

/** Browsers allow some five million characters; more than this would be slow to write at every change. */
const MOST = 2_000_000;

/** What is needed of the browser's `Storage`. */
export interface Store {
  readonly getItem: (key: string) => string | null;
  readonly setItem: (key: string, value: string) => void;
  readonly removeItem: (key: string) => void;
}

export interface Kept {
  /** Results as JSON, in the form that the page opens. */
  readonly results: string;
  readonly selected: number;
  readonly theta: number;
}

/** Remembers, or forgets what was there before when there is too much; a full or closed store is no error. */
export function remember(store: Store | undefined, key: string, kept: Kept | null): void {
  try {
    if (kept && kept.results.length <= MOST) store?.setItem(key, JSON.stringify(kept));
    else store?.removeItem(key);
  } catch {
    // The page works without.
  }
}

export function recall(store: Store | undefined, key: string): Kept | null {
  try {
    const value: unknown = JSON.parse(store?.getItem(key) ?? 'null');
    if (!isObject(value)) return null;
    const { results, selected, theta } = value;
    if (typeof results !== 'string' || typeof selected !== 'number' || typeof theta !== 'number') return null;
    return { results, selected, theta };
  } catch {
    return null;
  }
}
