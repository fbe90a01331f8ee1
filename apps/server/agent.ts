// The agent in the server's process: its worker, for as long as the server lives.
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../../config.ts';
import type { Log } from '../../contract/log.ts';
import { openProvider } from '../../agent/open-provider.ts';
import type { ModelProvider } from '../../agent/model.ts';
import type { OperationContext } from '../../operations/operation.ts';
import type { TemporalTracing } from '../../stack/temporal-tracing.ts';

/** Milliseconds before a worker that could not start is started again. */
const AGAIN_AFTER = 2_000;

/** Starts it beside the door: reading works without it, and without Temporal there is nothing for it to do. */
export function startAgent(config: Config, context: OperationContext, log: Log, tracing: TemporalTracing | undefined): { stop(): Promise<void> } {
  const stop = new AbortController();
  const running = keepRunning({ config, context, log, tracing, signal: stop.signal });
  return {
    async stop() {
      stop.abort();
      await running;
    },
  };
}

interface AgentRun {
  config: Config;
  context: OperationContext;
  log: Log;
  tracing: TemporalTracing | undefined;
  signal: AbortSignal;
}

async function keepRunning({ config, context, log, tracing, signal }: AgentRun): Promise<void> {
  const { address } = config.temporal;
  if (address === undefined) return;
  const [{ runAgentWorker }, { installMeasuredRuntime }] = await Promise.all([import('../../agent/worker.ts'), import('../../stack/measured-runtime.ts')]);
  const forget = await installMeasuredRuntime({ log: log.child({ component: 'TEMPORAL' }), run: config.paths.run, name: 'agent-metrics' });
  const provider = opening(config);
  while (!signal.aborted) {
    try {
      await runAgentWorker({ temporal: { ...config.temporal, address }, workerId: config.workerId, provider, context, log, tracing }, { signal, onReady: () => log.info({ provider: config.llm.provider, model: config.llm.model }, 'the agent is ready') });
    } catch (error) {
      log.error({ error }, 'the agent could not run; it is started again');
      await delay(AGAIN_AFTER, undefined, { signal }).catch(() => {});
    }
  }
  forget();
}

/** Opened once; a failure is told to every step until the configuration is corrected. */
function opening({ llm }: Config): () => Promise<ModelProvider> {
  let provider: Promise<ModelProvider> | undefined;
  return () => (provider ??= openProvider(llm));
}
