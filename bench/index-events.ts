// A made-up history as events: words, people and paths as unevenly used as in real repositories.
import { createHash } from 'node:crypto';
import type { CommitEvent, SnapshotEvent } from '../contract/events.ts';

export const REPOSITORIES = 4;
const VOCABULARY = 20_000;

let seed = 7;
const random = (): number => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed / 2 ** 32;
};

export const pick = (below: number): number => Math.floor(random() * below);

/** Ranks by Zipf's law: rank r comes about 1 / r times as often as the first. */
const zipf = (below: number): number => Math.floor(below ** random()) - 1;

const SYLLABLES = 'ba be bo cu da de di fa fe go ha ka ki la lo ma me no pa pe ra ri sa so ta te to vu wa zo'.split(' ');

/** The word of a rank, made of syllables; rank 0 is the most frequent. */
export function wordOf(rank: number): string {
  let text = '';
  for (let rest = rank + 30; rest > 0; rest = Math.floor(rest / 30)) text += SYLLABLES[rest % 30];
  return `${text}n`;
}

const word = (): string => wordOf(zipf(VOCABULARY));
const words = (count: number): string => Array.from({ length: count }, word).join(' ');

export const hashOf = (n: number): string => createHash('sha1').update(String(n)).digest('hex');
export const repositoryOf = (n: number): string => `repository-${n % REPOSITORIES}`;
export const pathOf = (file: number): string => `src/${wordOf(file % 97)}/${wordOf((file * 7) % 1009)}-${file}.ts`;

/** Commit `n`: ten words, three paths on average, one path in twenty commits. */
export function commitEvent(n: number, commits: number): CommitEvent {
  const repository = repositoryOf(n);
  const hash = hashOf(n);
  const who = zipf(2_000);
  const person = { name: `Author ${who}`, email: `author${who}@example.org`, time: 1_420_070_400 + n * 60, zone: '+0100' };
  const paths = new Set(Array.from({ length: 1 + pick(5) }, () => pathOf(zipf(commits / 20))));
  return {
    type: 'COMMIT', id: `commit:${repository}:${hash}:0`, repository, visit: 1, hash, parents: n < REPOSITORIES ? [] : [hashOf(n - REPOSITORIES)], author: person, committer: person,
    subject: words(5), body: words(5), changes: [...paths].map((path) => ['M', path]), hdfsPath: `/backups/${repository}/${hash}`, part: 0, parts: 1,
  };
}

/** The event that ends a visit of the repository of commit `n`. */
export function snapshotEvent(n: number, visit: number): SnapshotEvent {
  const repository = repositoryOf(n);
  return {
    type: 'SNAPSHOT', id: `snapshot:${repository}:${visit}:0`, repository, origin: `https://example.org/${repository}.git`, visit, time: new Date(1_700_000_000_000 + visit).toISOString(), snapshot: `swh:1:snp:${hashOf(n)}`,
    objectFormat: 'sha1', outcome: 'full', head: { symref: null, oid: hashOf(n) }, refs: [], refCount: 0, packs: 1, packBytes: 1, newPacks: 1, newBytes: 1, holes: 0,
    changes: { created: 0, updated: 0, forced: 0, deleted: 0 }, checkout: { commit: null, kind: 'none', path: null, files: 0, bytes: 0 }, workflow: { id: 'bench', runId: String(visit) }, part: 0, parts: 1,
  };
}
