// Entry: the worker of a spool that kills itself with SIGKILL where it is told to; says `{ type: 'ready' }` over IPC.
import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { GateThresholds } from '../../contract/spool.ts';
import { installRuntime } from '../../stack/temporal-runtime.ts';
import { silentLog, startWorker, type TestTemporal } from '../harness/temporal.ts';
import { Reaper, parseDeath, reapCommits, reapMoves } from './death.ts';
import { gateHome } from './home.ts';
import { reaped } from './reaped-acts.ts';

const [address = '', folder = '', taskQueue = '', workerId = '', text = '', whom = '', thresholds = '{}'] = process.argv.slice(2);
const death = parseDeath(text);
const temporal = { server: { address }, folder } as TestTemporal;
const home = gateHome(temporal, workerId, JSON.parse(thresholds) as Partial<GateThresholds>);
const reaper = new Reaper(home.folder, death?.process === 'worker' ? death : null, [process.pid]);

/** The process that loads is the same, in another entry. */
const { fork } = childProcess;
childProcess.fork = ((path: string, args: string[], options: object) =>
  path.endsWith('load-process.ts') && death?.process === 'load' ? fork(fileURLToPath(new URL('dying-load.ts', import.meta.url)), [home.folder, text, whom], options) : fork(path, args, options)) as typeof fork;
syncBuiltinESMExports();
reapMoves(reaper);
reapCommits(reaper);
if (text === 'clock jumps') jump();
installRuntime(silentLog);
await startWorker(temporal, { taskQueue, workerId, deps: home.deps, standIns: reaped(home, reaper) });
process.once('disconnect', () => process.exit());
process.send?.({ type: 'ready' });

/** The time of day of this process goes a day forwards, a day back, and right again, many times a second. */
function jump(): void {
  const { now } = Date;
  const shifts = [0, 86_400_000, -86_400_000];
  const begun = performance.now();
  Date.now = () => now() + (shifts[Math.floor((performance.now() - begun) / 30) % shifts.length] ?? 0);
  globalThis.Date = new Proxy(Date, { construct: (date, given: []) => (given.length === 0 ? new date(date.now()) : new date(...given)) });
}
