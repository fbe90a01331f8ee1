// Files that are whole or not there.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';

export const exists = (path: string): Promise<boolean> => access(path).then(() => true, () => false);

/** Writes beside and renames: a reader sees the old text or the new. Folders above are made. */
export function writeWhole(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const aside = `${file}.${process.pid}.new`;
  writeFileSync(aside, text);
  renameSync(aside, file);
}
