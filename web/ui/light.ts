/**
 * What is lit up in all views at once: under the pointer or the focus, else what is open or pinned.
 *
 * Views listen and mark their own elements: moving a pointer over a long text must not draw it again.
 */
export interface Lit {
  /** Entities that stand out. */
  readonly entities: readonly number[];
  /** The facts that stand out, by key; null for all facts of `entities`. */
  readonly fact: string | null;
  /** Sentences of its evidence. */
  readonly sentences: readonly number[];
}

export interface Light {
  readonly lit: () => Lit | null;
  /** Under the pointer or the focus; null when it leaves. */
  readonly hover: (lit: Lit | null) => void;
  /** Lit while nothing is hovered. */
  readonly rest: (lit: Lit | null) => void;
  /** Calls back at once and at every change. @returns what ends it */
  readonly listen: (listener: (lit: Lit | null) => void) => () => void;
}

export function createLight(): Light {
  let hovered: Lit | null = null;
  let resting: Lit | null = null;
  const listeners = new Set<(lit: Lit | null) => void>();
  const lit = (): Lit | null => hovered ?? resting;
  const tell = (): void => {
    for (const listener of listeners) listener(lit());
  };
  return {
    lit,
    hover: (value) => {
      if (value === hovered) return;
      hovered = value;
      tell();
    },
    rest: (value) => {
      resting = value;
      tell();
    },
    listen: (listener) => {
      listeners.add(listener);
      listener(lit());
      return () => listeners.delete(listener);
    },
  };
}

export const litEntity = (entity: number): Lit => ({ entities: [entity], fact: null, sentences: [] });

export const litFact = (fact: {
  readonly key: string;
  readonly head: number;
  readonly tail: number;
  readonly evidence: readonly number[];
}): Lit => ({ entities: [fact.head, fact.tail], fact: fact.key, sentences: fact.evidence });
