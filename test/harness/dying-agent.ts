// Entry of an agent's worker that kills itself with SIGKILL at a chosen moment of a turn; says `{ type: 'ready' }` over IPC.
// Its model asks for a restore of `project` to the path that the question is, and answers with the plan's hash.
import type { Client } from '@temporalio/client';
import { loadConfig } from '../../config.ts';
import { openContext } from '../../operations/context.ts';
import { installRuntime } from '../../stack/temporal-runtime.ts';
import { lastQuestion, resultsSoFar, startAgent, type Script } from './agent.ts';
import { silentLog, type TestTemporal } from './temporal.ts';

const [home = '', address = '', dieAt = ''] = process.argv.slice(2);

function dieIf(at: string): void {
  if (dieAt === at) process.kill(process.pid, 'SIGKILL');
}

const script: Script = (request, { onText }) => {
  const [result] = resultsSoFar(request) as { restoreId: string; planHash: string }[];
  onText('I think');
  dieIf(result === undefined ? 'in the first step' : 'in the last step');
  if (result === undefined) return { calls: [{ name: 'submit_restore_job', arguments: { repository: 'project', target: lastQuestion(request) } }] };
  return `${result.restoreId} waits with ${result.planHash}`;
};

/** The client as it is, but that a start of a workflow may be the last thing that this process does. */
function dyingClient(client: Client): Client {
  const workflow = new Proxy(client.workflow, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (name !== 'start' || typeof value !== 'function') return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      return async (...args: unknown[]): Promise<unknown> => {
        dieIf('between model step and tool');
        const handle: unknown = await (value.bind(target) as (...given: unknown[]) => Promise<unknown>)(...args);
        dieIf('in the tool, after its start');
        return handle;
      };
    },
  });
  return new Proxy(client, { get: (target, name) => (name === 'workflow' ? workflow : (Reflect.get(target, name, target) as unknown)) });
}

installRuntime(silentLog);
const context = openContext(loadConfig({ PIVO_HOME: home, TEMPORAL_ADDRESS: address }), silentLog, { user: 'server', via: 'cli', owner: true });
await startAgent({ server: { address } } as TestTemporal, { script, context: { ...context, temporal: async () => dyingClient(await context.temporal()) }, workerId: 'dying' });
process.send?.({ type: 'ready' });
