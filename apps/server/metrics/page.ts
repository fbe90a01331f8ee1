// The text of `/metrics`: PIVO's own metrics, and what the Temporal SDK measures in the worker and in the agent.
import type { Config } from '../../../config.ts';
import { measures } from '../../../operations/measures.ts';
import type { OperationContext } from '../../../operations/operation.ts';
import { recordedAddress } from '../../../stack/address.ts';
import { version } from '../../version.ts';
import { exposition, merged, type Scraped } from './exposition.ts';
import { familiesOf } from './families.ts';
import type { WebhookCount } from './ingestion-families.ts';
import { processFamilies } from './process.ts';

/** Milliseconds that an answer is good for: several who scrape cost as much as one. */
const GOOD_FOR = 5_000;
/** Milliseconds that a process may take to answer. */
const PATIENCE = 1_000;

export interface MetricsOptions {
  config: { telemetry: Pick<Config['telemetry'], 'repositories'>; paths: Pick<Config['paths'], 'run'>; workerId: string };
  context: OperationContext;
  /** What this server counted of forges' requests. */
  webhooks?: () => readonly WebhookCount[];
}

/** Never fails: what cannot be asked is left out. */
export function metricsPage(options: MetricsOptions): () => Promise<string> {
  let text: Promise<string> | undefined;
  let until = 0;
  return () => {
    if (text === undefined || Date.now() > until) {
      text = made(options);
      until = Date.now() + GOOD_FOR;
    }
    return text;
  };
}

async function made({ config: { telemetry, paths, workerId }, context, webhooks = () => [] }: MetricsOptions): Promise<string> {
  const [measured, worker, agent] = await Promise.all([measures(context, workerId), scraped('worker', recordedAddress(paths.run, 'worker-metrics')), scraped('agent', recordedAddress(paths.run, 'agent-metrics'))]);
  return `${exposition([...familiesOf(measured, { version: version(), repositories: telemetry.repositories, webhooks: webhooks() }), ...processFamilies()])}${merged([...worker, ...agent])}`;
}

/** Nothing when the process does not run or answer. */
async function scraped(process: string, url: string | null): Promise<Scraped[]> {
  if (url === null) return [];
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE) });
    return answer.ok ? [{ process, text: await answer.text() }] : [];
  } catch {
    return [];
  }
}
