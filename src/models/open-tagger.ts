/** Opens a saved tagger of mentions, ready to run. */
import { join } from 'node:path';

import { fail, RelataError } from '../core/errors.ts';
import { isFile } from '../core/files.ts';
import type { TagEncodeOptions } from '../features/tag-sequences.ts';
import { EngineThread } from '../runtime/engine-thread.ts';
import type { SessionOptions } from '../runtime/session.ts';
import { bundleParts } from './bundle-folder.ts';
import { PROGRAM } from './program.ts';
import { TagModel, type WeightedTagger } from './tag-model.ts';
import { type LoadedTagger, loadTagger, tagEncoding, type TaggerModel } from './tagger-folder.ts';

/** A saved tagger: what it says of itself, and what is needed to use it. */
export interface OpenTagger extends WeightedTagger {
  readonly about: TaggerModel;
  readonly encode: TagEncodeOptions;
  readonly dispose: () => Promise<void>;
}

/**
 * The tagger in `folder`; of a bundle, the one that finds mentions. An exported one runs in a thread of its own.
 *
 * @throws RelataError `E_FIELD` for a model of relations; `E_PROGRAM` for an exported one whose program the engine refuses; as
 * `loadTagger`, and `E_PARAMETER`
 */
export async function openTagger(folder: string, engine: SessionOptions = {}): Promise<OpenTagger> {
  const loaded = loadTagger(bundleParts(folder)?.mentions ?? folder);
  const { about, config, vocabulary } = loaded;
  const opened = about.exported ? await openExported(loaded, engine) : await openTrained(loaded, engine);
  return { about, encode: tagEncoding(config, vocabulary), ...opened };
}

type Opened = Pick<OpenTagger, 'model' | 'parameter' | 'dispose'>;

async function openTrained(loaded: LoadedTagger, engine: SessionOptions): Promise<Opened> {
  const model = await TagModel.open(loaded.config, engine);
  try {
    const values = loaded.values(model.specs);
    return {
      model,
      parameter: (name) => values.get(name) ?? new Float32Array(0),
      dispose: async () => model.dispose(),
    };
  } catch (error) {
    await model.dispose();
    throw error;
  }
}

async function openExported({ folder, config }: LoadedTagger, engine: SessionOptions): Promise<Opened> {
  const program = join(folder, PROGRAM);
  if (!isFile(program))
    throw fail('E_FILE_MISSING', { path: program, expected: 'the program of an exported model' });
  const thread = new EngineThread();
  try {
    const model = await TagModel.openExported(config, program, thread, engine);
    return {
      model,
      parameter: () => new Float32Array(0),
      dispose: async () => {
        await model.dispose();
        await thread.end();
      },
    };
  } catch (error) {
    await thread.end();
    if (!(error instanceof RelataError && error.code === 'E_ENGINE')) throw error;
    throw fail('E_PROGRAM', { path: program, reason: error.message }, { cause: error });
  }
}
