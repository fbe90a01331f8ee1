// The owner's token: made at the first start of a home, kept in a file that only the owner can read.
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PivoError } from '../../../contract/failures.ts';

const FORM = /^[A-Za-z0-9_-]{43}$/;

/** The token in `file`, which is made when it is not there. Fails with InvalidInput when the file holds something else. */
export async function ownerToken(file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  try {
    const made = randomBytes(32).toString('base64url');
    await using handle = await open(file, 'wx', 0o600);
    await handle.writeFile(`${made}\n`);
    return made;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const token = (await readFile(file, 'utf8')).trim();
  if (!FORM.test(token)) throw new PivoError('InvalidInput', `${file} does not hold a token of PIVO`, { hint: 'Remove the file: the next start makes a new token.' });
  return token;
}
