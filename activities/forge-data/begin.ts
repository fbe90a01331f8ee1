// Act: finds the repository on its forge and in the archive, and makes the working file know what was exported before.
import { forgeRecords, latestForgeExport, listForgeExports, readForgeExport } from '../../archive/forge-data.ts';
import { latestVisit } from '../../archive/visits.ts';
import type { ForgeDataJob, ForgeDataKind, ForgeDataRequest, ForgeExport } from '../../contract/forge-data.ts';
import { PivoError } from '../../contract/failures.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { forgeDataAt } from './ports.ts';
import { ForgeSpool, printOf } from './spool.ts';

const RECORDS_A_STEP = 500;

export interface ForgeDataOrder {
  request: ForgeDataRequest;
  workflow: ForgeDataJob['workflow'];
}

/** Fails with NotFound for a repository that was never backed up and has no URL, and as the forge does. */
export async function beginForgeData(deps: ActivityDeps, { request, workflow }: ForgeDataOrder, run: ActRun): Promise<ForgeDataJob> {
  const { repository } = request;
  const url = request.url ?? (await originOf(deps, repository));
  const data = await forgeDataAt(deps, url, request);
  const before = await latestForgeExport(deps.store, repository);
  checkPlace(repository, data.forge, before?.document ?? null);
  await data.look(run.signal);
  using spool = new ForgeSpool(deps.cache, repository);
  if (before !== null && spool.knows() !== before.sha256) await learn(deps, spool, { repository, last: before.document.export, limit: request.maxAssetBytes, sha256: before.sha256 }, run);
  if (before === null && spool.knows() !== null) spool.forget();
  spool.begin(workflow.runId);
  const document = before?.document;
  return {
    request,
    url,
    export: (document?.export ?? 0) + 1,
    forge: data.forge,
    previous: before === null ? null : { export: before.document.export, sha256: before.sha256 },
    marks: document?.marks ?? {},
    steps: data.steps,
    workflow,
  };
}

async function originOf({ store }: ActivityDeps, repository: string): Promise<string> {
  const visit = await latestVisit(store, repository);
  if (visit === null) throw new PivoError('NotFound', `there is no repository "${repository}"`, { hint: 'Back it up first, or say with --url where it is on its forge.' });
  return visit.origin;
}

/** Ids of two forges mean different things. A repository that was renamed there goes on. */
function checkPlace(repository: string, forge: ForgeExport['forge'], before: ForgeExport | null): void {
  if (before === null || (before.forge.kind === forge.kind && new URL(before.forge.api).host === new URL(forge.api).host)) return;
  throw new PivoError('NameConflict', `${repository} was exported from ${new URL(before.forge.api).host} before, and ${new URL(forge.api).host} is another forge`, { hint: 'Export it under another name of the archive: records of two forges are not told apart under one.' });
}

/** Reads all exports: this worker did not write the last one. */
async function learn({ store }: ActivityDeps, spool: ForgeSpool, { repository, last, limit, sha256 }: { repository: string; last: number; limit: number; sha256: string }, run: ActRun): Promise<void> {
  spool.forget();
  let batch: { kind: ForgeDataKind; id: string; print: string | null }[] = [];
  let done = 0;
  for (const number of await listForgeExports(store, repository)) {
    if (number > last) break;
    const { document } = await readForgeExport(store, repository, number);
    for (const kind of Object.keys(document.files) as ForgeDataKind[]) {
      for await (const record of forgeRecords(store, document, kind, run.signal)) {
        batch.push({ kind, id: record.id, print: record.deleted === true ? null : printOf(record, limit) });
        if (batch.length < RECORDS_A_STEP) continue;
        spool.learn(batch);
        done += batch.length;
        batch = [];
        run.onProgress({ phase: 'reading earlier exports', done });
      }
    }
  }
  spool.learn(batch);
  spool.learned(sha256);
}
