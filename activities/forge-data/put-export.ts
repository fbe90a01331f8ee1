// Act: archives what a run fetched: the lines of each kind, then the document that makes them an export.
import { createHash } from 'node:crypto';
import { commitForgeExport, latestForgeExport, readForgeExport } from '../../archive/forge-data.ts';
import { forgeLinesPath, repositoryPath } from '../../archive/layout.ts';
import type { Store } from '../../archive/store.ts';
import { latestVisit } from '../../archive/visits.ts';
import type { ForgeDataJob, ForgeDataKind, ForgeDataResult, ForgeExport } from '../../contract/forge-data.ts';
import { isPivoError } from '../../contract/failures.ts';
import type { FileProof } from '../../contract/visit.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { spoolOf } from './ports.ts';
import { ForgeSpool } from './spool.ts';

/** Most runs that may have died between the lines of an export and its document. */
const MOST_TAKES = 1_000;

/** Writes nothing where nothing changed since the export before. Doing it twice leaves one export. Fails with VisitConflict and as the store does. */
export async function putForgeExport(deps: ActivityDeps, { job }: { job: ForgeDataJob }, run: ActRun): Promise<ForgeDataResult> {
  const done = await alreadyPut(deps, job);
  if (done !== null) return done;
  using spool = spoolOf(deps, job);
  if (job.previous !== null && Object.keys(spool.counts()).length === 0) {
    const holes = spool.holes();
    spool.settle(job.previous.sha256);
    return { ...(await unchanged(deps, job)), holes: wordsOf(holes) };
  }
  const files: ForgeExport['files'] = {};
  for (const [kind, records] of Object.entries(spool.counts()) as [ForgeDataKind, number][]) {
    run.onProgress({ phase: `storing ${kind}`, done: 0, total: records });
    files[kind] = { ...(await putLines(deps.store, job, spool, kind, run.signal)), records };
  }
  const document = await commitForgeExport(deps.store, await documentOf(deps, job, spool, files), run.signal);
  spool.settle((await readForgeExport(deps.store, document.repository, document.export)).sha256);
  return resultOf(document);
}

/** What an attempt before this one did whose answer was lost. */
async function alreadyPut(deps: ActivityDeps, job: ForgeDataJob): Promise<ForgeDataResult | null> {
  const last = await latestForgeExport(deps.store, job.request.repository);
  if (last?.document.export === job.export && last.document.workflow.runId === job.workflow.runId) {
    using spool = new ForgeSpool(deps.cache, job.request.repository);
    if (spool.isRunOf(job.workflow.runId)) spool.settle(last.sha256);
    return resultOf(last.document);
  }
  using spool = new ForgeSpool(deps.cache, job.request.repository);
  return spool.hasSettled(job.workflow.runId) ? unchanged(deps, job) : null;
}

async function unchanged({ store }: ActivityDeps, { request: { repository }, previous }: ForgeDataJob): Promise<ForgeDataResult> {
  const { document } = await readForgeExport(store, repository, previous?.export ?? 1);
  return { repository, export: document.export, time: document.time, unchanged: true, records: {}, bytes: 0, assets: { stored: 0, bytes: 0 }, holes: [] };
}

async function documentOf({ store }: ActivityDeps, job: ForgeDataJob, spool: ForgeSpool, files: ForgeExport['files']): Promise<ForgeExport> {
  const { repository } = job.request;
  const changes = job.steps.filter(({ way }) => way === 'changes').map(({ name }) => name);
  const marks = Object.fromEntries(changes.flatMap((name) => [later(job.marks[name], spool.mark({ name }))].flatMap((mark) => (mark === null ? [] : [[name, mark]]))));
  const since = Object.fromEntries(changes.flatMap((name) => (job.marks[name] === undefined ? [] : [[name, job.marks[name]]])));
  return {
    formatVersion: 1,
    repository,
    export: job.export,
    previous: job.previous,
    time: new Date().toISOString(),
    forge: job.forge,
    url: job.url,
    visit: (await latestVisit(store, repository))?.seq ?? null,
    since,
    marks,
    files,
    assets: spool.assets(),
    holes: spool.holes(),
    workflow: job.workflow,
  };
}

const later = (before: string | undefined, now: string | null): string | null => (now === null || (before !== undefined && before > now) ? (before ?? null) : now);

/** A name that a run which died has taken with other lines is passed over. */
async function putLines(store: Store, { request: { repository }, export: number }: ForgeDataJob, spool: ForgeSpool, kind: ForgeDataKind, signal: AbortSignal): Promise<{ path: string } & FileProof> {
  for (let take = 1; ; take++) {
    const path = forgeLinesPath(repository, number, kind, take);
    const told = path.slice(repositoryPath(repository).length + 1);
    try {
      const { bytes, sha256 } = await store.create(path, asStream(spool.lines(kind)), signal);
      return { path: told, bytes, sha256 };
    } catch (error) {
      if (!isPivoError(error, 'Exists') || take === MOST_TAKES) throw error;
    }
    const [stored, own] = [await proofOf(store.open(path, undefined, signal)), await proofOf(asStream(spool.lines(kind)))];
    if (stored.sha256 === own.sha256) return { path: told, bytes: own.bytes, sha256: own.sha256 };
  }
}

// oxlint-disable-next-line require-await -- the port takes streams, SQLite is none
async function* asStream(lines: Iterable<Buffer>): AsyncGenerator<Uint8Array> {
  yield* lines;
}

async function proofOf(content: AsyncIterable<Uint8Array>): Promise<FileProof> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of content) {
    hash.update(piece);
    bytes += piece.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

function resultOf({ repository, export: number, time, files, assets, holes }: ForgeExport): ForgeDataResult {
  const records = Object.fromEntries(Object.entries(files).map(([kind, file]) => [kind, file.records]));
  const bytes = Object.values(files).reduce((sum, file) => sum + file.bytes, 0);
  return { repository, export: number, time, unchanged: false, records, bytes, assets, holes: wordsOf(holes) };
}

const wordsOf = (holes: ForgeExport['holes']): string[] => holes.map(({ kind, what, reason }) => `${kind} ${what}: ${reason}`);
