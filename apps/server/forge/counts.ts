// Counts what becomes of forges' requests, by webhook, since this server began.
import { isPivoError } from '../../../contract/failures.ts';
import type { Received, WebhookReceiver } from '../../../operations/webhook-receiver.ts';
import type { WebhookCount } from '../metrics/ingestion-families.ts';

/** `malformed`: no JSON, or no push; `unavailable`: the secret cannot be read, or the spool cannot take it now. */
type Outcome = Received['outcome'] | 'malformed' | 'unavailable' | 'failed';

/** Of every webhook, from the beginning: an increase from nothing to one is not seen. */
const OUTCOMES: readonly Outcome[] = ['accepted', 'duplicate', 'ignored', 'pong', 'wrong', 'stale', 'malformed', 'unavailable'];

/** The receiver, and how its requests ended; those for no webhook are counted together, for anybody may make up names. */
export function countRequests({ receive }: WebhookReceiver, names: readonly string[]): WebhookReceiver & { counts(): WebhookCount[] } {
  const counts = new Map([...names.flatMap((source) => OUTCOMES.map((outcome) => ({ source, outcome }))), { source: '', outcome: 'unknown' as const }].map((each) => [keyOf(each), { ...each, requests: 0 }]));
  const count = (of: { source: string; outcome: Outcome }): void => {
    const counted = counts.get(keyOf(of)) ?? { ...of, requests: 0 };
    counted.requests++;
    counts.set(keyOf(of), counted);
  };
  return {
    counts: () => [...counts.values()],
    async receive(name, request) {
      const source = names.includes(name) ? name : '';
      try {
        const received = await receive(name, request);
        count({ source, outcome: received.outcome });
        return received;
      } catch (error) {
        count({ source, outcome: outcomeOf(error) });
        throw error;
      }
    },
  };
}

const keyOf = ({ source, outcome }: { source: string; outcome: Outcome }): string => `${outcome} ${source}`;

function outcomeOf(error: unknown): Outcome {
  if (isPivoError(error, 'InvalidInput')) return 'malformed';
  return isPivoError(error, 'Unavailable') ? 'unavailable' : 'failed';
}
