// Checks objects of Git LFS: the ledger is whole and is the one that the last visit means, and each object that it calls archived has the SHA-256 of its name.
import { isPivoError } from '../../contract/failures.ts';
import type { LfsEntry } from '../../contract/lfs.ts';
import type { Progress } from '../../contract/ingest.ts';
import type { ReadFile } from '../../contract/verification.ts';
import type { Visit } from '../../contract/visit.ts';
import { eachAtOnce } from '../at-once.ts';
import { lfsLedgerPath, lfsObjectPath, visitPath } from '../layout.ts';
import { readLedger, recordOf, type LfsLedger } from '../ledger.ts';
import { proveStream } from '../proof.ts';
import type { Store } from '../store.ts';
import type { Flaw } from './findings.ts';

interface LfsCheck {
  store: Store;
  repository: string;
  visits: readonly Visit[];
  includes: (path: string) => boolean;
  onRead: (file: ReadFile) => void;
  findings: Flaw[];
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}

const AT_ONCE = 4;
const ANY_WRITE = 0o222;
const OBJECT_HINT = 'Bring the file back from a copy of the archive, or from any clone that has it, in its folder lfs/objects.';

/** The last visit that looked for pointers: a later one may have left them out, and what was archived is still to be checked. */
const lastThatLooked = (visits: readonly Visit[]): Visit | undefined => visits.findLast(({ lfs }) => lfs !== undefined);

/** Reads the ledger that counts now and every object of it; returns the bytes read. A repository whose visits tell of no pointers costs nothing. */
export async function verifyLfs(check: LfsCheck): Promise<number> {
  const last = lastThatLooked(check.visits);
  if (last?.lfs === undefined || last.lfs.ledger === null) return 0;
  const ledger = await wholeLedger(check, last);
  if (ledger === null) return 0;
  const archived = [...ledger.entries.values()].filter(({ oid, state }) => state === 'archived' && check.includes(lfsObjectPath(check.repository, oid)));
  let [bytes, done] = [0, 0];
  await eachAtOnce(archived, AT_ONCE, async (entry, signal) => {
    check.onProgress({ phase: `checking Git LFS objects of ${check.repository}`, done, total: archived.length, bytes });
    const read = await verifyObject(check, entry, signal);
    bytes += read; // others add meanwhile
    done += 1;
  }, check.signal);
  return bytes;
}

/** Null, and a finding, where the ledger is damaged. */
async function wholeLedger({ store, repository, includes, onRead, findings }: LfsCheck, { seq, lfs }: Visit): Promise<LfsLedger | null> {
  const known = lfs?.ledger ?? null;
  try {
    const ledger = await readLedger(store, repository, known);
    const atVisit = ledger.last?.number === known?.number ? ledger : await readLedger(store, repository, known, known?.number);
    const { objects, missing } = recordOf(atVisit);
    if (objects !== lfs?.objects || missing !== lfs.missing) findings.push({ file: visitPath(repository, seq), problem: `it tells of ${lfs?.objects} objects of Git LFS and ${lfs?.missing} missing, its ledger of ${objects} and ${missing}`, hint: OBJECT_HINT, visits: [seq] });
    for (let number = ledger.last?.number ?? 0; number > (ledger.last?.number ?? 0) - ledger.files; number--) {
      const file = lfsLedgerPath(repository, number);
      if (includes(file)) onRead({ kind: 'lfs', file, bytes: (await store.stat(file))?.bytes ?? 0 });
    }
    return ledger;
  } catch (error) {
    if (!isPivoError(error, 'Damaged')) throw error;
    findings.push({ file: String(error.facts['path']), problem: error.message, hint: 'Bring the file back from a copy of the archive, or back the repository up again once it changed: the ledger is then begun anew.', visits: [seq] });
    return null;
  }
}

async function verifyObject({ store, repository, onRead, findings }: LfsCheck, { oid, size }: LfsEntry, signal: AbortSignal): Promise<number> {
  const file = lfsObjectPath(repository, oid);
  const add = (problem: string): unknown => findings.push({ file, problem, hint: OBJECT_HINT, visits: [] });
  const there = await store.stat(file);
  if (there === null) {
    add('it is not there, and the ledger says that it was archived');
    onRead({ kind: 'lfs', file, bytes: 0 });
    return 0;
  }
  if ((there.mode & ANY_WRITE) !== 0) add(`it can be written to, its mode is ${there.mode.toString(8)}`);
  const found = await proveStream(store.open(file, undefined, signal));
  if (found.bytes !== size) add(`it has ${found.bytes} bytes, its pointer says ${size}`);
  else if (found.sha256 !== oid) add(`its SHA-256 is ${found.sha256}, not its name`);
  onRead({ kind: 'lfs', file, bytes: found.bytes });
  return found.bytes;
}

/** Files that a verification reads for these visits: objects that the ledger calls archived, and the ledger's own. None where it is damaged: that is a finding. */
export async function lfsFiles(store: Store, repository: string, visits: readonly Visit[]): Promise<string[]> {
  const known = lastThatLooked(visits)?.lfs?.ledger ?? null;
  if (known === null) return [];
  const ledger = await readLedger(store, repository, known).catch((error: unknown) => {
    if (isPivoError(error, 'Damaged')) return null;
    throw error;
  });
  if (ledger === null) return [];
  const last = ledger.last?.number ?? 0;
  const objects = [...ledger.entries.values()].filter(({ state }) => state === 'archived').map(({ oid }) => lfsObjectPath(repository, oid));
  return [...objects, ...Array.from({ length: ledger.files }, (_, i) => lfsLedgerPath(repository, last - i))];
}
