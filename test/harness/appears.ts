// Waits for a file that another process makes.
import { existsSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import { join } from 'node:path';

/** Resolves when the file is there. */
export async function appears(folder: string, name: string): Promise<void> {
  const stop = new AbortController();
  const events = watch(folder, { signal: stop.signal });
  if (existsSync(join(folder, name))) stop.abort();
  await (async () => {
    for await (const { filename } of events) if (filename === name) return;
  })().catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
}
