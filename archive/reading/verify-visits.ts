// Checks the chain of visits and the snapshots that they name.
import { isPivoError } from '../../contract/failures.ts';
import { Snapshot } from '../../contract/snapshot.ts';
import type { Visit } from '../../contract/visit.ts';
import { repositoryPath, visitPath } from '../layout.ts';
import { readJson, readSmall } from '../read.ts';
import { folderOf, snapshotFiles, snapshotId } from '../snapshots.ts';
import type { Store } from '../store.ts';
import { listVisitNumbers, readVisitFile } from '../visits.ts';
import { DAMAGED_HINT, type Flaw } from './findings.ts';

const messageOf = (error: unknown): string => (isPivoError(error) ? error.message : String(error));

/** All visits that can be read, ascending; what is wrong with any of them goes into `findings`. */
export async function verifyVisits(store: Store, repository: string, findings: Flaw[]): Promise<Visit[]> {
  const visits: Visit[] = [];
  const hashes = new Map<number, string>();
  const add = (seq: number, problem: string): unknown => findings.push({ file: visitPath(repository, seq), problem, hint: DAMAGED_HINT, visits: [seq] });
  let next = 1;
  for (const seq of await listVisitNumbers(store, repository)) {
    if (seq > next) add(next, `it is not there, visit ${seq} is`);
    next = seq + 1;
    try {
      const { visit, sha256 } = await readVisitFile(store, repository, seq);
      hashes.set(seq, sha256);
      for (const { of, problem } of chainProblems(visit, visits.at(-1), hashes)) add(of, problem);
      visits.push(visit);
    } catch (error) {
      add(seq, messageOf(error));
    }
  }
  return visits;
}

/** What does not fit the visit before; a visit that could not be read cannot be compared. */
function chainProblems({ seq, previous, time }: Visit, before: Visit | undefined, hashes: ReadonlyMap<number, string>): { of: number; problem: string }[] {
  if (seq === 1) return previous === null ? [] : [{ of: 1, problem: 'the first visit names one before it' }];
  if (previous?.seq !== seq - 1) return [{ of: seq, problem: `it follows visit ${previous?.seq ?? 'none'}, not ${seq - 1}` }];
  const known = hashes.get(previous.seq);
  return [
    ...(known === undefined || known === previous.sha256 ? [] : [{ of: previous.seq, problem: `it was changed: visit ${seq} knows its file by another SHA-256` }]),
    ...(before !== undefined && Date.parse(before.time) >= Date.parse(time) ? [{ of: seq, problem: `its time is not after that of visit ${before.seq}` }] : []),
  ];
}

/** The snapshots of visits by folder, each checked once where `includes` its folder: its id recomputed, git's own files as they must be. */
export async function verifySnapshots(store: Store, repository: string, visits: readonly Visit[], findings: Flaw[], includes: (path: string) => boolean): Promise<Map<string, Snapshot>> {
  const snapshots = new Map<string, Snapshot>();
  for (const [path, named] of Map.groupBy(visits, (visit) => visit.snapshotPath)) {
    const folder = `${repositoryPath(repository)}/${path}`;
    const add = (file: string, problem: string): unknown => findings.push({ file: `${folder}/${file}`, problem, hint: DAMAGED_HINT, visits: named.map(({ seq }) => seq) });
    try {
      const snapshot = await readJson(store, `${folder}/snapshot.json`, Snapshot); // as it is: all that is wrong with it is a finding
      snapshots.set(path, snapshot);
      if (!includes(path)) continue;
      for (const problem of idProblems(snapshot, path, named)) add('snapshot.json', problem);
      for (const [file, problem] of await fileProblems(store, folder, snapshot)) add(file, problem);
    } catch (error) {
      add('snapshot.json', messageOf(error));
    }
  }
  return snapshots;
}

function idProblems(snapshot: Snapshot, path: string, visits: readonly Visit[]): string[] {
  const id = snapshotId(snapshot.objectFormat, snapshot.head, snapshot.refs);
  return [
    ...(id === snapshot.id ? [] : [`its refs and HEAD make ${id}, not ${snapshot.id}`]),
    ...(folderOf(snapshot) === path ? [] : [`it belongs into ${folderOf(snapshot)}`]),
    ...visits.filter((visit) => visit.snapshot !== snapshot.id).map((visit) => `visit ${visit.seq} says ${visit.snapshot}, it is ${snapshot.id}`),
  ];
}

/** HEAD, packed-refs and the like follow from snapshot.json; a config may have been written by another version. */
async function fileProblems(store: Store, folder: string, snapshot: Snapshot): Promise<[file: string, problem: string][]> {
  const problems: [string, string][] = [];
  for (const [name, content] of snapshotFiles(snapshot)) {
    if (name === 'snapshot.json') continue;
    const stored = await readSmall(store, `${folder}/${name}`).catch((error: unknown) => messageOf(error));
    if (typeof stored === 'string') problems.push([name, stored]);
    else if (name !== 'config' && !stored.equals(Buffer.from(content))) problems.push([name, 'it does not say what snapshot.json says']);
  }
  return problems;
}
