// The files of a commit, as `git ls-tree -r -l` lists them: streamed, so that a bomb of paths can be cut short.
import type { CheckoutEntry } from './store.ts';
import { startGit } from '../git/process.ts';

export interface ListedEntry extends CheckoutEntry {
  kind: 'blob' | 'commit';
}

/** Every blob and gitlink of a commit, in git's order. Ending the iteration early ends git. */
export async function* listTree(gitDir: string, commit: string, signal?: AbortSignal): AsyncGenerator<ListedEntry> {
  const listing = startGit(['ls-tree', '-r', '-z', '-l', '--full-tree', commit], { gitDir, signal });
  listing.stdin.end();
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of listing.stdout) {
      const bytes = Buffer.concat([rest, chunk as Buffer]);
      let from = 0;
      for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, from)) {
        yield parseEntry(bytes.subarray(from, end));
        from = end + 1;
      }
      rest = bytes.subarray(from);
    }
    await listing.done;
  } finally {
    listing.kill('SIGKILL');
  }
}

/** `mode SP type SP oid SP+ size TAB path` (git-ls-tree(1)); the size of a gitlink is `-`. */
function parseEntry(line: Buffer): ListedEntry {
  const tab = line.indexOf(9);
  const [mode = '', kind = '', oid = '', size = ''] = line.subarray(0, tab).toString('latin1').split(/ +/);
  return { path: Buffer.from(line.subarray(tab + 1)), mode: Number.parseInt(mode, 8), oid, bytes: size === '-' ? 0 : Number(size), kind: kind === 'commit' ? 'commit' : 'blob' };
}
