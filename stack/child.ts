// What a supervised process owes its supervisor: say when it is ready, end when told to and when the supervisor is gone.
import type { Log } from '../contract/log.ts';
import { isPivoError } from '../contract/failures.ts';

/** Milliseconds that `stop` may take before the process ends anyway. */
const LAST_RESORT = 15_000;

/**
 * Runs one part as a process of its own. `start` returns what ends it cleanly; after that `ready` is sent over IPC.
 * SIGTERM, SIGINT and a closed IPC channel end it. Exit code: 0 when ended so, 1 when `start` failed.
 */
export async function runPart(log: Log, start: () => Promise<() => Promise<void>>): Promise<void> {
  let stop: (() => Promise<void>) | undefined;
  let ending = false;
  const end = (why: string): void => {
    if (ending) return;
    ending = true;
    log.debug({ why }, 'ending');
    setTimeout(() => process.exit(1), LAST_RESORT).unref();
    Promise.resolve(stop?.()).then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ error }, 'could not end cleanly');
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', () => end('SIGTERM'));
  process.once('SIGINT', () => end('SIGINT'));
  if (process.connected) process.once('disconnect', () => end('the supervisor is gone'));
  try {
    stop = await start();
    process.send?.({ type: 'ready' });
  } catch (error) {
    log.error(isPivoError(error) ? { kind: error.kind, hint: error.hint } : { error }, error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
}
