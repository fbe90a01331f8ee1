// The rows and columns of the damage suite: what is done to a file, and which file.
import { existsSync } from 'node:fs';
import { chmod, readFile, readdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheOf, eventsOf, indexOf, repositoryOf, REPOSITORY, type Lane } from './lane.ts';

export const DAMAGES: Record<string, (file: string, other: string) => Promise<void>> = {
  deleted: (file) => rm(file),
  truncated: async (file) => truncate(file, Math.floor((await stat(file)).size / 2)),
  'a bit flipped': async (file) => {
    const bytes = await readFile(file);
    const at = Math.floor(bytes.length / 2);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await writeFile(file, bytes);
  },
  swapped: async (file, other) => {
    await rename(file, `${file}.swap`);
    await rename(other, file);
    await rename(`${file}.swap`, other);
  },
  emptied: (file) => truncate(file),
};

export interface Target {
  name: string;
  /** The file, and the one that it is swapped with. */
  files(lane: Lane): Promise<[file: string, other: string]> | [file: string, other: string];
  /** What a message must hold to name it. */
  called(file: string): RegExp;
  /** Acts that must tell, whatever the damage is; every other act tells or does its work as if nothing were. */
  tells: readonly string[];
  /** Cases that nobody can notice, with the reason; docs/shortcomings.md says so. */
  unnoticed?: Record<string, string>;
}

const snapshotFile = (name: string, other: string) => ({ name, files: (lane: Lane): [string, string] => [join(repositoryOf(lane), lane.visits[2]?.snapshotPath ?? '', name), join(repositoryOf(lane), other === name ? (lane.visits[0]?.snapshotPath ?? '') : (lane.visits[2]?.snapshotPath ?? ''), other)] });

const packFile = (extension: 'pack' | 'idx') => ({ name: extension, files: (lane: Lane): [string, string] => {
  const [first, second] = (lane.visits[2]?.packs ?? []).map((pack) => join(repositoryOf(lane), 'objects', 'pack', `${pack.name}.${extension}`));
  return [first ?? '', second ?? ''];
} });

const decisionFile = (name: string, number: number, other: number) => ({ name, files: (lane: Lane): [string, string] => [join(repositoryOf(lane), 'decisions', `${number}.json`), join(repositoryOf(lane), 'decisions', `${other}.json`)] });

const cacheFile = (name: string, find: (files: string[]) => string | undefined) => ({ name, files: async (lane: Lane): Promise<[string, string]> => {
  const folder = join(cacheOf(lane), REPOSITORY);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).toSorted();
  const file = find(files);
  if (file === undefined) throw new Error(`there is no ${name} among ${files.join(' ')}`);
  return [file, files.find((other) => other !== file && dirname(other) === dirname(file)) ?? files.find((other) => other !== file) ?? ''];
} });

const stem = (file: string): RegExp => new RegExp(/pack-[0-9a-f]+/.exec(file)?.[0] ?? '^$');
const literally = (text: string): RegExp => new RegExp(text.replaceAll('.', '\\.'));

/** Nothing in the archive names its last visit: without it, the one before is the last. */
const LAST_VISIT_DELETED = Object.fromEntries(['read', 'restore', 'reindex'].map((act) => [`deleted ${act}`, 'nothing names the last visit']));

export const TARGETS: readonly Target[] = [
  { ...packFile('pack'), called: stem, tells: ['restore', 'verify'] },
  { ...packFile('idx'), called: stem, tells: ['verify'] },
  { ...snapshotFile('snapshot.json', 'snapshot.json'), called: () => /snapshot\.json/, tells: ['read', 'ingest', 'restore', 'verify'] },
  { ...snapshotFile('packed-refs', 'packed-refs'), called: () => /packed-refs/, tells: ['verify'] },
  { ...snapshotFile('alternates', 'objects/info/alternates'), files: (lane) => [join(repositoryOf(lane), lane.visits[2]?.snapshotPath ?? '', 'objects/info/alternates'), join(repositoryOf(lane), lane.visits[2]?.snapshotPath ?? '', 'config')], called: () => /alternates/, tells: ['verify'] },
  { name: 'a visit', files: (lane) => [join(repositoryOf(lane), 'visits/2.json'), join(repositoryOf(lane), 'visits/1.json')], called: () => /visits\/[12]\.json|visit 2/, tells: ['verify'] },
  { name: 'the last visit', files: (lane) => [join(repositoryOf(lane), 'visits/3.json'), join(repositoryOf(lane), 'visits/1.json')], called: () => /visits\/[13]\.json|visit 3/, tells: [], unnoticed: LAST_VISIT_DELETED },
  { ...decisionFile('a decision of the gate', 1, 2), called: () => /decisions\/[12]\.json/, tells: ['verify'] },
  { ...decisionFile('the last decision of the gate', 2, 1), called: () => /decisions\/[12]\.json/, tells: ['verify'] },
  { name: 'a file of the checkout', files: async (lane) => {
    const folder = join(repositoryOf(lane), lane.visits[2]?.checkout.path ?? '');
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).toSorted();
    return [files[0] ?? '', files[1] ?? ''];
  }, called: (file) => literally(file.slice(-20)), tells: [] },
  { name: 'the index database', files: (lane) => [indexOf(lane), eventsOf(lane)], called: () => /pivo\.db|events\.db/, tells: [] },
  { name: 'the event log', files: (lane) => [eventsOf(lane), indexOf(lane)], called: () => /events\.db|pivo\.db/, tells: [], unnoticed: { 'a bit flipped reindex': 'SQLite keeps no checksums; `reindex --from archive` has the truth' } },
  { ...cacheFile("the cache's history", (files) => files.find((file) => file.endsWith('history.json'))), called: () => /cache\/execa/, tells: [] },
  { ...cacheFile("the cache's commits", (files) => files.find((file) => /commits-[0-9]+$/.test(file))), called: () => /cache\/execa/, tells: [] },
  { ...cacheFile("the cache's refs", (files) => files.find((file) => file.endsWith('fetch.git/packed-refs'))), called: () => /cache\/execa/, tells: [] },
  { ...cacheFile("the cache's observation", (files) => files.find((file) => file.includes('/runs/'))), called: () => /cache\/execa/, tells: [] },
  { ...cacheFile("the cache's note of what was emitted", (files) => files.find((file) => file.endsWith('emitted.json'))), called: () => /cache\/execa/, tells: [] },
];

/** Damages a file that may be write-protected, in a folder that may be; what is left of it has its mode again, so that this tells nobody. */
export async function damage(kind: string, file: string, other: string): Promise<void> {
  const modes = await Promise.all([file, other].map(async (path) => (await stat(path)).mode));
  for (const path of [file, other]) {
    await chmod(dirname(path), 0o755);
    await chmod(path, 0o644);
  }
  await DAMAGES[kind]?.(file, other);
  for (const [i, path] of [file, other].entries()) if (existsSync(path)) await chmod(path, modes[i] ?? 0o644);
}
