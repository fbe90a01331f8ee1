// An origin that changes as a run's numbers say: commits, merges, new and deleted and rewritten branches and tags.
import { importCommits } from '../fixtures/fast-import.ts';
import { initBare, setRefs, writeTag } from '../fixtures/plumbing.ts';
import { stateOf } from '../harness/repository-state.ts';

/** A bare repository with a few commits. */
export async function makeOrigin(dir: string, change: readonly number[]): Promise<void> {
  await initBare(dir);
  const [salt = 0] = change;
  const commits = await importCommits(dir, Array.from({ length: 3 + (salt % 4) }, (_, at) => ({ ref: 'refs/heads/main', mark: at + 1, parents: at === 0 ? [] : [at], message: `Commit ${at} of ${salt}\n`, files: [{ path: `src/file-${at % 3}.txt`, content: `${salt} ${at}\n`.repeat(20) }, { path: 'README', content: `${at}\n` }] })));
  await setRefs(dir, [['refs/heads/side', commits[0] ?? ''], ['refs/tags/v0', await writeTag(dir, commits[1] ?? '', 'commit', 'v0')]]);
}

/** Commits on main, and what the second number says. */
export async function changeOrigin(dir: string, change: readonly number[]): Promise<void> {
  const [salt = 0, what = 0, which = 0] = change;
  const { refs } = await stateOf(dir);
  const main = refs.find(({ name }) => name === 'refs/heads/main')?.oid;
  const onto = what % 6 === 1 ? undefined : main; // 1: a force-push
  const [first = '', last = ''] = await importCommits(dir, [1, 2].map((mark) => ({ ref: 'refs/heads/main', mark, ...(mark === 1 ? (onto === undefined ? {} : { onto }) : { parents: [1] }), message: `Change ${mark} of ${salt}\n`, files: [{ path: `src/file-${(salt + mark) % 5}.txt`, content: `${salt} ${mark}\n`.repeat(30) }] })));
  const other = refs.filter(({ name }) => name !== 'refs/heads/main')[which % Math.max(1, refs.length - 1)]?.name;
  if (what % 6 === 2 && other !== undefined) await setRefs(dir, [[other, null]]);
  if (what % 6 === 3) await setRefs(dir, [[`refs/heads/topic/${salt % 50}`, first]]);
  if (what % 6 === 4) await setRefs(dir, [[`refs/tags/v${salt % 50}`, await writeTag(dir, last, 'commit', `v${salt % 50}`)]]);
  if (what % 6 === 5 && main !== undefined) await setRefs(dir, [['refs/heads/main', main], ['refs/heads/side', last]]); // main stays, side is cut off
}
