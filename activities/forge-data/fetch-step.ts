// Act: fetches one kind of records page by page into the working file; an attempt goes on where the last one was.
import type { ForgeDataJob, ForgeHole, ForgeStep } from '../../contract/forge-data.ts';
import { isPivoError } from '../../contract/failures.ts';
import type { ForgeData, PageAsked } from '../../forges/data.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { forgeDataAt, refusedAlone, spoolOf } from './ports.ts';
import type { ForgeSpool, StepPlace } from './spool.ts';

interface Fetching {
  job: ForgeDataJob;
  step: ForgeStep;
  data: ForgeData;
  spool: ForgeSpool;
  run: ActRun;
}

/**
 * Fails as the forge does: Unavailable says when to come back, and the next attempt goes on at the page that was refused.
 * What the forge does not show or has switched off is a hole. WorkerLost where another worker has the working file.
 */
export async function fetchForgeStep(deps: ActivityDeps, { job, step }: { job: ForgeDataJob; step: ForgeStep }, run: ActRun): Promise<{ records: number }> {
  using spool = spoolOf(deps, job);
  const data = await forgeDataAt(deps, job.url, job.request);
  const fetching: Fetching = { job, step, data, spool, run };
  await (step.of === undefined ? fetchListing(fetching) : fetchEach(fetching, step.of));
  return { records: spool.counts()[step.name] ?? 0 };
}

async function fetchListing(fetching: Fetching): Promise<void> {
  const { spool, step } = fetching;
  for (let at = spool.place(step); at !== null; at = spool.place(step)) {
    const hole = await fetchPage(fetching, at, undefined);
    if (hole !== null) spool.end(step, hole);
  }
}

/** Asks about each record of a kind that this export has. */
async function fetchEach(fetching: Fetching, of: ForgeStep['name']): Promise<void> {
  const { spool, step } = fetching;
  for (let at = spool.place(step); at !== null; at = spool.place(step)) {
    const parent = spool.nextParent(of, at.after);
    if (parent === null) {
      spool.end(step, null);
      continue;
    }
    const hole = await fetchPage(fetching, at, parent);
    if (hole !== null) spool.pass(step, { after: parent.seq, cursor: null }, { ...hole, what: `${of} ${parent.number ?? parent.id}` });
  }
}

interface Parent {
  seq: number;
  id: string;
  number: number | null;
}

/** Fetches a page and takes it in; or says why the forge has none. */
async function fetchPage(fetching: Fetching, at: StepPlace, parent: Parent | undefined): Promise<ForgeHole | null> {
  const { job, step, data, spool, run } = fetching;
  const since = step.way === 'changes' ? (job.marks[step.name] ?? null) : null;
  const key = parent === undefined ? keyOf(job, { step: step.name, since, cursor: at.cursor }) : null;
  const known = key === null ? null : spool.page(key);
  const page = await data.page({ step: step.name, since, cursor: at.cursor, of: parent, etag: known?.etag }, run.signal).catch((error: unknown) => holeOf(fetching, error));
  if (page !== 'unchanged' && 'reason' in page) return page;
  if (page !== 'unchanged') spool.takePage(step, at, { page, next: placeAfter(at, page.next, parent), url: key, limit: job.request.maxAssetBytes });
  else if (known !== null && key !== null) spool.takeKnownPage(step, at, { page: known, next: placeAfter(at, known.next, parent), url: key });
  run.onProgress({ phase: `asking for ${step.name}`, done: spool.counts()[step.name] ?? 0 });
  return null;
}

function placeAfter({ after }: StepPlace, next: string | null, parent: Parent | undefined): StepPlace | 'end' {
  if (next !== null) return { after, cursor: next };
  return parent === undefined ? 'end' : { after: parent.seq, cursor: null };
}

/** With another limit for files, records are taken for changed that the page may hold. */
const keyOf = ({ forge, request: { maxAssetBytes } }: ForgeDataJob, { step, since, cursor }: Pick<PageAsked, 'step' | 'since' | 'cursor'>): string => JSON.stringify([forge.api, forge.path, step, since, cursor, maxAssetBytes]);

/** Pages of one step that the forge could not give, while it could be asked, for which a run waits: about four minutes. */
const MOST_WAITS = 7;

/** The repository itself may be seen: a kind that may not is switched off there, or needs more rights; one that cannot be given would hold up all others for ever. */
async function holeOf({ step, data, spool, run }: Fetching, error: unknown): Promise<ForgeHole> {
  if (isPivoError(error, 'NotFound', 'NotAllowed')) return { kind: step.name, what: 'all', reason: error.message };
  const reason = await refusedAlone(data, error, run.signal);
  if (spool.countRefusal(step) <= MOST_WAITS) throw error;
  return { kind: step.name, what: 'all', reason };
}
