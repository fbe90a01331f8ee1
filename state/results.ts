// Adapter of the port Results: verifications and drills in the state database.
import type { Results } from '../contract/results.ts';
import { insertDrill } from './drills.ts';
import { withState } from './open.ts';
import { endRun, insertRun, insertVerdict, nextPart, verifiedBy } from './verifications.ts';

/** Results in the state database at `path`; nothing stays open. */
export function stateResults(path: string): Results {
  return {
    nextPart: (of, repository) => withState(path, (db) => nextPart(db, of, repository)),
    beginVerification: (run) => withState(path, (db) => insertRun(db, run)),
    recordVerdict: (run, verdict) => withState(path, (db) => insertVerdict(db, run, verdict)),
    verifiedBy: (run) => withState(path, (db) => verifiedBy(db, run)),
    endVerification: (run) => withState(path, (db) => endRun(db, run)),
    recordDrill: (drill) => withState(path, (db) => insertDrill(db, drill)),
  };
}
