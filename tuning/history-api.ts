// Asks the REST interface of a Spark history server or driver: bounded answers, checked, no redirects. Source: https://spark.apache.org/docs/3.5.1/monitoring.html#rest-api
import { z } from 'zod';
import { PivoError, isPivoError } from '../contract/failures.ts';

/** Most bytes of one answer. */
const LARGEST = 64 * 2 ** 20;
/** Milliseconds until an answer is there as a whole: a history server may first have to read the log. */
const TIMEOUT = 120_000;

const count = z.number().catch(0).default(0);
const text = z.string().catch('').default('');
const Time = z.string().transform((given) => Date.parse(given.replace(/GMT$/, 'Z')) || null).nullish().catch(null);

export const Application = z.object({
  id: text,
  name: text,
  attempts: z.array(z.object({ attemptId: z.string().optional(), startTimeEpoch: count, endTimeEpoch: count, completed: z.boolean().catch(false), appSparkVersion: text })).catch([]).default([]),
});
export type Application = z.output<typeof Application>;

export const Environment = z.object({ sparkProperties: z.array(z.tuple([z.string(), z.string()])).catch([]).default([]) });

export const Executors = z.array(z.object({ id: text, totalCores: count, addTime: Time, removeTime: Time, peakMemoryMetrics: z.object({ JVMHeapMemory: count }).nullish().catch(null) }));

export const Stages = z.array(z.object({ stageId: count, attemptId: count, name: text, numTasks: count, status: text, submissionTime: Time, completionTime: Time, failureReason: z.string().nullish().catch(null) }));
export type StageData = z.output<typeof Stages>[number];

const Metrics = z.object({
  executorDeserializeTime: count, executorRunTime: count, executorCpuTime: count, jvmGcTime: count, resultSerializationTime: count, memoryBytesSpilled: count, diskBytesSpilled: count, peakExecutionMemory: count,
  inputMetrics: z.object({ bytesRead: count }).prefault({}),
  outputMetrics: z.object({ bytesWritten: count }).prefault({}),
  shuffleReadMetrics: z.object({ fetchWaitTime: count, remoteBytesRead: count, localBytesRead: count }).prefault({}),
  shuffleWriteMetrics: z.object({ bytesWritten: count, writeTime: count }).prefault({}),
});
export const Tasks = z.array(z.object({ launchTime: Time, duration: count, executorId: text, status: text, errorMessage: z.string().nullish().catch(null), gettingResultTime: count, taskMetrics: Metrics.prefault({}) }));
export type TaskData = z.output<typeof Tasks>[number];

export const Jobs = z.array(z.object({ jobId: count, stageIds: z.array(z.number()).catch([]) }));

export const Queries = z.array(z.object({
  id: count,
  planDescription: text,
  successJobIds: z.array(z.number()).catch([]).default([]),
  nodes: z.array(z.object({ nodeId: count, nodeName: text, metrics: z.array(z.object({ name: text, value: text })).catch([]).default([]) })).catch([]).default([]),
  edges: z.array(z.object({ fromId: count, toId: count })).catch([]).default([]),
}));
export type Query = z.output<typeof Queries>[number];

export type Ask = <Schema extends z.ZodType>(path: string, schema: Schema, query?: Readonly<Record<string, string | number | boolean>>) => Promise<z.output<Schema>>;

/** Asks below `{server}/api/v1`. Fails with UrlRefused for an address with a user part, NotFound, and Unavailable for all that no answer came of. */
export function askOf(server: string, signal: AbortSignal): Ask {
  const base = new URL(server);
  if (base.username !== '' || base.password !== '') throw new PivoError('UrlRefused', 'the history server\'s address holds a user or a password', { hint: 'Give the address without it.' });
  const root = `${base.origin}${base.pathname.replace(/\/+$/, '')}/api/v1`;
  return async (path, schema, query = {}) => {
    const url = new URL(`${root}${path}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
    const parsed = schema.safeParse(await json(url, AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]), signal));
    if (!parsed.success) throw new PivoError('Unavailable', `${url.host} does not answer as a Spark history server does`, { hint: 'Is this the address of a history server (port 18080) or of a driver\'s interface (port 4040)?' });
    return parsed.data;
  };
}

async function json(url: URL, signal: AbortSignal, own: AbortSignal): Promise<unknown> {
  try {
    const response = await fetch(url, { redirect: 'error', signal, headers: { accept: 'application/json' } });
    if (response.status === 404) throw new PivoError('NotFound', `${url.host} knows nothing at ${url.pathname}`, { hint: 'Its page lists the applications; a history server shows a log some seconds after it was written.' });
    if (!response.ok) throw new PivoError('Unavailable', `${url.host} answered ${response.status}`);
    return JSON.parse(await limited(response)) as unknown;
  } catch (error) {
    own.throwIfAborted();
    if (isPivoError(error)) throw error;
    throw new PivoError('Unavailable', `${url.host} cannot be asked: ${causeOf(error)}`, { hint: 'Is the history server running, and is this its address? Redirects are not followed.', cause: error });
  }
}

const causeOf = (error: unknown): string => {
  const { message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message;
};

async function limited(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > LARGEST) throw new PivoError('LimitExceeded', `an answer of ${new URL(response.url).host} is larger than ${LARGEST / 2 ** 20} MiB`, { hint: 'Read the application\'s event log instead.' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
