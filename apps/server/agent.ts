// The agent in the server's process: its worker, for as long as the server lives.
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../../config.ts';
import type { Log } from '../../contract/log.ts';
import { openProvider } from '../../agent/open-provider.ts';
import type { ModelProvider } from '../../agent/model.ts';
import type { OperationContext } from '../../operations/operation.ts';

/** Milliseconds before a worker that could not start is started again. */
const AGAIN_AFTER = 2_000;

/** Starts it beside the door: reading works without it, and without Temporal there is nothing for it to do. */
export function startAgent(config: Config, context: OperationContext, log: Log): { stop(): Promise<void> } {
  const stop = new AbortController();
  const running = keepRunning(config, context, log, stop.signal);
  return {
    async stop() {
      stop.abort();
      await running;
    },
  };
}

async function keepRunning(config: Config, context: OperationContext, log: Log, signal: AbortSignal): Promise<void> {
  const { address } = config.temporal;
  if (address === undefined) return;
  const [{ runAgentWorker }, { installRuntime }] = await Promise.all([import('../../agent/worker.ts'), import('../../stack/temporal-runtime.ts')]);
  installRuntime(log.child({ component: 'TEMPORAL' }));
  const provider = opening(config);
  while (!signal.aborted) {
    try {
      await runAgentWorker({ temporal: { ...config.temporal, address }, workerId: config.workerId, provider, context, log }, { signal, onReady: () => log.info({ provider: config.llm.provider, model: config.llm.model }, 'the agent is ready') });
    } catch (error) {
      log.error({ error }, 'the agent could not run; it is started again');
      await delay(AGAIN_AFTER, undefined, { signal }).catch(() => {});
    }
  }
}

/** Opened once; a failure is told to every step until the configuration is corrected. */
function opening({ llm }: Config): () => Promise<ModelProvider> {
  let provider: Promise<ModelProvider> | undefined;
  return () => (provider ??= openProvider(llm));
}
