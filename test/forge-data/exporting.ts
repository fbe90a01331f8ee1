// Runs the acts of a forge export one after the other, without Temporal, as the workflow does.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ActRun, ActivityDeps } from '../../activities/act.ts';
import { beginForgeData } from '../../activities/forge-data/begin.ts';
import { emitForgeExports } from '../../activities/forge-data/emit-exports.ts';
import { fetchForgeAssets } from '../../activities/forge-data/fetch-assets.ts';
import { fetchForgeStep } from '../../activities/forge-data/fetch-step.ts';
import { putForgeExport } from '../../activities/forge-data/put-export.ts';
import { openStore } from '../../archive/open.ts';
import { ForgeDataInput, type ForgeDataJob, type ForgeDataResult } from '../../contract/forge-data.ts';
import { isPivoError } from '../../contract/failures.ts';
import { openEventLog } from '../../events/open.ts';
import type { ForgeSettings } from '../../forges/settings.ts';
import { saveCredential } from '../../git/credentials.ts';
import { stateResults } from '../../state/results.ts';
import { TOKEN, type FakeForge } from '../forges/fake-forge.ts';
import { silentLog } from '../harness/temporal.ts';

export interface Exporting {
  deps: ActivityDeps;
  /** Exports `shop`; what Unavailable interrupts is tried again at once, as often as it takes. */
  run(more?: Partial<ForgeDataInput>): Promise<ForgeDataResult>;
  close(): Promise<void>;
}

export const forgeSettings = (fake: FakeForge, kind: ForgeSettings['kind']): ForgeSettings => ({ host: new URL(fake.web).host, kind, api: fake.api, credential: 'forge' });

export const actRun: ActRun = { signal: new AbortController().signal, onProgress() {}, attempt: 1, log: silentLog };

/** Archive, event log and caches below `folder`. */
export async function openExporting(folder: string, fake: FakeForge, kind: ForgeSettings['kind']): Promise<Exporting> {
  await mkdir(folder, { recursive: true });
  const deps: ActivityDeps = {
    store: openStore(pathToFileURL(join(folder, 'archive')).href),
    events: openEventLog(`sqlite:${join(folder, 'events.db')}`),
    cache: join(folder, 'cache'),
    credentials: join(folder, 'credentials'),
    protocols: ['https'],
    checkout: { files: 1000, bytes: 2 ** 24, every: 0 },
    results: stateResults(join(folder, 'state.db')),
    fleet: { forges: [forgeSettings(fake, kind)] } as unknown as NonNullable<ActivityDeps['fleet']>,
    log: silentLog,
    workerId: 'test',
  };
  await saveCredential(deps.credentials, 'forge', { kind: 'token', username: 'x', token: TOKEN });
  let runs = 0;
  return {
    deps,
    run: (more = {}) => exportOnce(deps, { repository: 'shop', url: `${fake.web}/acme/shop`, ...more }, `run-${++runs}-${process.pid}`),
    close: () => deps.events.close(),
  };
}

/** The acts in the workflow's order. */
export async function exportOnce(deps: ActivityDeps, input: ForgeDataInput, runId: string): Promise<ForgeDataResult> {
  const request = ForgeDataInput.parse(input);
  const job: ForgeDataJob = await beginForgeData(deps, { request, workflow: { id: 'forge-data:shop', runId } }, actRun);
  for (const step of job.steps) await again(() => fetchForgeStep(deps, { job, step }, actRun));
  await again(() => fetchForgeAssets(deps, { job }, actRun));
  const result = await putForgeExport(deps, { job }, actRun);
  if (!result.unchanged) await emitForgeExports(deps, { repository: request.repository, upTo: result.export }, actRun);
  return result;
}

async function again<T>(step: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await step();
    } catch (error) {
      if (!isPivoError(error, 'Unavailable')) throw error;
    }
  }
}
