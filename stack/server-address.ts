// run/server.json: where the server of a home listens, as it wrote it when it began.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { identify, isRunning } from './identity.ts';

const ServerAddress = z.object({ url: z.string(), process: z.object({ pid: z.number().int(), started: z.string() }) });

const file = (run: string): string => join(run, 'server.json');

/** Says that this process listens at `url`; the result takes it back. */
export function recordServerAddress(run: string, url: string): () => void {
  writeFileSync(file(run), `${JSON.stringify({ url, process: identify(process.pid) })}\n`, { mode: 0o600 });
  return () => rmSync(file(run), { force: true });
}

/** The address of the server that runs in a home, or null when none does. */
export function serverAddress(run: string): string | null {
  try {
    const { url, process } = ServerAddress.parse(JSON.parse(readFileSync(file(run), 'utf8')));
    return isRunning(process) ? url : null;
  } catch {
    return null;
  }
}
