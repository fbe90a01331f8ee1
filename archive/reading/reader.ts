// One repository of the archive, open for questions: visits, commits, trees, files, history, differences.
import { isPivoError, PivoError } from '../../contract/failures.ts';
import type { Snapshot } from '../../contract/snapshot.ts';
import type { Visit } from '../../contract/visit.ts';
import { openCatFile, type CatFile, type OpenedObject } from '../../git/cat-file.ts';
import { gateOf, listDecisions, type Gate } from '../decisions.ts';
import { readRepairedVisit } from '../repairs.ts';
import { readSnapshot } from '../snapshots.ts';
import type { Store } from '../store.ts';
import { openCommitTable, type CommitTable } from './commit-table.ts';
import { explainBy, explained, explainedEach } from './explain.ts';
import { diffCommits, type FileDifference } from './diff.ts';
import type { VisitSummary } from './history.ts';
import { readLog, type HistoryCommit } from './log.ts';
import type { ReadCache } from './read-cache.ts';
import { historyTips } from './tips.ts';
import { listTree, normalPath, requirePath, type ListedEntry } from './tree.ts';

export interface Blob {
  mode: string;
  oid: string;
  bytes: number;
  /** As `quotePath` writes it. */
  path: string;
  content: AsyncIterable<Uint8Array>;
}

export interface RepositoryReader {
  readonly repository: string;
  /** A disposable bare repository that holds every object ever backed up, and no ref. */
  readonly gitDir: string;
  /** All visits, ascending, as far as this reader knows them. */
  readonly visits: readonly VisitSummary[];
  readonly objects: CatFile;
  /** A visit, with the packs that hold its objects now. Fails with NotFound or Damaged. */
  visit(seq: number): Promise<Visit>;
  /** The snapshot that a visit found. Fails with NotFound or Damaged. */
  snapshot(visit: Pick<Visit, 'snapshotPath'>): Promise<Snapshot>;
  /** Which visit is current, by the gate's records of this moment. Fails with Damaged. */
  gate(): Promise<Gate>;
  /** Every commit ever backed up; made when it is first asked for. */
  commits(): Promise<CommitTable>;
  /** Entries below a path, as `listTree` lists them. */
  tree(commit: string, path?: string, options?: { recursive?: boolean | undefined }): AsyncIterable<ListedEntry>;
  /** One file. Fails with NotFound, whose hint names what is nearby, and for a folder or gitlink with InvalidInput. */
  blob(commit: string, path: string, signal?: AbortSignal): Promise<Blob>;
  /** Commits from `from`, or from all refs of a visit, newest first. */
  log(question: ReaderLog): AsyncIterable<HistoryCommit>;
  /** What changed from one commit to another, file by file. */
  diff(a: string, b: string, path?: string): AsyncIterable<FileDifference>;
  /** Ends its git process; what was asked is still answered. */
  close(): Promise<void>;
}

export interface ReaderLog {
  /** A commit, or the snapshot whose refs and HEAD are all followed. */
  from: string | Snapshot;
  path?: string | undefined;
  limit?: number | undefined;
  skip?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** Visits and snapshots that are kept in memory. */
const KEPT = 8;

/** `objects`: those of a reader that knew fewer visits of the same cache; git finds packs that were added. */
export function openReader(store: Store, repository: string, cache: ReadCache, objects: CatFile = openCatFile(cache.gitDir)): RepositoryReader {
  const { gitDir, history } = cache;
  const visits = new Map<number, Promise<Visit>>();
  const snapshots = new Map<string, Promise<Snapshot>>();
  let commits: Promise<CommitTable> | undefined;
  const explain = explainBy(store, repository, () => Object.entries(history.packs).map(([name, lengths]) => ({ name, ...lengths })));
  const visit = (seq: number): Promise<Visit> => remember(visits, seq, () => readRepairedVisit(store, repository, seq));
  return {
    repository,
    gitDir,
    visits: history.visits,
    objects,
    visit,
    snapshot: (visit) => remember(snapshots, visit.snapshotPath, () => readSnapshot(store, repository, visit)),
    gate: async () => gateOf(history.visits, await listDecisions(store, repository, { known: await knownDecisions(history.visits, visit) })),
    commits: () => {
      commits ??= explained(explain, openCommitTable(store, repository, cache)).catch((error: unknown) => {
        commits = undefined; // the next question tries again
        throw error;
      });
      return commits;
    },
    tree: (commit, path = '', options = {}) => explainedEach(explain, listTree(objects, commit, path, options)),
    blob: (commit, path, signal) => explained(explain, openBlob(objects, commit, path, signal)),
    log: ({ from, ...question }) => explainedEach(explain, readLog(gitDir, { ...question, from: typeof from === 'string' ? [from] : historyTips(from) })),
    diff: (a, b, path) => explainedEach(explain, diffCommits(objects, a, b, path)),
    close: () => objects.close(),
  };
}

/** How many decision records the last visit knew of; a visit that cannot be read knows of none, and who needs it is told. */
async function knownDecisions(visits: readonly VisitSummary[], read: (seq: number) => Promise<Visit>): Promise<number> {
  const last = visits.at(-1);
  if (last === undefined) return 0;
  const visit = await read(last.seq).catch((error: unknown) => {
    if (isPivoError(error, 'Damaged', 'NotFound')) return null;
    throw error;
  });
  return visit?.decisions ?? 0;
}

/** The value of a key; the ones that were asked for last are kept, failures are not. */
function remember<K, V>(kept: Map<K, Promise<V>>, key: K, read: () => Promise<V>): Promise<V> {
  const value = kept.get(key) ?? read();
  kept.delete(key);
  kept.set(key, value);
  value.catch(() => kept.get(key) === value && kept.delete(key));
  for (const [oldest] of kept) if (kept.size > KEPT) kept.delete(oldest);
  return value;
}

async function openBlob(objects: CatFile, commit: string, path: string, signal?: AbortSignal): Promise<Blob> {
  const { mode, type, oid } = await requirePath(objects, commit, path);
  const shown = normalPath(path);
  if (type === 'tree') throw new PivoError('InvalidInput', `${shown === '' ? 'the root' : shown} is a folder`, { hint: 'List it with `pivo ls`.', facts: { commit, path: shown } });
  if (type === 'commit') throw new PivoError('InvalidInput', `${shown} is a submodule at commit ${oid}`, { hint: 'Its content belongs to a repository of its own.', facts: { commit, path: shown, gitlink: oid } });
  const found: OpenedObject | null = await objects.open(oid, signal);
  if (found === null) throw new PivoError('NotFound', `the content of ${shown} is not in the archive`, { hint: 'The origin itself lacked it, or a pack is damaged: see `pivo verify`.', facts: { commit, path: shown, oid } });
  return { mode, oid, bytes: found.size, path: shown, content: found.content };
}
