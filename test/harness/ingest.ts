// Runs the acts of an ingest one after the other, without Temporal, on an archive of its own.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { claimRepository } from '../../activities/claim-repository.ts';
import { emitVisit } from '../../activities/emit-visit.ts';
import { fetchOrigin } from '../../activities/fetch-origin.ts';
import { putCheckout } from '../../activities/put-checkout.ts';
import { putLfs } from '../../activities/put-lfs.ts';
import { putPacks } from '../../activities/put-packs.ts';
import { putVisit } from '../../activities/put-visit.ts';
import type { ActRun, ActivityDeps } from '../../activities/act.ts';
import { openStore } from '../../archive/open.ts';
import { repositoryPath } from '../../archive/layout.ts';
import type { Store } from '../../archive/store.ts';
import { readVisit } from '../../archive/visits.ts';
import { IngestInput, type IngestResult } from '../../contract/ingest.ts';
import { ingestWorkflowId } from '../../contract/names.ts';
import type { Log } from '../../contract/log.ts';
import { openEventLog } from '../../events/open.ts';
import { git } from '../../git/process.ts';
import { stateResults } from '../../state/results.ts';
import { fixture } from '../fixtures/generate.ts';

const ignore = (): void => {};
const silent: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore, child: () => silent };

export interface IngestHarness {
  deps: ActivityDeps;
  /** Backs a local repository up under a name. */
  ingest(origin: string, name: string, more?: Partial<IngestInput>): Promise<IngestResult>;
  /** The bare repository that the archive holds of a visit. */
  snapshotOf(name: string, visit: number): Promise<string>;
  close(): Promise<void>;
}

/** Archive, caches and events below `dir`; `wrap` may put a store around the real one. */
export async function openIngest(dir: string, wrap: (store: Store) => Store = (store) => store): Promise<IngestHarness> {
  await mkdir(dir, { recursive: true });
  const deps: ActivityDeps = {
    store: wrap(openStore(pathToFileURL(join(dir, 'archive')).href)),
    events: openEventLog(`sqlite:${join(dir, 'events.db')}`),
    cache: join(dir, 'cache'),
    credentials: join(dir, 'credentials'),
    protocols: ['file'],
    checkout: { files: 50_000, bytes: 2 ** 31, every: 0 },
    results: stateResults(join(dir, 'state.db')),
    log: silent,
    workerId: 'test',
  };
  let runs = 0;
  return {
    deps,
    ingest: (origin, name, more = {}) => runActs(deps, { ...more, url: origin, name }, `run-${++runs}`),
    snapshotOf: async (name, visit) => join(dir, 'archive', repositoryPath(name), (await readVisit(deps.store, name, visit)).snapshotPath),
    close: () => deps.events.close(),
  };
}

async function runActs(deps: ActivityDeps, input: IngestInput & { name: string }, runId: string): Promise<IngestResult> {
  const run: ActRun = { signal: new AbortController().signal, onProgress: ignore, attempt: 1, log: silent };
  const request = IngestInput.parse(input);
  const { job } = await claimRepository(deps, { request, workflowId: ingestWorkflowId(input.name), runId });
  const { unchanged, lfs } = await fetchOrigin(deps, job, run);
  if (!unchanged) await putPacks(deps, job, run);
  if (job.lfs === 'auto' && (!unchanged || lfs === true)) await putLfs(deps, job, run);
  if (!unchanged) await putCheckout(deps, job, run);
  const outcome = await putVisit(deps, job, run);
  return { ...outcome, ...(await emitVisit(deps, job, outcome.visit, run)) };
}

/** `git clone --mirror file://…`, as anybody would who leaves PIVO. */
export async function mirror(from: string, into: string): Promise<void> {
  await git(['clone', '--quiet', '--mirror', pathToFileURL(from).href, into], { protocols: ['file'] });
}

/** A home below `folder` with one backup, of the fixture `force-push` under the name `project`; and its origin. */
export async function homeWithBackup(folder: string): Promise<{ home: string; origin: string }> {
  const [home, origin] = [join(folder, 'home'), join(folder, 'origin.git')];
  await fixture('force-push').build(origin);
  const pivo = await openIngest(home);
  await pivo.ingest(origin, 'project');
  await pivo.close();
  return { home, origin };
}
