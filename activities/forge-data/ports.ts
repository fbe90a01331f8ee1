// What the acts of a forge export work with: the forge, and this worker's working file.
import type { ForgeDataJob, ForgeDataRequest } from '../../contract/forge-data.ts';
import { isPivoError, PivoError } from '../../contract/failures.ts';
import type { ForgeData } from '../../forges/data.ts';
import { openForgeData } from '../../forges/open-data.ts';
import { tokenOf } from '../../git/credentials.ts';
import type { ActivityDeps } from '../act.ts';
import { ForgeSpool } from './spool.ts';

/** The forge of a repository's URL, with the credential that is asked for or configured. Fails as `openForgeData` does. */
export function forgeDataAt({ fleet, credentials }: Pick<ActivityDeps, 'fleet' | 'credentials'>, url: string, { credential }: ForgeDataRequest): Promise<ForgeData> {
  return openForgeData(url, { forges: fleet?.forges ?? [], credential: credential ?? null, token: (name) => tokenOf(credentials, name) });
}

/** Why one thing cannot be had of a forge that can be asked for others. What concerns more than that one is thrown: limits, and a forge that is down. */
export async function refusedAlone(data: ForgeData, error: unknown, signal: AbortSignal): Promise<string> {
  if (!isPivoError(error, 'Unavailable') || error.facts['retryAfter'] !== undefined) throw error;
  await data.look(signal);
  return error.message;
}

/** The working file with what this run has fetched. Fails with WorkerLost where this worker does not have it: the run starts over. */
export function spoolOf({ cache }: Pick<ActivityDeps, 'cache'>, { request: { repository }, workflow }: ForgeDataJob): ForgeSpool {
  const spool = new ForgeSpool(cache, repository);
  if (spool.isRunOf(workflow.runId)) return spool;
  spool.close();
  throw new PivoError('WorkerLost', `what was fetched of ${repository}'s forge is not on this worker any more`, { hint: 'The run starts over by itself.' });
}
