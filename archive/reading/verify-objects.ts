// Checks that the packs which a visit lists hold everything that its refs reach.
import { createInterface } from 'node:readline';
import { isPivoError } from '../../contract/failures.ts';
import type { Snapshot } from '../../contract/snapshot.ts';
import { hasGaps, type Visit } from '../../contract/visit.ts';
import { startGit } from '../../git/process.ts';
import { visitPath } from '../layout.ts';
import { openObjectView } from '../object-view.ts';
import { repairHint, type Flaw } from './findings.ts';
import { allTips } from './tips.ts';

export interface ObjectCheck {
  repository: string;
  visits: readonly Visit[];
  snapshots: ReadonlyMap<string, Snapshot>;
  /** A folder of git objects of this machine that has these packs in `pack/`. */
  objects: (packs: Visit['packs']) => Promise<string>;
  /** Which states to walk, by the file of the first visit that found it. */
  includes: (path: string) => boolean;
  /** Packs that are not whole; visits that need one are not walked. */
  damaged: ReadonlySet<string>;
  findings: Flaw[];
  signal: AbortSignal;
  onVisit: (done: number, total: number) => void;
}

/** A state that was proven whole: its packs hold all that its tips reach. */
interface Proven {
  packs: Set<string>;
  tips: string[];
}

/**
 * Walks each distinct state once, with the packs of its own visit only. Where a visit lists all packs of the state before,
 * what that one reached is proven already. What a partial visit lacks was noted when it was made, and is no finding.
 */
export async function verifyObjects(check: ObjectCheck): Promise<void> {
  const distinct = distinctStates(check.visits);
  let proven: Proven | null = null;
  for (const [i, visit] of distinct.entries()) {
    check.onVisit(i, distinct.length);
    const snapshot = check.snapshots.get(visit.snapshotPath);
    if (snapshot === undefined || !check.includes(visitPath(check.repository, visit.seq)) || visit.packs.some(({ name }) => check.damaged.has(name))) continue;
    const state: Proven = { packs: new Set(visit.packs.map(({ name }) => name)), tips: allTips(snapshot) };
    const shallow = snapshot.shallow.length > 0;
    const known = !shallow && proven !== null && [...proven.packs].every((name) => state.packs.has(name)) ? proven.tips : [];
    const missing = await missingObjects(check, visit, snapshot, known);
    if (missing.length === 0) proven = shallow ? null : state;
    else if (!hasGaps(visit)) check.findings.push({ file: visitPath(check.repository, visit.seq), problem: `its packs lack ${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ` and ${missing.length - 5} more` : ''}`, hint: repairHint(check.repository), visits: [visit.seq] });
  }
  check.onVisit(distinct.length, distinct.length);
}

function distinctStates(visits: readonly Visit[]): Visit[] {
  const seen = new Set<string>();
  return visits.filter((visit) => {
    const state = `${visit.snapshotPath} ${visit.packs.map(({ name }) => name).sort().join(' ')}`;
    return !seen.has(state) && seen.add(state);
  });
}

/** Ids of objects that the refs reach and the packs lack; or what git said when it could not walk at all. */
async function missingObjects({ objects, signal }: ObjectCheck, visit: Visit, snapshot: Snapshot, known: readonly string[]): Promise<string[]> {
  await using view = await openObjectView(await objects(visit.packs), visit.packs.map(({ name }) => name), visit.objectFormat);
  await view.setShallow(snapshot.shallow);
  const reached = new Set(known);
  const fresh = allTips(snapshot).filter((oid) => !reached.has(oid));
  if (fresh.length === 0) return [];
  const revisions = [...fresh, ...known.map((oid) => `^${oid}`)];
  const running = startGit(['rev-list', '--objects', '--quiet', '--missing=print', '--stdin'], { gitDir: view.gitDir, input: `${revisions.join('\n')}\n`, signal });
  const missing: string[] = [];
  try {
    for await (const line of createInterface({ input: running.stdout.setEncoding('latin1') })) if (line.startsWith('?')) missing.push(line.slice(1));
    await running.done;
    return missing;
  } catch (error) {
    if (isPivoError(error, 'GitFailed')) return [...missing, error.message];
    throw error;
  } finally {
    running.kill('SIGKILL');
  }
}
