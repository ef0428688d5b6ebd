/** Fetches a published checkpoint into a local cache. Everything else works from a folder, without a network. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';

import { fail, reasonOf } from '../core/errors.ts';
import { AtomicFile } from '../core/files.ts';
import { encoderSizes } from './bert-config.ts';

/** Files that an encoder needs, the large one last. Of the vocabulary's two forms one is enough. */
const FILES = [
  'config.json',
  'tokenizer_config.json',
  'vocab.txt',
  'tokenizer.json',
  'model.safetensors',
] as const;
const OPTIONAL: ReadonlySet<string> = new Set(['tokenizer_config.json', 'vocab.txt', 'tokenizer.json']);
const VOCABULARIES = ['vocab.txt', 'tokenizer.json'] as const;
/** What a person puts in place by hand. */
const BY_HAND = ['config.json', 'vocab.txt', 'model.safetensors'] as const;

/** Largest file that is fetched, in bytes: BERT-large in F32 is 1.3 GB. */
const LARGEST = 8e9;

/** What a fetch has done of a file, in bytes. */
export interface FetchProgress {
  readonly file: string;
  readonly done: number;
  readonly total: number;
}

/** Whether a name looks like a hub id, and not like a path: `owner/name` or `name`, and, after `@`, a revision. */
export const isHubId = (name: string): boolean =>
  /^\w[\w.-]*(\/\w[\w.-]*)?(@\w[\w.-]*)?$/.test(name) && !name.includes('..');

/** Where checkpoints are kept. */
export const defaultCache = (): string => join(homedir(), '.cache', 'relata', 'encoders');

/** Where the checkpoint of a hub id lies once it is fetched. */
export function cachedFolder(id: string, cache: string = defaultCache()): string {
  const [name = id, revision = 'main'] = id.split('@');
  return join(cache, name.replace('/', '--'), revision);
}

/**
 * The folder of a checkpoint, fetched where it is not in the cache yet.
 *
 * @param id - `bert-base-uncased`, `owner/name` or `owner/name@revision` (default `main`)
 * @throws RelataError `E_HUB` with what to put where, when the hub cannot be reached
 */
export async function fetchCheckpoint(
  id: string,
  options: {
    readonly cache?: string;
    readonly fetch?: typeof fetch;
    readonly onProgress?: (progress: FetchProgress) => void;
  } = {},
): Promise<string> {
  const [name = id, revision = 'main'] = id.split('@');
  const folder = cachedFolder(id, options.cache);
  try {
    const has = (file: string): boolean => existsSync(join(folder, file));
    const missing = FILES.filter((file) => !has(file));
    const hasVocabulary = (): boolean => VOCABULARIES.some(has);
    if (missing.every((file) => OPTIONAL.has(file)) && hasVocabulary()) return folder;
    const { downloadFile } = await import('@huggingface/hub');
    for (const file of missing) {
      if (file === 'tokenizer.json' && hasVocabulary()) continue;
      if (file === 'model.safetensors' && !hasVocabulary()) {
        throw new Error(`the hub has no ${VOCABULARIES.join(' or ')} for ${name} at ${revision}`);
      }
      const blob = await downloadFile({
        repo: name,
        path: file,
        revision,
        ...(options.fetch && { fetch: options.fetch }),
      });
      if (!blob) {
        if (OPTIONAL.has(file)) continue;
        throw new Error(`the hub has no ${file} for ${name} at ${revision}`);
      }
      if (blob.size > LARGEST) throw new Error(`${file} has ${blob.size} bytes, more than ${LARGEST}`);
      await store(blob, join(folder, file), (done) => options.onProgress?.({ file, done, total: blob.size }));
    }
    return folder;
  } catch (error) {
    throw fail(
      'E_HUB',
      {
        id: name,
        files: BY_HAND,
        folder,
        sizes: Object.keys(encoderSizes),
        reason: reasonOf(error),
      },
      { cause: error, retryable: true },
    );
  }
}

/** Writes atomically: a fetch that breaks off leaves nothing half-written. */
async function store(blob: Blob, path: string, onProgress: (done: number) => void): Promise<void> {
  const file = new AtomicFile(path);
  let done = 0;
  try {
    for await (const chunk of blob.stream()) {
      file.write(chunk);
      done += chunk.byteLength;
      onProgress(done);
    }
    if (done !== blob.size) throw new Error(`${basename(path)} ended after ${done} of ${blob.size} bytes`);
    file.commit();
  } finally {
    file.discard();
  }
}
