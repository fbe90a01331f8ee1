// One process of PIVO in the foreground, for a cluster whose own supervisor keeps it running.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export type ForegroundPart = 'worker' | 'metadata' | 'server';

const ENTRIES: Record<ForegroundPart, string> = {
  worker: fileURLToPath(new URL('../workers/worker.ts', import.meta.url)),
  metadata: fileURLToPath(new URL('../workers/metadata.ts', import.meta.url)),
  server: fileURLToPath(new URL('../apps/server/main.ts', import.meta.url)),
};
/** Asked for by a terminal, a person or a supervisor; a closed terminal asks for a clean end too. */
const PASSED_ON = { SIGINT: 'SIGINT', SIGTERM: 'SIGTERM', SIGHUP: 'SIGTERM' } as const;
/** What a shell says of a process that a signal ended: 128 and the signal's number. */
const ENDED_BY_SIGNAL: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 129, SIGINT: 130, SIGKILL: 137, SIGSEGV: 139, SIGTERM: 143 };

/** Runs the part until it ends; signals go to it once, and its log to this terminal, as lines of JSON if `json` says so. Returns its exit code. */
export async function runForeground(name: ForegroundPart, { env, json }: { env: NodeJS.ProcessEnv; json: boolean }): Promise<number> {
  // a process group of its own, so that Ctrl-C reaches it through this process alone; the IPC channel ends it when this process is killed
  const child = fork(ENTRIES[name], [], { env, stdio: ['ignore', 'inherit', json ? 'pipe' : 'inherit', 'ipc'], detached: true });
  child.stderr?.pipe(process.stderr); // a log that does not see a terminal is JSON
  const passOn = Object.entries(PASSED_ON).map(([from, to]) => [from, () => void child.kill(to)] as const);
  for (const [signal, pass] of passOn) process.on(signal, pass);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(code ?? ENDED_BY_SIGNAL[signal ?? 'SIGKILL'] ?? 1));
    });
  } finally {
    for (const [signal, pass] of passOn) process.off(signal, pass);
  }
}
