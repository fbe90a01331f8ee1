// Entry of a worker process whose first fetch never ends: to be killed. Says `{ stalled: true }` over IPC when it stalls.
import { ingestActs } from './ingest-acts.ts';
import { silentLog, startWorker, type TestTemporal } from './temporal.ts';
import { installRuntime } from '../../stack/temporal-runtime.ts';

const [address = '', folder = '', taskQueue = '', workerId = ''] = process.argv.slice(2);
const acts = ingestActs({
  fetchOrigin: async (_deps, _job, run) => {
    if (run.attempt > 1) return { unchanged: false, refs: 1 };
    process.send?.({ stalled: true });
    return new Promise(() => {});
  },
});
installRuntime(silentLog);
await startWorker({ server: { address }, folder } as TestTemporal, { taskQueue, workerId, standIns: acts.standIns });
process.send?.({ type: 'ready' });
