// Entry: the worker process of one home. Ends on SIGTERM or SIGINT, and when the process that started it goes away.
import { join } from 'node:path';
import { textWriter } from '../agent/writer.ts';
import { createActivities } from '../activities/index.ts';
import { openStore } from '../archive/open.ts';
import { loadConfig, type Config } from '../config.ts';
import { PivoError, isPivoError } from '../contract/failures.ts';
import type { Log } from '../contract/log.ts';
import { userCache } from '../engines/places.ts';
import { openEventLog } from '../events/open.ts';
import { followLogs, ownLogs } from '../logs/follow.ts';
import { createLog } from '../log.ts';
import { askToCompact } from '../stack/compact.ts';
import { lockWorker } from '../stack/lock.ts';
import { stateFleets } from '../state/fleet-runs.ts';
import { statePipelines } from '../state/pipelines.ts';
import { stateResults } from '../state/results.ts';
import { stateSources } from '../state/sources.ts';
import { openVaultOf } from '../vault/open.ts';
import { askReindex } from '../metadata/ask.ts';
import { projectBuildFolder } from './bundle.ts';
import { beginRecordEmbedding } from './record-embedding.ts';
import { keepEmbedding } from './embedding.ts';
import { installMeasuredRuntime } from '../stack/measured-runtime.ts';
import type { Tracing } from '../stack/tracing.ts';
import { keepNotifying } from './notifier.ts';
import { watchSpool } from './spool-watch.ts';
import { runWorker } from './temporal.ts';

/** What the starter is told over IPC when both queues are polled. */
export interface ReadyMessage {
  type: 'ready';
  pid: number;
}

async function work(config: Config, log: Log, tracing: Tracing | null, signal: AbortSignal): Promise<void> {
  const { address } = config.temporal;
  if (address === undefined) throw new PivoError('InvalidInput', 'no Temporal address is configured', { hint: 'Run `pivo up`, which starts one and this worker, or set TEMPORAL_ADDRESS.' });
  const store = openStore(config.store, config);
  const lock = lockWorker(config.home, config.paths.run);
  const events = openEventLog(config.events, { kafka: config.kafka, log });
  const following = followLogs({ index: config.paths.logIndex, list: () => ownLogs({ logs: config.paths.logs, spark: join(config.paths.cache, 'spark') }), hideAddresses: config.vault.enabled, log });
  const vault = openVaultOf(config.paths.vault, config.vault);
  const embedding = keepEmbedding({ temporal: { ...config.temporal, address }, index: config.paths.logIndex, embeddings: config.embeddings, log });
  const watching = watchSpool({ temporal: { ...config.temporal, address }, folder: config.paths.spool, workerId: config.workerId, log });
  const notifying = keepNotifying({ temporal: { ...config.temporal, address }, state: config.paths.state, targets: config.notify, workerId: config.workerId, events, store, maxAge: config.drill.maxAge, log });
  try {
    const { cache, credentials, logIndex } = config.paths;
    const { protocols } = config.git;
    const { checkout, workerId } = config;
    const spark = { ...config.spark, webhdfs: config.webhdfs };
    const pipelines = { forges: config.forges, rows: statePipelines(config.paths.state), tools: { cache: userCache(process.env), env: process.env }, writer: textWriter(config.llm) };
    const fleet = { forges: config.forges, book: stateSources(config.paths.state), rows: stateFleets(config.paths.state) };
    const activities = createActivities({ vault, pipelines, fleet, home: { state: config.paths.state, logs: config.paths.logs, compactHistories: () => askToCompact(config.paths.temporalDb), reindex: (run) => askReindex(config.paths.metadataSocket, 'archive', run) }, store, events, cache, credentials, protocols, checkout, gate: config.gate.policy, retention: config.retention, spark, results: stateResults(config.paths.state), logIndex, embeddings: config.embeddings, spool: { folder: config.paths.spool, gates: config.spool }, records: config.records, notify: notifying.ports, push: { ...config.push, sources: config.webhooks }, log, workerId });
    const bundleFolders = [projectBuildFolder, join(cache, 'workflows')];
    const onReady = (): void => {
      tellReady(log);
      void beginRecordEmbedding({ temporal: { ...config.temporal, address }, records: config.records, workerId, log });
    };
    await runWorker({ temporal: { ...config.temporal, address }, activities, workerId, bundleFolders, log, tracing: tracing?.temporal }, { signal, onReady });
  } finally {
    await Promise.all([following.close(), embedding.close(), watching.close(), notifying.close()]);
    await events.close();
    vault?.vault.close();
    lock.release();
  }
}

function tellReady(log: Log): void {
  log.info({}, 'worker ready');
  process.send?.({ type: 'ready', pid: process.pid } satisfies ReadyMessage);
}

/** Aborts on the signals that ask a process to end, and when the IPC channel of its starter closes. */
function untilAskedToEnd(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => controller.abort(name));
  process.once('disconnect', () => controller.abort('the process that started it is gone'));
  return controller.signal;
}

const signal = untilAskedToEnd();
const config = loadConfig();
const log = createLog(config, 'PIVO-ORCHESTRATOR');
const { telemetry, paths } = config;
const tracing = telemetry.otlp === undefined ? null : (await import('../stack/tracing.ts')).startTracing(telemetry.otlp, 'pivo-worker');
let forget = (): void => {};
try {
  forget = await installMeasuredRuntime({ log: createLog(config, 'TEMPORAL'), run: paths.run, name: 'worker-metrics', listen: telemetry.metrics });
  await work(config, log, tracing, signal);
  log.info({ reason: signal.reason }, 'worker ended');
} catch (error) {
  log.error({ error, ...(isPivoError(error) && { hint: error.hint }) }, (error as Error).message);
  process.exitCode = 1;
}
forget();
await tracing?.close();
process.exit(); // the SDK's runtime, once installed, keeps a process going that no worker was made in
