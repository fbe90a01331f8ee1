// The acts of the damage suite: each works on a home and gives one text that says what came out, the same for the same archive.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { openLibrary } from '../../archive/reading/library.ts';
import { verifyRepository } from '../../archive/reading/verify.ts';
import { readSnapshot } from '../../archive/snapshots.ts';
import { readVisit } from '../../archive/visits.ts';
import { isPivoError } from '../../contract/failures.ts';
import type { Log } from '../../contract/log.ts';
import { openEventLog } from '../../events/open.ts';
import { gitText } from '../../git/process.ts';
import { ReadOnlyIndex } from '../../metadata/read-only.ts';
import { MetadataService } from '../../workers/metadata-service.ts';
import { openIngest } from '../harness/ingest.ts';
import { restoreTo } from '../harness/restore.ts';
import { cacheOf, eventsOf, indexOf, REPOSITORY, storeOf, type Lane } from './lane.ts';

const never = new AbortController().signal;
const nothing = (): void => {};

/** What an act is told of: where the damage is, so that it looks there; and what it noted on its way. */
export interface Case {
  lane: Lane;
  target: string;
  /** Lines that a person would see. */
  notes: string[];
}

export const ACTS: Record<string, (one: Case) => Promise<string>> = { read, ingest, restore, verify, reindex };

/** Which visit is current; every visit, its refs, all files of its HEAD and its log; of the index, its visits. */
async function read({ lane, target }: Case): Promise<string> {
  if (target === 'the index database') return readIndex(lane);
  const library = openLibrary({ store: storeOf(lane), cache: cacheOf(lane) });
  const hash = createHash('sha256');
  try {
    const reader = await library.reader(REPOSITORY);
    hash.update(JSON.stringify(await reader.gate()));
    for (const { seq } of reader.visits) {
      const visit = await reader.visit(seq);
      const snapshot = await reader.snapshot(visit);
      hash.update(JSON.stringify(snapshot.refs));
      for await (const { hash: commit } of reader.log({ from: snapshot })) hash.update(`${commit} ${(await reader.commits()).firstVisit(commit)}`);
      for await (const { path, type } of reader.tree(visit.head ?? '', '', { recursive: true })) if (type === 'blob') for await (const bytes of (await reader.blob(visit.head ?? '', path)).content) hash.update(bytes);
    }
    return hash.digest('hex');
  } finally {
    await library.close();
  }
}

async function readIndex(lane: Lane): Promise<string> {
  const index = new ReadOnlyIndex(indexOf(lane));
  try {
    return JSON.stringify((await index.query('SELECT visit, snapshot, refs FROM visits ORDER BY visit')).rows);
  } finally {
    index.close();
  }
}

/** A backup of what the origin has become; all refs of the new visit. */
async function ingest({ lane }: Case): Promise<string> {
  const harness = await openIngest(lane.home);
  harness.deps.gate = 'hold';
  try {
    const { visit } = await harness.ingest(lane.origin, REPOSITORY);
    const { refs } = await readSnapshot(harness.deps.store, REPOSITORY, await readVisit(harness.deps.store, REPOSITORY, visit));
    return JSON.stringify(refs);
  } finally {
    await harness.close();
  }
}

/** A restore of the last visit to a bare path; its refs and all ids that they reach. */
async function restore({ lane }: Case): Promise<string> {
  const harness = await openIngest(lane.home);
  try {
    const target = join(lane.dir, 'restored', 'target.git');
    await restoreTo(harness.deps, REPOSITORY, target);
    return [await gitText(['for-each-ref'], { gitDir: target }), await gitText(['rev-list', '--objects', '--all'], { gitDir: target })].join('\n');
  } finally {
    await harness.close();
  }
}

/** `ok`, or what is found. */
async function verify({ lane, notes }: Case): Promise<string> {
  const store = storeOf(lane);
  const library = openLibrary({ store, cache: cacheOf(lane) });
  try {
    const { ok, findings } = await verifyRepository(store, library, REPOSITORY, { signal: never, onProgress: nothing });
    notes.push(...findings.map(({ file, problem }) => `${file}: ${problem}`));
    return ok ? 'ok' : 'not ok';
  } finally {
    await library.close();
  }
}

/** Whether an index built anew is the one that was: from the log where that is damaged, else from the archive. */
async function reindex({ lane, target, notes }: Case): Promise<string> {
  const note = (facts: unknown, message?: string): void => void notes.push(`${message ?? ''} ${said((facts as { error?: unknown }).error)}`);
  const log: Log = { debug: nothing, info: nothing, warn: note, error: note, child: () => log };
  const events = openEventLog(`sqlite:${eventsOf(lane)}`);
  try {
    const service = new MetadataService({ index: indexOf(lane), events, store: storeOf(lane), cache: cacheOf(lane), log });
    try {
      const { digest } = await service.reindex(target === 'the event log' ? 'log' : 'archive', nothing, never);
      return digest === lane.digest ? 'the same' : 'another';
    } finally {
      await service.stop();
    }
  } finally {
    await events.close();
  }
}

/** All that an error tells, its causes too. */
export function said(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const facts = isPivoError(error) ? JSON.stringify(error.report()) : error.message;
  return `${facts} ${error.cause === undefined ? '' : said(error.cause)}`;
}
