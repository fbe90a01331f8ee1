// Asks the metadata service on its socket: what is indexed, and whether a visit is.
import { request, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import { PivoError, fromReport, type FailureReport } from '../contract/failures.ts';

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

/** The answer to one request, when its status is 200. Fails with what the service reports, with Unavailable or Cancelled. */
export function askMetadata(socketPath: string, method: 'GET' | 'POST', path: string, body?: unknown, signal?: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, method, path, ...(signal === undefined ? {} : { signal }) }, (response) => {
      if (response.statusCode === 200) resolve(response);
      else reportedBy(response).then(reject, reject);
    });
    asking.once('error', (error) => reject(signal?.aborted === true ? new PivoError('Cancelled', 'waiting for the metadata service was cancelled', { cause: error }) : unavailable(error)));
    asking.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Lines of an NDJSON answer. */
export async function* jsonLines<Line>(response: IncomingMessage): AsyncGenerator<Line> {
  for await (const line of createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY })) if (line !== '') yield JSON.parse(line) as Line;
}

async function reportedBy(response: IncomingMessage): Promise<PivoError> {
  const { error } = (await json(response)) as { error: FailureReport };
  return fromReport(error);
}

const unavailable = (error: Error): PivoError => new PivoError('Unavailable', `the metadata service does not answer: ${error.message}`, { hint: 'Start PIVO with `pivo up`.', cause: error });
