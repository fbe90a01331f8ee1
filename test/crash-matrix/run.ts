// One run of the crash matrix: jobs with trouble on a live stack, then every invariant.
import { createWriteStream } from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { repositoryPath } from '../../archive/layout.ts';
import { openStore } from '../../archive/open.ts';
import type { Store } from '../../archive/store.ts';
import { readVisit } from '../../archive/visits.ts';
import { isPivoError, reportIn } from '../../contract/failures.ts';
import type { IngestResult } from '../../contract/ingest.ts';
import { TASK_QUEUE, WORKFLOW, ingestWorkflowId, restoreWorkflowId } from '../../contract/names.ts';
import { filesBelow } from '../harness/archive-hand.ts';
import { exactlyOnce, fingerprint, indexAgrees, sameAs, sameBytes, verifyClean, type Fingerprint } from './invariants.ts';
import { changeOrigin, makeOrigin } from './origin.ts';
import { troubleName, type Job, type RunPlan, type Trouble } from './plan.ts';
import type { CrashStack } from './stack.ts';

export interface RunOutcome {
  plan: RunPlan;
  /** Faults that struck and kills that were done. */
  struck: number;
  /** Every invariant that did not hold; none: the run is clean. */
  broken: string[];
  /** One line a job. */
  told: string[];
}

/** How long one job may take, retries and restarts included. */
const JOB_WITHIN_MS = 240_000;
/** How often a job that failed for a fault is asked for again. */
const MOST_STARTS = 4;

interface Running {
  stack: CrashStack;
  name: string;
  folder: string;
  origin: string;
  done: IngestResult[];
  started: Set<string>;
  archived: Fingerprint;
  outcome: RunOutcome;
}

/** Carries a run out. What breaks is in the outcome; it fails only where the harness itself cannot go on. */
export async function crashRun(stack: CrashStack, plan: RunPlan): Promise<RunOutcome> {
  const { seed, run } = plan;
  const name = `run-${seed}-${run}-${Date.now().toString(36)}`;
  const folder = join(stack.home, 'runs', name);
  const outcome: RunOutcome = { plan, struck: 0, broken: [], told: [] };
  const running: Running = { stack, name, folder, origin: join(folder, 'origin.git'), done: [], started: new Set(), archived: new Map(), outcome };
  await mkdir(folder, { recursive: true });
  for (const [i, job] of plan.jobs.entries()) {
    try {
      await carryOut(running, job, i);
    } catch (error) {
      outcome.broken.push(`job ${i} (${job.kind}, ${troubleName(job.trouble)}): ${(error as Error).message}`);
      break;
    }
  }
  await stack.ready();
  await stack.arm(null);
  const { broken } = outcome;
  const checks = [
    async () => sameBytes(running.archived, await fingerprint(stack, name)),
    () => exactlyOnce(stack, name, running.done, running.started),
    () => verifyClean(stack, name),
    () => earlierStates(running),
    () => indexAgrees(stack),
  ];
  for (const check of checks) broken.push(...(await whenAnswering(check).catch((error: unknown) => [`a check could not be done: ${(error as Error).message}`])));
  if (broken.length === 0) await rm(folder, { recursive: true, force: true });
  return outcome;
}

async function carryOut(running: Running, job: Job, i: number): Promise<void> {
  const { stack, origin, outcome } = running;
  if (job.kind === 'ingest') await (i === 0 ? makeOrigin(origin, job.change) : changeOrigin(origin, job.change));
  await stack.ready();
  await stack.arm(job.trouble !== null && 'fault' in job.trouble ? job.trouble.fault : null);
  const trouble = meanwhile(stack, job.trouble);
  const starts = await untilDone(running, job, i);
  const struck = (await trouble) || stack.struck();
  await stack.ready();
  if (job.kind === 'ingest') running.archived = new Map([...running.archived, ...(await whenAnswering(() => fingerprint(stack, running.name)))]);
  if (struck) outcome.struck += 1;
  outcome.told.push(`${job.kind} with ${troubleName(job.trouble)}${struck || job.trouble === null ? '' : ' (did not strike)'}${starts > 1 ? `, started ${starts} times` : ''}`);
}

async function meanwhile(stack: CrashStack, trouble: Trouble | null): Promise<boolean> {
  if (trouble === null || 'fault' in trouble) return false;
  await delay(trouble.after);
  await stack.kill(trouble.kill);
  return true;
}

/** Asks again where the run ended with a failure that the fault explains; returns how often it was asked. */
async function untilDone(running: Running, job: Job, i: number): Promise<number> {
  for (let start = 1; ; start++) {
    try {
      await (job.kind === 'ingest' ? ingest(running) : restore(running, i, start));
      return start;
    } catch (error) {
      const report = reportIn(error);
      if (!(error instanceof WorkflowFailedError) || report === null) throw error;
      if (job.trouble === null || start === MOST_STARTS) throw new Error(`${report.kind}: ${report.message}`, { cause: error });
      running.outcome.told.push(`  ${job.kind} ended with ${report.kind}: ${report.message.slice(0, 200)}`);
      await running.stack.ready(); // a person asks again when what was down is up
    }
  }
}

async function ingest(running: Running): Promise<void> {
  const { stack, name, origin, folder } = running;
  const handle = await started(() => stack.client.workflow.start(WORKFLOW.ingest, { workflowId: ingestWorkflowId(name), taskQueue: TASK_QUEUE, args: [{ url: origin, name }], workflowIdConflictPolicy: 'USE_EXISTING' }));
  running.started.add((await answered(() => handle.describe())).runId);
  const result = (await answered(() => handle.result())) as IngestResult;
  running.done.push(result);
  await cp(origin, join(folder, `visit-${result.visit}.git`), { recursive: true });
}

async function restore(running: Running, i: number, start: number): Promise<void> {
  const { stack, name, folder, done, outcome } = running;
  const last = done.at(-1)?.visit ?? 0;
  const target = join(folder, `restored-${i}.git`);
  const handle = await started(() => stack.client.workflow.start(WORKFLOW.restore, { workflowId: restoreWorkflowId(`${name}-${i}-${start}`), taskQueue: TASK_QUEUE, args: [{ repository: name, target, refs: 'all', approval: 'waived' }], workflowIdConflictPolicy: 'USE_EXISTING' }));
  await answered(() => handle.result());
  outcome.broken.push(...(await sameAs(join(folder, `visit-${last}.git`), target, `restored visit ${last}`)));
}

/** Every visit that an ingest answered is, in the archive, the origin of that moment: plain git, on HDFS once it is copied down as it lies there. */
async function earlierStates({ stack, name, folder, done }: Running): Promise<string[]> {
  const store = openStore(stack.config.store, stack.config);
  const root = store.localPath(repositoryPath(name)) ?? (await copyDown(store, repositoryPath(name), join(folder, 'archived')));
  const broken = await Promise.all(done.map(async ({ visit }) => {
    const { snapshotPath } = await readVisit(store, name, visit);
    return sameAs(join(folder, `visit-${visit}.git`), join(root, snapshotPath), `visit ${visit}`);
  }));
  return broken.flat();
}

/** The files of a folder of the store, in a folder of this machine. */
async function copyDown(store: Store, from: string, to: string): Promise<string> {
  for await (const path of filesBelow(store, from)) {
    const file = join(to, path.slice(from.length + 1));
    await mkdir(dirname(file), { recursive: true });
    await pipeline(store.open(path), createWriteStream(file));
  }
  return to;
}

/** How long a store may refuse after its engine is back: a DataNode tells of its blocks a moment after it is live. */
const STORE_WITHIN_MS = 60_000;

/** Asks again while the store does not answer. */
async function whenAnswering<T>(ask: () => Promise<T>): Promise<T> {
  for (const deadline = Date.now() + STORE_WITHIN_MS; ; await delay(500)) {
    try {
      return await ask();
    } catch (error) {
      if (!isPivoError(error, 'StorageUnavailable') || Date.now() > deadline) throw error;
    }
  }
}

const started = (start: () => Promise<WorkflowHandle>): Promise<WorkflowHandle> => answered(start);

/** Asks Temporal until it answers: it may be down for a moment. Fails with what the run failed with, or when the job takes too long. */
async function answered<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + JOB_WITHIN_MS;
  for (;;) {
    const late = new AbortController();
    try {
      return await Promise.race([ask(), delay(Math.max(1, deadline - Date.now()), null, { signal: late.signal }).then(() => Promise.reject(new TooLong()))]);
    } catch (error) {
      if (error instanceof WorkflowFailedError || error instanceof TooLong || Date.now() > deadline) throw error;
      await delay(100);
    } finally {
      late.abort();
    }
  }
}

class TooLong extends Error {
  override readonly message = `it was not done within ${JOB_WITHIN_MS / 1000} seconds`;
}
