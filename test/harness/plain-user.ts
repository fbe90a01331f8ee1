// A user without rights, for servers that refuse to run as root.
import { readFile } from 'node:fs/promises';

export interface PlainUser {
  uid: number;
  gid: number;
}

/** The first of `names` that this machine has, where the tests run as root; undefined where they do not. */
export async function plainUser(...names: readonly string[]): Promise<PlainUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const users = new Map((await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => [line.split(':')[0], line.split(':')]));
  const [, , uid, gid] = names.map((name) => users.get(name)).find((found) => found !== undefined) ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}
