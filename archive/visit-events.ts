// The events of one visit: a COMMIT for each commit that it first reaches, then its SNAPSHOT.
import { CHANGES_PER_EVENT, REFS_PER_EVENT, type Change, type CommitEvent, type SnapshotEvent } from '../contract/events.ts';
import type { Ref, Snapshot } from '../contract/snapshot.ts';
import type { Visit } from '../contract/visit.ts';
import type { LoggedCommit } from './commit-log.ts';
import { hdfsPath } from './layout.ts';
import { newCommits } from './new-commits.ts';
import { readSnapshot } from './snapshots.ts';
import type { Store } from './store.ts';

export interface VisitEventsInput {
  store: Store;
  repository: string;
  visit: Visit;
  /** The visit before; null for the first. */
  previous: Visit | null;
  /** A folder of git objects that holds both visits' packs in `pack/`, on this machine. */
  objectDirectory: string;
  signal?: AbortSignal | undefined;
  /** Changes a commit before its event is made; missing: it is told as it is written. */
  hide?: ((commit: LoggedCommit) => LoggedCommit) | undefined;
}

/**
 * Events of a committed visit, the same whenever it is asked: commits oldest first, parents before children,
 * then the snapshot. Only the packs that the two visits name are looked at, so that what a later visit brought
 * changes nothing. Fails with NotFound, Damaged, GitFailed or Cancelled.
 */
export async function* eventsOfVisit({ store, repository, visit, previous, objectDirectory, signal, hide }: VisitEventsInput): AsyncGenerator<CommitEvent | SnapshotEvent> {
  const snapshot = await readSnapshot(store, repository, visit);
  if (visit.outcome !== 'unchanged') {
    const before = previous === null ? null : await readSnapshot(store, repository, previous);
    for await (const commit of newCommits({ visit, snapshot, previous, before, objectDirectory, signal })) yield* commitEvents(visit, hide === undefined ? commit : hide(commit));
  }
  yield* snapshotEvents(visit, snapshot);
}

/** Most characters of paths or ref names in one event, so that it fits a message of the usual brokers. */
const NAMES_PER_EVENT = 384 * 1024;
/** Most bytes of a subject, and of a body. */
const TEXT_BYTES = 64 * 1024;

function* commitEvents(visit: Visit, commit: LoggedCommit): Generator<CommitEvent> {
  const { repository, seq } = visit;
  const { hash, parents, author, committer } = commit;
  const parts = split(commit.changes ?? [], CHANGES_PER_EVENT, ([, path]: Change) => path.length);
  for (const [part, changes] of parts.entries()) {
    yield {
      type: 'COMMIT',
      id: `commit:${repository}:${hash}:${part}`,
      repository,
      visit: seq,
      hash,
      parents,
      author,
      committer,
      ...subjectAndBody(commit.message),
      changes,
      ...(commit.changes === null ? { changesUnknown: true as const } : {}),
      hdfsPath: hdfsPath(repository, hash),
      part,
      parts: parts.length,
    };
  }
}

/** Subject and body as `git log` tells them apart (%s, %b): the first paragraph in one line, and the rest. */
export function subjectAndBody(message: string): { subject: string; body: string } {
  const text = message.replace(/^\s*\n/, '');
  const gap = /\n\s*\n/.exec(text);
  const subject = gap === null ? text : text.slice(0, gap.index);
  const body = gap === null ? '' : text.slice(gap.index + gap[0].length);
  return { subject: cutText(subject.split('\n').map((line) => line.trimEnd()).join(' ')), body: cutText(body) };
}

/** The text as far as it fits into an event; never half a character. */
export function cutText(text: string): string {
  if (text.length * 3 <= TEXT_BYTES) return text;
  const bytes = Buffer.from(text);
  return bytes.length <= TEXT_BYTES ? text : bytes.subarray(0, TEXT_BYTES).toString('utf8').replace(/\uFFFD+$/, '');
}

function* snapshotEvents(visit: Visit, snapshot: Snapshot): Generator<SnapshotEvent> {
  const refs = visit.outcome === 'unchanged' ? [] : snapshot.refs;
  const parts = split(refs, REFS_PER_EVENT, (ref: Ref) => ref.name.length);
  for (const [part, refs] of parts.entries()) yield { ...snapshotFacts(visit, snapshot), id: `snapshot:${visit.repository}:${visit.seq}:${part}`, refs, part, parts: parts.length };
}

function snapshotFacts(visit: Visit, snapshot: Snapshot): Omit<SnapshotEvent, 'id' | 'refs' | 'part' | 'parts'> {
  const { checkout, packs } = visit;
  const added = packs.filter((pack) => visit.newPacks.includes(pack.name));
  return {
    type: 'SNAPSHOT',
    repository: visit.repository,
    origin: visit.origin,
    visit: visit.seq,
    time: visit.time,
    snapshot: visit.snapshot,
    objectFormat: visit.objectFormat,
    outcome: visit.outcome,
    head: snapshot.head,
    refCount: snapshot.refs.length,
    packs: packs.length,
    packBytes: bytesOf(packs),
    newPacks: added.length,
    newBytes: bytesOf(added),
    holes: visit.holes.length,
    findings: visit.fsck.reduce((sum, { count }) => sum + count, 0),
    changes: visit.changes,
    checkout: { commit: checkout.commit, kind: checkout.kind, path: checkout.path, files: checkout.files, bytes: checkout.bytes },
    workflow: { id: visit.workflow.id, runId: visit.workflow.runId },
  };
}

const bytesOf = (packs: Visit['packs']): number => packs.reduce((sum, { pack }) => sum + pack.bytes, 0);

/** Cuts a list into parts of at most `count` items and about NAMES_PER_EVENT characters; at least one part. */
function split<T>(items: T[], count: number, length: (item: T) => number): T[][] {
  const parts: T[][] = [[]];
  let characters = 0;
  for (const item of items) {
    const last = parts.at(-1) ?? [];
    if (last.length >= count || (last.length > 0 && characters + length(item) > NAMES_PER_EVENT)) {
      parts.push([item]);
      characters = 0;
    } else last.push(item);
    characters += length(item);
  }
  return parts;
}
