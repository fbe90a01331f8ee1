// Operation `optimize-resources`: what slowed a Spark application down, and which properties to change.
import { PivoError } from '../contract/failures.ts';
import { OptimizeInput, type ExplainedReport, type OptimizeRequest } from '../contract/tuning.ts';
import { redactTexts } from '../logs/redact.ts';
import { readEventLog, readEventStream, type Reading } from '../tuning/event-log.ts';
import { readHistory } from '../tuning/history-server.ts';
import type { Recording } from '../tuning/recording.ts';
import { reportOf } from '../tuning/report.ts';
import { explained } from '../tuning/words.ts';
import { defineOperation, isMachine, type OperationContext, type RunOptions } from './operation.ts';

export const optimizeResources = defineOperation({
  name: 'optimize-resources',
  description: 'Computes from a Spark application\'s event log, or from a history server, what slowed it down: skew, spill, garbage collection, partitions, missed broadcasts, idle executors, failed tasks; each with its figure, the properties to change, and the expected effect.',
  kind: 'reads',
  input: OptimizeInput,
  async run(context, input, options): Promise<ExplainedReport> {
    const report = redactTexts(reportOf(await recordingOf(context, input, options))); // names and property values of an application may hold secrets
    const { writer, caller } = context;
    return explained(report, isMachine(caller) ? undefined : writer, options.signal);
  },
});

/** Fails with NotAllowed where another door than the owner's command line names a path, or a server that the configuration does not. */
function recordingOf(context: OperationContext, { path, historyServer, application }: OptimizeRequest, { signal, onProgress, body }: RunOptions): Promise<Recording> {
  const reading: Reading = { signal, onEvents: (done) => onProgress({ phase: 'reading', done }) };
  if (body !== undefined) {
    if (path !== undefined || historyServer !== undefined) throw new PivoError('InvalidInput', 'the body is the event log: no path and no history server go with it');
    return readEventStream(body, reading);
  }
  const configured = context.spark?.historyServer;
  const mayName = context.caller.owner && context.caller.via === 'cli';
  if (path !== undefined) {
    if (!mayName) throw new PivoError('NotAllowed', 'only the owner of this home may have files of its machine read', { hint: 'Send the event log itself as the body, or name an application of the configured history server.' });
    return readEventLog(path, application, reading);
  }
  const server = historyServer ?? configured;
  if (server === undefined) throw new PivoError('InvalidInput', 'there is nothing to read: no event log and no history server', { hint: 'Name an event log or a history server, or configure historyServer in [spark] of config.toml.' });
  if (server !== configured && !mayName) throw new PivoError('NotAllowed', 'only the history server that the owner configured may be asked', { hint: configured === undefined ? 'The owner can configure historyServer in [spark] of config.toml.' : `It is ${configured}.` });
  return readHistory(server, application, reading);
}
