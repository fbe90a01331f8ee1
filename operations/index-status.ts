// Asks the metadata service on its socket: what is indexed, and whether a visit is.
import { json } from 'node:stream/consumers';
import { askMetadata } from '../metadata/ask.ts';

export interface IndexHealth {
  state: 'consuming' | 'reindexing' | 'stalled';
  reason: string | null;
  index: string;
  rows: Record<string, number>;
  partitions: { topic: string; partition: number; next: number; high: number; lag: number }[];
}

/** What the metadata service does and how far behind it is. Fails with Unavailable. */
export async function indexHealth(socketPath: string, signal?: AbortSignal): Promise<IndexHealth> {
  return (await json(await askMetadata(socketPath, 'GET', '/health', undefined, signal))) as IndexHealth;
}

/**
 * True when the visit, with all of its commits, is in the index; false when it was not within `timeoutMs`.
 * Fails with Unavailable when no metadata service runs, with Cancelled when the signal aborts.
 */
export async function waitUntilIndexed(socketPath: string, repository: string, visit: number, { signal, timeoutMs = 30_000 }: { signal?: AbortSignal; timeoutMs?: number } = {}): Promise<boolean> {
  const response = await askMetadata(socketPath, 'POST', '/wait', { repository, visit, timeoutMs }, signal);
  return ((await json(response)) as { indexed: boolean }).indexed;
}
