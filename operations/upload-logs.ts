// Operation `upload-logs`: reads log files, an excerpt or a request's body into the log index.
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PivoError } from '../contract/failures.ts';
import { UploadLogsInput, type IngestLogsRequest, type IngestLogsSummary, type UploadLogsRequest } from '../contract/logs.ts';
import { WORKFLOW, ingestLogsWorkflowId } from '../contract/names.ts';
import { dropUploaded, isUploaded, uploadsOf } from '../logs/uploads.ts';
import { writeWhole } from '../whole-file.ts';
import { idOf } from './request-id.ts';
import { followStarted, startOrJoin, type StartedRun } from './started-run.ts';
import { defineOperation, type OperationContext, type RunOptions } from './operation.ts';

/** Bytes of a body. A file on this machine may be larger: its owner names its path. */
const LARGEST_UPLOAD = 2 * 2 ** 30;

export type UploadEnded = IngestLogsSummary & { joined: boolean };

export const uploadLogs = defineOperation({
  name: 'upload-logs',
  description: 'Reads logs of Spark, Hadoop, Kafka, Airflow, Temporal or any program into the log index; secrets are removed, and the same content is stored once. Give the lines as `text`.',
  kind: 'starts',
  input: UploadLogsInput,
  async run(context, { wait, ...asked }, options): Promise<UploadEnded | StartedRun> {
    const request = await requestOf(context, asked, options);
    const drop = async (): Promise<void> => {
      if (request.spooled) await dropUploaded(context.paths.logIndex, request.paths);
    };
    const started = await start(context, request, options.request).catch(async (error: unknown) => {
      await drop();
      throw error;
    });
    if (started.joined) await drop(); // the run that goes on has its own
    if (!wait) return started;
    return { ...(await followStarted<IngestLogsSummary>(context, started, options)), joined: started.joined };
  },
});

/** One reading of the same paths at a time; a request with a name of its own is the same run whenever it is sent. */
function start(context: OperationContext, request: IngestLogsRequest, key: string | undefined): Promise<StartedRun> {
  const { name, paths } = request;
  const workflowId = ingestLogsWorkflowId(idOf(key ?? JSON.stringify(request)));
  return startOrJoin(context, { type: WORKFLOW.ingestLogs, workflowId, input: { ...request, worker: context.workerId }, summary: `Read logs: ${name ?? basename(paths[0] ?? '')}${paths.length > 1 ? ` and ${paths.length - 1} more` : ''}` });
}

/** A text or a body is put into the spool. Fails with NotAllowed where another door than the owner's command line names paths, and with LimitExceeded. */
async function requestOf(context: OperationContext, { paths, text, ...rest }: Omit<UploadLogsRequest, 'wait'>, { signal, body }: RunOptions): Promise<IngestLogsRequest> {
  const { logIndex } = context.paths;
  if (paths !== undefined) {
    if (!context.caller.owner || context.caller.via !== 'cli') throw new PivoError('NotAllowed', 'only the owner of this home may have files of its machine read', { hint: 'Send the lines instead, or run `pivo upload` on that machine.' });
    return { ...rest, paths, spooled: paths.every((path) => isUploaded(logIndex, path)) };
  }
  const content = text === undefined ? body : once(Buffer.from(text));
  if (content === undefined) throw new PivoError('InvalidInput', 'there is nothing to read: no paths, no text and no body', { hint: 'Give the lines as `text`, or send them as the body.' });
  const file = join(uploadsOf(logIndex), randomUUID());
  await mkdir(uploadsOf(logIndex), { recursive: true, mode: 0o700 });
  try {
    await writeWhole(file, (sink) => pipeline(content, limited, sink, { signal }));
  } catch (error) {
    throw signal.aborted ? new PivoError('Cancelled', 'the upload was broken off', { cause: error }) : error;
  }
  return { ...rest, name: rest.name ?? 'upload', paths: [file], spooled: true };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function* limited(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.length;
    if (bytes > LARGEST_UPLOAD) throw new PivoError('LimitExceeded', `the upload has more than ${LARGEST_UPLOAD / 2 ** 30} GiB`, { hint: 'Compress it (gzip, zstd), split it, or run `pivo upload` on the machine that has the file.' });
    yield chunk;
  }
}
