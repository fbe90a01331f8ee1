// run/{name}.json: where a process of a home can be reached, as it wrote it when it began.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { identify, isRunning } from '../processes/identity.ts';

/** `server`: the console, REST and git remote. The others: what the Temporal SDK of a process measures, for Prometheus. */
export type Addressed = 'server' | 'worker-metrics' | 'agent-metrics';

const Address = z.object({ url: z.string(), process: z.object({ pid: z.number().int(), started: z.string() }) });

const file = (run: string, name: Addressed): string => join(run, `${name}.json`);

/** Says that this process listens at `url`; the result takes it back. */
export function recordAddress(run: string, name: Addressed, url: string): () => void {
  mkdirSync(run, { recursive: true, mode: 0o700 });
  writeFileSync(file(run, name), `${JSON.stringify({ url, process: identify(process.pid) })}\n`, { mode: 0o600 });
  return () => rmSync(file(run, name), { force: true });
}

/** The address that a process of this home wrote down, or null when it does not run. */
export function recordedAddress(run: string, name: Addressed): string | null {
  try {
    const { url, process } = Address.parse(JSON.parse(readFileSync(file(run, name), 'utf8')));
    return isRunning(process) ? url : null;
  } catch {
    return null;
  }
}
