// Ends one process: asked first, killed when it does not.
import { signalProcess, waitForEnd, type ProcessIdentity } from '../processes/identity.ts';

/** Asks a process to end (SIGTERM) and kills it when it has not after `grace` milliseconds. */
export async function endProcess(identity: ProcessIdentity | null, grace: number): Promise<void> {
  signalProcess(identity, 'SIGTERM');
  if (await waitForEnd([identity], grace)) return;
  signalProcess(identity, 'SIGKILL');
  await waitForEnd([identity], grace);
}
