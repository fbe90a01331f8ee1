// The mark in a folder that a restore makes: whose work it is while it is not finished.
import { mkdir, readFile, readdir, rm, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';

const MARK = '.pivo-restore';

const Mark = z.object({
  restoreId: z.string(),
  /** The folder itself was made by the restore; otherwise it was there, empty. */
  madeFolder: z.boolean(),
  /** Set when everything is in place: what the push would tell. */
  filled: z.object({ objects: z.number(), warnings: z.array(z.string()) }).nullable(),
});
export type Mark = z.infer<typeof Mark>;

/** The mark in a folder, or null. */
export async function readMark(path: string): Promise<Mark | null> {
  const text = await readFile(join(path, MARK), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return Mark.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Writes the mark whole or not at all. */
export async function writeMark(path: string, mark: Mark): Promise<void> {
  const temporary = `${join(path, MARK)}.new`;
  await writeFile(temporary, JSON.stringify(mark), { mode: 0o644 });
  await rename(temporary, join(path, MARK));
}

/**
 * Makes the folder, or takes an empty one, for this restore alone. Work of an earlier attempt that was not finished
 * is thrown away; finished work is returned. Fails with TargetRefused when someone else was there first.
 */
export async function claimFolder(path: string, restoreId: string): Promise<Mark> {
  const earlier = await readMark(path);
  if (earlier?.restoreId === restoreId && earlier.filled !== null) return earlier;
  const made = earlier?.restoreId === restoreId ? (await empty(path), earlier.madeFolder) : (await mkdir(path, { recursive: true })) !== undefined;
  const taken = (await readdir(path)).filter((name) => !name.startsWith(MARK));
  if (taken.length > 0) throw new PivoError('TargetRefused', `${path} is not empty any more`, { hint: 'Something was written there since the plan was made; choose another path.', facts: { entries: taken.slice(0, 5) } });
  const mark = { restoreId, madeFolder: made, filled: null };
  await writeMark(path, mark);
  return mark;
}

/** The restore is finished: the folder is a repository like any other. */
export async function removeMark(path: string): Promise<void> {
  await rm(join(path, MARK), { force: true });
}

/** Removes what this restore put at `path`, and nothing else: no mark of its own there, nothing removed. */
export async function discardFolder(path: string, restoreId: string): Promise<boolean> {
  const mark = await readMark(path);
  if (mark?.restoreId !== restoreId) return false;
  await empty(path);
  await rm(mark.madeFolder ? path : join(path, MARK), { recursive: true, force: true });
  return true;
}

/** Everything but the mark, which goes last: it says whose the rest is. */
async function empty(path: string): Promise<void> {
  for (const name of await readdir(path)) if (name !== MARK) await rm(join(path, name), { recursive: true, force: true, maxRetries: 5 });
}
