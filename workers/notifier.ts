// The notifier of a home: reads the topics, looks for overdue proofs, and has what is to be told delivered. Without targets it does nothing.
import { setTimeout as delay } from 'node:timers/promises';
import type { NotifyPorts } from '../activities/act.ts';
import { isPivoError } from '../contract/failures.ts';
import { checkTarget } from '../notify/deliver.ts';
import { ordersFor } from '../notify/orders.ts';
import { abandonDeliveries, forgetDelivered, stateDeliveries } from '../state/deliveries.ts';
import { forgetNotifierPositions } from '../state/notifier-positions.ts';
import { keepDelivering, type Delivering } from './notifier-deliveries.ts';
import { overdueProofs, type ProofCheck } from './notifier-proofs.ts';
import { readTopics, type TopicReading } from './notifier-topics.ts';

/** Milliseconds between two looks for overdue proofs and for what is to be forgotten. */
const LOOK_EVERY = 3_600_000;
/** Days that a delivery which arrived is kept. */
const KEPT_DAYS = 30;

export interface NotifierSettings extends ProofCheck, Omit<Delivering, 'targets'>, Omit<TopicReading, 'onNews'> {
  backoff?: NotifyPorts['backoff'];
}

/** Goes on until `close`; `ports` are for the acts. */
export function keepNotifying(settings: NotifierSettings): { ports: NotifyPorts; close(): Promise<void> } {
  const { state, targets, backoff } = settings;
  const ports: NotifyPorts = { targets, deliveries: stateDeliveries(state), ...(backoff === undefined ? {} : { backoff }) };
  if (targets.length === 0) {
    quietly(settings, 'the position in the topics', () => forgetNotifierPositions(state));
    return { ports, close: async () => {} };
  }
  const end = new AbortController();
  const delivering = keepDelivering({ ...settings, targets: targets.map(({ name }) => name) });
  const running = [readTopics({ ...settings, onNews: delivering.wake }, end.signal), look(settings, delivering.wake, end.signal), checkTemplates(settings)];
  return {
    ports: { ...ports, wake: delivering.wake },
    async close() {
      end.abort();
      await Promise.all([...running, delivering.close()]);
    },
  };
}

function quietly({ log }: NotifierSettings, what: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    log.warn({ error }, `${what} of the notifier could not be kept`);
  }
}

/** A template that is wrong is told once, here; backups go on, and its deliveries wait until it is right. */
async function checkTemplates({ targets, log }: NotifierSettings): Promise<void> {
  for (const target of targets) {
    await checkTarget(target).catch((error: unknown) => log.error({ target: target.name, ...(isPivoError(error) && { hint: error.hint }) }, (error as Error).message));
  }
}

async function look(settings: NotifierSettings, onNews: () => void, signal: AbortSignal): Promise<void> {
  const { state, targets, log } = settings;
  const firstVisits = new Map<string, string>();
  const asked = targets.some(({ events }) => events.includes('proof.overdue'));
  quietly(settings, 'deliveries to targets that are gone', () => void abandonDeliveries(state, targets.map(({ name }) => name)));
  do {
    try {
      const overdue = asked ? await overdueProofs(settings, firstVisits) : [];
      const orders = overdue.flatMap((news) => ordersFor(news, targets));
      if (orders.length > 0 && stateDeliveries(state).add(orders) > 0) onNews();
      forgetDelivered(state, new Date(Date.now() - KEPT_DAYS * 86_400_000).toISOString());
    } catch (error) {
      if (!signal.aborted) log.warn({ error }, 'overdue proofs could not be looked for');
    }
  } while (await delay(LOOK_EVERY, true, { signal }).catch(() => false));
}
