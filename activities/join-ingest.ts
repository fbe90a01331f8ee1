// Act: waits for the ingest of the same repository that runs already, without any say over it.
import { PivoError } from '../contract/failures.ts';
import type { IngestRequest, IngestResult } from '../contract/ingest.ts';
import type { ActRun, ActivityDeps } from './act.ts';
import { joinRun, type RunToJoin } from './join-run.ts';
import { validateOrigin } from './validate-origin.ts';

export interface JoinInput extends RunToJoin {
  request: IngestRequest;
}

/**
 * The result of the shared run, and its failure, as `joinRun` says. Fails with NameConflict when the shared run backs up
 * another origin under the same name.
 */
export async function joinIngest(deps: ActivityDeps, { request, ...shared }: JoinInput, run: ActRun): Promise<IngestResult> {
  const { origin, repository } = await validateOrigin(deps, request);
  const result = (await joinRun(deps, shared, run)) as IngestResult;
  if (result.origin !== origin) {
    throw new PivoError('NameConflict', `the name "${repository}" belongs to ${result.origin}`, { hint: 'Give this origin another name: --name NAME.', facts: { repository, origin: result.origin } });
  }
  return result;
}
