/**
 * Vocabularies as files: `vocab.txt` (one piece a line), `tokenizer.json` (its WordPiece part), or the folder of a
 * published checkpoint that holds them.
 */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

import { fail } from '../core/errors.ts';
import { readBytes, readJson, writeAtomic } from '../core/files.ts';
import { createVocabulary } from './vocabulary.ts';
import type { Vocabulary } from './vocabulary.ts';

const tokenizerSchema = z.object({
  model: z.object({
    type: z.literal('WordPiece').optional(),
    vocab: z.record(z.string(), z.int().nonnegative()),
    unk_token: z.string().optional(),
    continuing_subword_prefix: z.string().optional(),
  }),
  added_tokens: z.array(z.object({ id: z.int().nonnegative(), content: z.string() })).optional(),
  normalizer: z.unknown().optional(),
});

const normalizerSchema = z.object({
  type: z.string(),
  lowercase: z.boolean().nullish(),
  strip_accents: z.boolean().nullish(),
  normalizers: z.array(z.unknown()).optional(),
});

const tokenizerConfigSchema = z.object({
  do_lower_case: z.boolean().nullish(),
  strip_accents: z.boolean().nullish(),
});

/**
 * The vocabulary of a file, or of a checkpoint's folder. In a folder `tokenizer.json` goes before `vocab.txt`, and
 * what `tokenizer_config.json` says about case goes before either, as in the published tokenizers.
 *
 * @throws RelataError `E_FILE_MISSING`, `E_JSON`, `E_VOCABULARY`
 */
export function loadVocabulary(path: string): Vocabulary {
  if (!existsSync(path) || !statSync(path).isDirectory()) {
    return path.endsWith('.json') ? fromTokenizer(path) : fromLines(path);
  }
  const tokenizer = join(path, 'tokenizer.json');
  const vocabulary = existsSync(tokenizer) ? fromTokenizer(tokenizer) : fromLines(join(path, 'vocab.txt'));
  const config = join(path, 'tokenizer_config.json');
  if (!existsSync(config)) return vocabulary;
  const { do_lower_case, strip_accents } = parse(tokenizerConfigSchema, readJson(config), config);
  return {
    ...vocabulary,
    lowercase: do_lower_case ?? vocabulary.lowercase,
    stripAccents: strip_accents ?? vocabulary.stripAccents,
  };
}

/** Writes `vocab.txt`, atomically. @throws RelataError `E_VOCABULARY` for a piece that holds a line break */
export function saveVocabulary(path: string, vocabulary: Vocabulary): void {
  const broken = vocabulary.pieces.findIndex((piece) => /[\r\n]/.test(piece));
  if (broken >= 0) throw fail('E_VOCABULARY', { path, reason: `piece ${broken} holds a line break` });
  writeAtomic(path, [vocabulary.pieces.map((piece) => `${piece}\n`).join('')]);
}

function fromLines(path: string): Vocabulary {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(readBytes(path, 'a vocabulary (vocab.txt)'));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw fail('E_VOCABULARY', { path, reason: 'it is not UTF-8 text' }, { cause: error });
  }
  return createVocabulary(text.replace(/\r?\n$/, '').split(/\r?\n/), { path });
}

function fromTokenizer(path: string): Vocabulary {
  const { model, added_tokens, normalizer } = parse(
    tokenizerSchema,
    readJson(path, 'a tokenizer.json'),
    path,
  );
  const named = [
    ...Object.entries(model.vocab),
    ...(added_tokens ?? []).map((t) => [t.content, t.id] as const),
  ];
  const byId = new Map(named.map(([piece, id]) => [id, piece]));
  const pieces = Array.from({ length: byId.size }, (_, id) => {
    const piece = byId.get(id);
    if (piece === undefined) {
      throw fail('E_VOCABULARY', { path, reason: `it has ${byId.size} pieces, but none with the id ${id}` });
    }
    return piece;
  });
  return createVocabulary(pieces, {
    path,
    ...caseOf(normalizer),
    ...(model.continuing_subword_prefix !== undefined && { continuation: model.continuing_subword_prefix }),
    ...(model.unk_token !== undefined && { unknown: model.unk_token }),
  });
}

/** What a normalizer, or the parts of a sequence of them, do to case and accents. */
function caseOf(normalizer: unknown): { lowercase?: boolean; stripAccents?: boolean } {
  const { success, data } = normalizerSchema.safeParse(normalizer);
  if (!success) return {};
  if (data.type === 'Lowercase') return { lowercase: true };
  if (data.type === 'StripAccents') return { stripAccents: true };
  const parts = (data.normalizers ?? []).map(caseOf);
  return Object.assign(
    {},
    ...parts,
    typeof data.lowercase === 'boolean' && { lowercase: data.lowercase },
    typeof data.strip_accents === 'boolean' && { stripAccents: data.strip_accents },
  );
}

function parse<T>(schema: z.ZodType<T>, value: unknown, path: string): T {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const issue = error.issues[0];
  throw fail('E_VOCABULARY', { path, reason: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` });
}
