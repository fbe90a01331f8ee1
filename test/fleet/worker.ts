// Entry of a worker process that knows sources, to be killed; says `{ type: 'ready' }` over IPC.
import { installRuntime } from '../../stack/temporal-runtime.ts';
import { silentLog, startWorker, type TestTemporal } from '../harness/temporal.ts';
import { fleetDeps } from './deps.ts';

const [address = '', folder = '', taskQueue = '', workerId = ''] = process.argv.slice(2);
const temporal = { server: { address }, folder } as TestTemporal;
installRuntime(silentLog);
await startWorker(temporal, { taskQueue, workerId, deps: fleetDeps(temporal, workerId) });
process.send?.({ type: 'ready' });
