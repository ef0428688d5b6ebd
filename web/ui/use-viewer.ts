/** What the page holds, and everything that can happen to it. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

import {
  explain,
  extract,
  findServer,
  ServerError,
  keepToken,
  type Server,
  type TextRequest,
} from '../api.ts';
import {
  entryOfDocument,
  entryOfExtraction,
  withSubmission,
  type Entry,
  type Submitted,
} from '../model/entry.ts';
import { MOST_BYTES, open, type Opened } from '../model/open.ts';
import { recall, remember } from '../model/session.ts';
import type { ShownFact } from '../model/shown.ts';
import type { Asked } from './panel.tsx';

export interface Viewer {
  readonly server: Server;
  readonly entries: readonly Entry[];
  readonly selected: number;
  readonly theta: number;
  readonly names: ReadonlyMap<string, string>;
  /** What it waits for; null when it does not. */
  readonly busy: string | null;
  readonly problem: string | null;
  readonly notice: string | null;
  readonly locked: boolean;
  readonly asked: ReadonlyMap<string, Asked>;
  readonly select: (index: number) => void;
  readonly setTheta: (theta: number) => void;
  readonly readText: (request: TextRequest) => Promise<void>;
  readonly readDocument: (index: number) => Promise<void>;
  readonly openFiles: (files: readonly File[]) => Promise<void>;
  readonly explain: (entry: Entry, fact: ShownFact) => Promise<void>;
  readonly unlock: (token: string) => Promise<void>;
  readonly setLocked: (locked: boolean) => void;
  readonly dismiss: () => void;
  readonly clear: () => void;
}

const none: Asked = { state: 'no' };
export const askedOf = (viewer: Viewer, entry: Entry, fact: ShownFact): Asked =>
  viewer.asked.get(askKey(entry, fact)) ?? none;
const askKey = ({ extraction }: Entry, { key }: ShownFact): string => `${numberOf(extraction)} ${key}`;

/** Which answer it is: two texts may have one title. */
const numbers = new WeakMap<Entry['extraction'], number>();
let answers = 0;
function numberOf(extraction: Entry['extraction']): number {
  const number = numbers.get(extraction) ?? ++answers;
  numbers.set(extraction, number);
  return number;
}

/** Scores down to this are asked for, and lower where the model's threshold is low: the slider goes down so far. */
const LOWEST = 0.05;

export function useViewer(): Viewer {
  const [server, setServer] = useState<Server>({ state: 'asking' });
  const [entries, setEntries] = useState<readonly Entry[]>([]);
  const [selected, setSelected] = useState(0);
  const [theta, setTheta] = useState(0);
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map());
  const [busy, setBusy] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [notice, setNotice] = useState<string | null>(null);
  const [locked, setLocked] = useState(false);
  const [asked, setAsked] = useState<ReadonlyMap<string, Asked>>(new Map());
  const packed = useRef<{ readonly entries: readonly Entry[]; readonly results: string } | null>(null);
  const again = useRef<(() => Promise<void>) | null>(null);

  const show = useCallback((next: readonly Entry[], index = 0, at?: number) => {
    setEntries(next);
    setSelected(index);
    setTheta(at ?? next[index]?.extraction.model.threshold ?? 0);
    setProblem(null);
    setNotice(null);
  }, []);
  const select = (index: number): void => {
    // The threshold stays where the person put it, as long as it is one of the same model.
    const [from, to] = [entries[selected], entries[index]];
    setSelected(index);
    if (to && from?.extraction.model.threshold !== to.extraction.model.threshold)
      setTheta(to.extraction.model.threshold);
    if (to) setTheta((old) => Math.max(old, to.floor));
  };
  const say = (error: unknown): void => setProblem(error instanceof Error ? error.message : String(error));

  useEffect(() => {
    void findServer().then((found) => {
      setServer(found);
      setLocked(found.state === 'locked');
      if (found.state === 'ready') setNames(found.model.names);
    });
    const embedded = document.getElementById('relata-data')?.textContent ?? '';
    try {
      if (embedded.trim() !== '') show(entriesOf(open(embedded)));
      else restore(show);
    } catch (error) {
      say(error);
    }
  }, []);

  useEffect(() => {
    const timer = setTimeout(() => {
      const size = entries.reduce((sum, { extraction }) => sum + extraction.text.length, 0);
      const some = entries.length > 0 && size <= MOST_KEPT;
      if (some && packed.current?.entries !== entries) packed.current = { entries, results: pack(entries) };
      const kept = some && packed.current ? { results: packed.current.results, selected, theta } : null;
      remember(store(), sessionKey(), kept);
    }, 300);
    return () => clearTimeout(timer);
  }, [entries, selected, theta]);

  /** Runs what needs the server; a missing token is asked for, and then it runs again. */
  const attempt = async (what: string, act: () => Promise<void>): Promise<void> => {
    setBusy(what);
    setProblem(null);
    try {
      await act();
    } catch (error) {
      if (error instanceof ServerError && error.status === 401) {
        again.current = () => attempt(what, act);
        setLocked(true);
      } else if (error instanceof TypeError) {
        setProblem('The server does not answer. Is it still running?');
      } else say(error);
    } finally {
      setBusy(null);
    }
  };
  const floor = server.state === 'ready' ? Math.min(LOWEST, server.model.threshold / 2) : LOWEST;

  const readText = (request: TextRequest): Promise<void> =>
    attempt('Reading the text', async () => {
      const found = await extract(request, { theta: floor });
      show(found.map((extraction) => entryOfExtraction(extraction, floor)));
    });
  const readDocument = (index: number): Promise<void> =>
    attempt('Reading the document', async () => {
      const entry = entries[index];
      const [found] = entry ? await extract({ document: entry.extraction.document }, { theta: floor }) : [];
      if (!entry || !found) return;
      // Labels are what the file says; an answer need not repeat them.
      const { labels } = entry.extraction.document;
      const document = labels ? { ...found.document, labels } : found.document;
      const read = entryOfExtraction({ ...found, document }, floor);
      show(entries.with(index, read), index);
    });

  const openFiles = async (files: readonly File[]): Promise<void> => {
    setBusy('Opening');
    try {
      await openAll(files);
    } catch (error) {
      say(error);
    } finally {
      setBusy(null);
    }
  };
  const openAll = async (files: readonly File[]): Promise<void> => {
    let next: Entry[] | null = null;
    const submissions: Submitted[] = [];
    for (const file of files) {
      if (file.size > MOST_BYTES) {
        throw new Error(
          `${file.name} is larger than ${MOST_BYTES / 1024 / 1024} MiB, more than this page can hold.`,
        );
      }
      const opened = named(file, await file.text());
      if (opened.kind === 'submission') submissions.push(...opened.facts);
      else if (opened.kind === 'names') setNames((old) => new Map([...old, ...opened.names]));
      else if (opened.kind === 'text') {
        if (server.state !== 'ready') {
          throw new Error(
            `${file.name} is plain text, which only a server can read: relata serve --model DIR starts one.`,
          );
        }
        await readText({
          text: opened.text,
          title: file.name.replace(/\.[^.]*$/, ''),
          markdown: /\.(md|markdown)$/i.test(file.name),
        });
        return;
      } else next = [...(next ?? []), ...entriesOf(opened)];
    }
    if (submissions.length === 0) {
      if (next) show(next);
      return;
    }
    const { entries: joined, matched, unknown } = join(next ?? entries, submissions);
    if (matched === 0) {
      throw new Error(
        entries.length === 0 && !next
          ? 'This submission names its documents by title only. Open the DocRED file that it is about first, or both together.'
          : `None of the ${unknown} titles of this submission is among the documents that are open.`,
      );
    }
    show(joined, next ? 0 : selected);
    if (unknown > 0)
      setNotice(`${unknown} titles of the submission are not among the documents, and were left out.`);
  };

  return {
    server,
    entries,
    selected,
    theta,
    names,
    busy,
    problem,
    notice,
    locked,
    asked,
    select,
    setTheta,
    readText,
    readDocument,
    openFiles,
    explain: async (entry, fact) => {
      const key = askKey(entry, fact);
      const put = (value: Asked): void => setAsked((old) => new Map(old).set(key, value));
      put({ state: 'waiting' });
      try {
        const { head, tail, relation } = fact;
        put({
          state: 'answered',
          explanation: await explain({ document: entry.extraction.document, head, tail, relation }),
        });
      } catch (error) {
        if (error instanceof ServerError && error.status === 401) setLocked(true);
        put({ state: 'failed', message: error instanceof Error ? error.message : String(error) });
      }
    },
    unlock: async (token) => {
      keepToken(token);
      setLocked(false);
      const found = await findServer();
      setServer(found);
      if (found.state === 'ready') setNames(found.model.names);
      if (found.state === 'locked') {
        setLocked(true);
        setProblem('The server did not take this token.');
      } else {
        setProblem(null);
        await again.current?.();
        again.current = null;
      }
    },
    setLocked,
    dismiss: () => {
      setProblem(null);
      setNotice(null);
    },
    clear: () => show([]),
  };
}

/** Longer texts are not kept over a reload, since writing them takes time. In characters. */
const MOST_KEPT = 200_000;
const sessionKey = (): string => `relata.session ${location.pathname}`;

function store(): Storage | undefined {
  try {
    return sessionStorage;
  } catch {
    return undefined; // a page of a file, in some browsers
  }
}

/** Entries as JSON; documents without an answer as themselves. */
const pack = (entries: readonly Entry[]): string =>
  JSON.stringify(
    entries.map(({ extraction, ...rest }) =>
      rest.predicted ? { ...rest, extraction } : extraction.document,
    ),
  );

function restore(show: (entries: readonly Entry[], index: number, theta: number) => void): void {
  const kept = recall(store(), sessionKey());
  if (!kept) return;
  try {
    // Written by this page, in this tab.
    const values = JSON.parse(kept.results) as (Entry | Entry['extraction']['document'])[];
    const entries = values.map((value) => ('extraction' in value ? value : entryOfDocument(value)));
    if (entries.length > 0) show(entries, Math.min(kept.selected, entries.length - 1), kept.theta);
  } catch {
    remember(store(), sessionKey(), null);
  }
}

function entriesOf(opened: Opened): Entry[] {
  if (opened.kind === 'results') return opened.extractions.map((extraction) => entryOfExtraction(extraction));
  return opened.kind === 'documents' ? opened.documents.map(entryOfDocument) : [];
}

function named(file: File, text: string): Opened {
  try {
    return open(text);
  } catch (error) {
    throw new Error(`${file.name}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** Documents with the facts that were submitted for their titles. */
function join(entries: readonly Entry[], facts: readonly Submitted[]) {
  const byTitle = new Map<string, Submitted[]>();
  for (const fact of facts) {
    const same = byTitle.get(fact.title);
    if (same) same.push(fact);
    else byTitle.set(fact.title, [fact]);
  }
  const titles = new Set(entries.map(({ extraction }) => extraction.title));
  const unknown = [...byTitle.keys()].filter((title) => !titles.has(title)).length;
  // A document without a line in the submission was answered too: with no facts.
  const joined = entries.map((entry) => withSubmission(entry, byTitle.get(entry.extraction.title) ?? []));
  return { entries: joined, matched: byTitle.size - unknown, unknown };
}
