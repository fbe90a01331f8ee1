// What the acts of a spool gate work with: the spool and the records of this worker's home.
import { PivoError } from '../../contract/failures.ts';
import { useRecords } from '../../records/open.ts';
import type { RecordSettings } from '../../records/settings.ts';
import type { RecordStore } from '../../records/store.ts';
import { openSpool, type Spool } from '../../spool/folders.ts';
import { toApplicationFailure, type Act } from '../temporal-act.ts';
import type { ActivityDeps } from '../act.ts';

/** Fails with Unavailable where this worker has none. */
export function spoolOf({ spool }: ActivityDeps): Spool & { gates: NonNullable<ActivityDeps['spool']>['gates'] } {
  if (spool === undefined) throw new PivoError('Unavailable', 'this worker has no spool');
  return { ...openSpool(spool.folder), gates: spool.gates };
}

/** Fails with Unavailable where this worker stores none. */
export function recordsOf({ records }: ActivityDeps): RecordSettings {
  if (records === undefined) throw new PivoError('Unavailable', 'this worker stores no records');
  return records;
}

/** What `use` makes of the records, whose tables are there then. */
export const withRecords = async <T>(deps: ActivityDeps, use: (records: RecordStore) => Promise<T>): Promise<T> => useRecords(recordsOf(deps), use);

/** The act with every failure to be tried again: segments wait for a disk with room, a right or a setting that a person corrects, however long it takes. */
export function untilDone<Input, Output>(act: Act<Input, Output>): Act<Input, Output> {
  return async (deps, input, run) => {
    try {
      return await act(deps, input, run);
    } catch (error) {
      if (run.signal.aborted || !(error instanceof PivoError) || !error.permanent) throw error;
      run.log.warn({ kind: error.kind, facts: error.facts, error: error.cause }, error.message);
      throw toApplicationFailure(error, false);
    }
  };
}
