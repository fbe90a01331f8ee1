// The durable wait that a forge asks for.
import { sleep } from '@temporalio/workflow';
import { reportOf } from './failure.ts';

/** Seconds between two attempts at a forge that does not say when to come back: the first wait, and the longest. */
const [FIRST_WAIT, LONGEST_WAIT] = [2, 300];
/** Seconds that one step waits altogether, where it says no other. */
const MOST_WAITING = 86_400;

/**
 * What the step gives, after as many durable waits as it takes: as long as the forge asks for (`facts.retryAfter`, seconds), else longer
 * each time. `waiting` is told until when, and null when a wait is over. Fails as the step does, when waiting does not help or took
 * `most` seconds (a day).
 */
export async function patiently<T>(step: () => Promise<T>, waiting: (until: string | null) => void, most = MOST_WAITING): Promise<T> {
  for (let [next, waited] = [FIRST_WAIT, 0]; ; next = Math.min(next * 2, LONGEST_WAIT)) {
    try {
      return await step();
    } catch (error) {
      const { kind, facts } = reportOf(error);
      const asked = facts?.['retryAfter'];
      const seconds = typeof asked === 'number' && asked > 0 ? asked : next;
      if (kind !== 'Unavailable' || waited + seconds > most) throw error;
      waiting(new Date(Date.now() + seconds * 1000).toISOString());
      await sleep(seconds * 1000);
      waiting(null);
      waited += seconds;
    }
  }
}
