// Entry of a worker process whose ports fail when its parent says so: `{ arm: Fault }` over IPC; answers `{ struck: Fault }`, and asks `{ kill: EnginePart }`.
import { join } from 'node:path';
import { createActivities } from '../../activities/index.ts';
import { openStore } from '../../archive/open.ts';
import { loadConfig } from '../../config.ts';
import { openEventLog } from '../../events/open.ts';
import { lockWorker } from '../../stack/lock.ts';
import { stateResults } from '../../state/results.ts';
import { projectBuildFolder } from '../../workers/bundle.ts';
import { installRuntime } from '../../stack/temporal-runtime.ts';
import { runWorker } from '../../workers/temporal.ts';
import { silentLog } from '../harness/temporal.ts';
import { Faults, type EnginePart, type Fault } from './faults.ts';
import { faultyEvents, faultyStore } from './faulty-ports.ts';

const config = loadConfig();
const { cache, credentials } = config.paths;
let engineIsDead = Promise.withResolvers<void>();
const faults = new Faults((fault) => process.send?.({ struck: fault }), (engine) => {
  engineIsDead = Promise.withResolvers();
  process.send?.({ kill: engine });
  return engineIsDead.promise;
});
const stop = new AbortController();
process.on('message', (message: { arm: Fault | null } | { killed: EnginePart }) => {
  if ('killed' in message) return engineIsDead.resolve();
  faults.arm(message.arm);
  process.send?.({ armed: true });
});
process.once('disconnect', () => stop.abort());
process.once('SIGTERM', () => stop.abort());
installRuntime(silentLog);
const lock = lockWorker(config.home, config.paths.run);
const events = openEventLog(config.events, { kafka: config.kafka });
const activities = createActivities({
  store: faultyStore(openStore(config.store, config), faults),
  events: faultyEvents(events, faults),
  cache,
  credentials,
  protocols: ['file'],
  checkout: { ...config.checkout, every: 0 },
  gate: config.gate.policy,
  results: stateResults(config.paths.state),
  log: silentLog,
  workerId: config.workerId,
});
await runWorker(
  { temporal: { address: config.temporal.address ?? '', namespace: config.temporal.namespace }, activities, workerId: config.workerId, bundleFolders: [projectBuildFolder, join(cache, 'workflows')], log: silentLog },
  { signal: stop.signal, onReady: () => process.send?.({ type: 'ready' }) },
);
await events.close();
lock.release();
process.exit();
