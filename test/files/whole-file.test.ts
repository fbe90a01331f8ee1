// Files that are there only when they are whole.
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replaceFile, writeWhole } from '../../whole-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-files-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('a file that is replaced', () => {
  it('by many at the same moment is whole, and nothing else is left', async () => {
    const contents = Array.from({ length: 100 }, (_, n) => `${n}`.repeat(1_000));
    await Promise.all(contents.map((content) => replaceFile(join(folder, 'note'), content)));
    expect(await readdir(folder)).toEqual(['note']);
    expect(contents).toContain(await readFile(join(folder, 'note'), 'utf8'));
  });

  it('keeps its content where the new one cannot be put in its place', async () => {
    await expect(replaceFile(folder, 'a folder is there')).rejects.toMatchObject({ code: 'EISDIR' });
    await expect(replaceFile(join(folder, 'missing', 'note'), 'x')).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('a file that is filled', () => {
  it('takes the place of what an interrupted attempt left', async () => {
    await writeFile(join(folder, 'body'), 'left behind, and longer than what comes');
    await writeWhole(join(folder, 'body'), (sink) => pipeline(['whole'], sink));
    expect(await readFile(join(folder, 'body'), 'utf8')).toBe('whole');
  });

  it('is gone when filling it fails, however soon', async () => {
    const fill = (): Promise<void> => Promise.reject(new Error('at once'));
    await expect(writeWhole(join(folder, 'body'), fill)).rejects.toThrow('at once');
    expect(await readdir(folder)).toEqual([]);
  });
});
