// Workflow `emit`: tells the event log of a run that ended while the log was down, however long that takes.
import type { Activities } from '../activities/index.ts';
import { endingOf } from './failure.ts';
import { emitStep, patiently } from './ingest-steps.ts';
import { emitOnLivingWorker, type Untold } from './untold.ts';

/** Started by other runs only. Fails when the visit's events can never be told, after its record was. */
export async function emit({ visit, record }: Untold): Promise<{ events: number }> {
  const step = (queue: string): Pick<Activities, 'emitVisit'> => emitStep(queue, visit?.job.limits ?? { seconds: 0 });
  try {
    return { events: visit === null ? 0 : await emitOnLivingWorker(visit, step) };
  } catch (error) {
    throw endingOf(error);
  } finally {
    if (record !== null) await patiently.recordAudit(record);
  }
}
