import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { loadVocabulary, saveVocabulary } from '../../src/text/vocabulary-file.ts';
import { createVocabulary } from '../../src/text/vocabulary.ts';

const folder = mkdtempSync(join(tmpdir(), 'relata-vocabulary-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
const write = (name: string, content: string | object) => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};
const refused = (path: string, reason: RegExp) =>
  expect(() => loadVocabulary(path)).toThrow(
    expect.objectContaining({ code: 'E_VOCABULARY', message: expect.stringMatching(reason) }),
  );

describe('vocab.txt', () => {
  it('has a piece a line, whatever the line ends, and keeps ids of empty and odd lines', () => {
    const unix = loadVocabulary(write('unix.txt', `${[...SPECIAL, 'a', '', '\u2028', '##b'].join('\n')}\n`));
    expect(unix.pieces.slice(5)).toEqual(['a', '', '\u2028', '##b']);
    expect(unix.ids.get('##b')).toBe(8);
    expect(unix.lowercase).toBeUndefined();
    const windows = loadVocabulary(write('windows.txt', `\uFEFF${[...SPECIAL, 'a'].join('\r\n')}`));
    expect(windows.pieces).toEqual([...SPECIAL, 'a']);
  });

  it('comes back as it was saved', () => {
    const vocabulary = createVocabulary([...SPECIAL, 'é', '##中', 'a']);
    const path = join(folder, 'saved', 'vocab.txt');
    saveVocabulary(path, vocabulary);
    expect(loadVocabulary(path)).toEqual(vocabulary);
    const broken = createVocabulary([...SPECIAL, 'a\nb']);
    expect(() => saveVocabulary(path, broken)).toThrow(expect.objectContaining({ code: 'E_VOCABULARY' }));
  });

  it('refuses what is none', () => {
    refused(write('none.txt', 'a\nb\n'), /2 pieces, but no \[PAD\]/);
    const path = join(folder, 'binary.txt');
    writeFileSync(path, Uint8Array.of(0xff, 0xfe, 0xfd));
    refused(path, /not UTF-8/);
    expect(() => loadVocabulary(join(folder, 'absent.txt'))).toThrow(
      expect.objectContaining({ code: 'E_FILE_MISSING' }),
    );
  });
});

describe('tokenizer.json', () => {
  const vocab = Object.fromEntries(SPECIAL.map((piece, id) => [piece, id]));
  const tokenizer = (extra: object = {}) => ({
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '@@',
      vocab: { '@@b': 6, a: 5, ...vocab },
    },
    ...extra,
  });

  it('gives pieces by id, the prefix, and what its normalizer does', () => {
    const normalizer = { type: 'BertNormalizer', lowercase: true, strip_accents: false };
    const read = loadVocabulary(write('a.json', tokenizer({ normalizer })));
    expect(read.pieces).toEqual([...SPECIAL, 'a', '@@b']);
    expect(read).toMatchObject({ continuation: '@@', lowercase: true, stripAccents: false });
    const normalizers = [{ type: 'NFD' }, { type: 'Lowercase' }, { type: 'StripAccents' }];
    expect(
      loadVocabulary(write('b.json', tokenizer({ normalizer: { type: 'Sequence', normalizers } }))),
    ).toMatchObject({
      lowercase: true,
      stripAccents: true,
    });
    const plain = loadVocabulary(write('c.json', tokenizer({ normalizer: null })));
    expect([plain.lowercase, plain.stripAccents]).toEqual([undefined, undefined]);
  });

  it('takes added tokens in, and refuses holes and other models', () => {
    const added = loadVocabulary(write('d.json', tokenizer({ added_tokens: [{ id: 7, content: '[E1]' }] })));
    expect(added.pieces[7]).toBe('[E1]');
    refused(write('e.json', tokenizer({ added_tokens: [{ id: 9, content: '[E1]' }] })), /none with the id 7/);
    refused(write('f.json', { model: { type: 'BPE', vocab: {} } }), /model\.type/);
    refused(write('g.json', { model: { type: 'WordPiece', vocab: { a: -1 } } }), /model\.vocab\.a/);
  });

  it('is found in a folder, where tokenizer_config.json decides the case', () => {
    write('tokenizer.json', tokenizer({ normalizer: { type: 'BertNormalizer', lowercase: true } }));
    expect(loadVocabulary(folder)).toMatchObject({ lowercase: true, continuation: '@@' });
    write('tokenizer_config.json', { do_lower_case: false });
    expect(loadVocabulary(folder)).toMatchObject({ lowercase: false, continuation: '@@' });
    rmSync(join(folder, 'tokenizer.json'));
    write('vocab.txt', SPECIAL.join('\n'));
    expect(loadVocabulary(folder)).toMatchObject({ lowercase: false, continuation: '##' });
  });
});
