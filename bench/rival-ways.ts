// What people back git repositories up with: each way's first and later backup, restore, and reading of one file.
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gitText } from '../git/process.ts';
import { enginePlaces, missingTools, startHdfs } from '../engines/index.ts';
import { costOf, stored, together, type Cost } from './cost.ts';

/** Backups of one origin, kept below one folder. */
export interface Way {
  /** The first backup, and each later one. */
  backUp(): Promise<Cost>;
  /** The whole repository, as it was last backed up, to a path that is not there. */
  restore(into: string): Promise<Cost>;
  /** One file of an old commit, from what is stored. */
  read(commit: string, path: string, scratch: string): Promise<Cost>;
  stored(): Promise<{ bytes: number; files: number }>;
  close?(): Promise<void>;
}

export interface Rival {
  name: string;
  /** Why it cannot run here, or null. */
  missing(): Promise<string | null>;
  open(origin: string, folder: string): Promise<Way>;
}

const GIT_ENV = { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };
const gitCost = (...args: string[]): Promise<Cost> => costOf(['git', ...args], { env: GIT_ENV });
const show = (gitDir: string, commit: string, path: string): Promise<Cost> => gitCost(`--git-dir=${gitDir}`, 'show', `${commit}:${path}`);

/** Where a store holds files and not objects, reading one file of a commit means to restore first. */
const restoredFirst = (restore: Way['restore'], gitDirIn: (into: string) => string): Way['read'] => async (commit, path, scratch) => together([await restore(scratch), await show(gitDirIn(scratch), commit, path)]);

async function onPath(tool: string, from: string): Promise<string | null> {
  return promisify(execFile)('sh', ['-c', `command -v ${tool}`]).then(() => null, () => `not on PATH (${from})`);
}

const mirror: Rival = {
  name: 'git clone --mirror',
  missing: () => Promise.resolve(null),
  open: async (origin, folder) => {
    const copy = join(folder, 'mirror.git');
    let first = true;
    return {
      backUp: async () => {
        const cost = first ? await gitCost('clone', '--quiet', '--mirror', pathToFileURL(origin).href, copy) : await gitCost(`--git-dir=${copy}`, 'remote', 'update', '--prune');
        first = false;
        return cost;
      },
      restore: (into) => gitCost('clone', '--quiet', '--mirror', pathToFileURL(copy).href, into),
      read: (commit, path) => show(copy, commit, path),
      stored: () => stored(copy),
    };
  },
};

/** As gitaly-backup does: a bundle of all refs, then bundles of what the refs of the last one do not reach. */
const bundle: Rival = {
  name: 'git bundle',
  missing: () => Promise.resolve(null),
  open: async (origin, folder) => {
    const bundles: string[] = [];
    let known: string[] = [];
    const restore = async (into: string): Promise<Cost> => {
      const [first = '', ...later] = bundles;
      const costs = [await gitCost('clone', '--quiet', '--mirror', first, into)];
      for (const file of later) costs.push(await gitCost(`--git-dir=${into}`, 'fetch', '--quiet', file, '+refs/*:refs/*'));
      return together(costs);
    };
    return {
      backUp: async () => {
        const file = join(folder, `${bundles.length + 1}.bundle`);
        const cost = await gitCost(`--git-dir=${origin}`, 'bundle', 'create', '--quiet', file, '--all', ...known.map((oid) => `^${oid}`));
        known = [...new Set((await gitText(['for-each-ref', '--format=%(objectname)'], { gitDir: origin })).split('\n'))];
        bundles.push(file);
        return cost;
      },
      restore,
      read: restoredFirst(restore, (into) => into),
      stored: () => stored(folder),
    };
  },
};

const restic: Rival = {
  name: 'restic',
  missing: () => onPath('restic', 'apt install restic'),
  open: async (origin, folder) => {
    const env = { RESTIC_PASSWORD: 'bench', RESTIC_CACHE_DIR: `${folder}-cache`, RESTIC_REPOSITORY: folder };
    await costOf(['restic', 'init'], { env });
    const restore = (into: string): Promise<Cost> => costOf(['restic', 'restore', 'latest', '--target', into], { env });
    return { backUp: () => costOf(['restic', 'backup', origin], { env }), restore, read: restoredFirst(restore, (into) => join(into, origin)), stored: () => stored(folder) };
  },
};

const borg: Rival = {
  name: 'borg',
  missing: () => onPath('borg', 'apt install borgbackup'),
  open: async (origin, folder) => {
    const env = { BORG_REPO: folder, BORG_BASE_DIR: `${folder}-base`, BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: 'yes' };
    await costOf(['borg', 'init', '--encryption=none'], { env });
    let backups = 0;
    const restore = async (into: string): Promise<Cost> => {
      await mkdir(into, { recursive: true });
      return costOf(['borg', 'extract', `::${backups}`], { env, cwd: into });
    };
    return { backUp: () => costOf(['borg', 'create', `::${++backups}`, origin], { env }), restore, read: restoredFirst(restore, (into) => join(into, origin)), stored: () => stored(folder) };
  },
};

/** Each backup is one more copy of the folder; every command starts Java. */
const hdfsPut: Rival = {
  name: 'hdfs dfs -put',
  missing: async () => {
    const tools = await missingTools(process.env);
    return tools.length === 0 ? null : `no ${tools.join(', ')} on this machine`;
  },
  open: async (origin, folder) => {
    const hdfs = await startHdfs({ ...enginePlaces(process.env, join(folder, 'hdfs')), separate: true });
    const shell = (...args: string[]): Promise<Cost> => costOf(['java', '-cp', hdfs.classpath, 'org.apache.hadoop.fs.FsShell', '-D', 'dfs.client.block.write.locateFollowingBlock.retries=12', ...args], { env: { LC_ALL: 'C.UTF-8' } });
    let backups = 0;
    const size = { bytes: 0, files: 0 };
    const restore = (into: string): Promise<Cost> => shell('-get', `/copies/${backups}/${basename(origin)}`, into);
    return {
      backUp: async () => {
        const { bytes, files } = await stored(origin);
        size.bytes += bytes;
        size.files += files;
        const made = await shell('-mkdir', '-p', `/copies/${++backups}`);
        return together([made, await shell('-put', origin, `/copies/${backups}/`)]);
      },
      restore,
      read: restoredFirst(restore, (into) => into),
      stored: () => Promise.resolve({ ...size }),
      close: () => hdfs.stop(),
    };
  },
};

export const RIVALS: readonly Rival[] = [mirror, bundle, restic, borg, hdfsPut];
/** Named in the table, and why they are not measured. */
export const ABSENT: Record<string, string> = { kopia: 'the Go module proxy serves no version of it, and apt has no package', gickup: 'the Go module proxy serves no version of it, and apt has no package' };
