// Names as text: every byte survives, and git writes them the same way.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { git } from '../../git/process.ts';
import { quoteLatin1, quotePatchPath, quotePath, unquotePath } from '../../git/quote.ts';
import { initBare, writeObject, writeTree } from '../fixtures/plumbing.ts';

const NAMES = ['plain', 'ünï/日本', 'new\nline', '"quoted', 'back\\slash', 'tab\t', 'a:b', '100%', 'bell\u0007', ''].map((name) => Buffer.from(name)).concat(
  [[0xff, 0xfe], [0x63, 0x61, 0x66, 0xe9], [0xe9, 0x22, 0x5c, 0x0a], [0x22, 0x22], Array.from({ length: 254 }, (_, i) => i + 1).filter((byte) => byte !== 47)].map((bytes) => Buffer.from(bytes)),
);

describe('a quoted name', () => {
  test.each(NAMES.map((name) => [quotePath(name), name] as const))('%j is read back byte for byte', (text, name) => {
    expect(unquotePath(text).equals(name)).toBe(true);
    expect(quoteLatin1(name.toString('latin1'))).toBe(name[0] === 34 && name.every((byte) => byte < 128) ? name.toString() : text);
  });

  test('that is UTF-8 stays as it is, so that people can read and type it', () => {
    expect(quotePath(Buffer.from('日本/語 %:'))).toBe('日本/語 %:');
  });

  test('is written as git itself writes it', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'pivo-quote-'));
    try {
      await initBare(dir);
      const oid = await writeObject(dir, 'blob', 'x');
      for (const name of NAMES.filter((each) => each.length > 0 && !each.includes(47))) {
        const tree = await writeTree(dir, [{ mode: '100644', name, oid }]);
        const { stdout } = await git(['ls-tree', '--name-only', tree], { gitDir: dir });
        expect(quotePatchPath(name)).toBe(stdout.toString('latin1').replace(/\n$/, ''));
      }
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});
