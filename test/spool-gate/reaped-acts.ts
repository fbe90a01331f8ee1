// The acts of a spool gate, each counted as a call of its name; what a push batch asks for is noted in a file.
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { awaitSpoolOpening } from '../../activities/spool-gate/await-opening.ts';
import { claimSegments } from '../../activities/spool-gate/claim.ts';
import { settleSegments } from '../../activities/spool-gate/settle.ts';
import { storeSegments } from '../../activities/spool-gate/store.ts';
import type { Act } from '../../activities/temporal-act.ts';
import type { StandIns } from '../harness/temporal.ts';
import type { Reaper } from './death.ts';
import type { GateHome } from './home.ts';

/** `after` is the moment when an act is done and its worker could not say so. */
export function reaped({ folder }: GateHome, reaper: Reaper): StandIns {
  const counted = <Input, Output>(name: string, act: Act<Input, Output>): Act<Input, Output> => async (deps, input, run) => {
    const death = reaper.at(name);
    death.before();
    const output = await act(deps, input, run);
    death.after();
    return output;
  };
  return {
    awaitSpoolOpening: counted('awaitSpoolOpening', awaitSpoolOpening),
    claimSegments: counted('claimSegments', claimSegments),
    storeSegments: counted('storeSegments', storeSegments),
    settleSegments: counted('settleSegments', settleSegments),
    requestPushBackups: counted('requestPushBackups', async (_deps, { tag }: { tag: string }) => appendFile(join(folder, 'asked'), `${tag}\n`)),
  };
}
