// Visits: the numbered documents that make a backup exist.
import { createHash } from 'node:crypto';
import { PivoError, isPivoError } from '../contract/failures.ts';
import { Visit } from '../contract/visit.ts';
import { visitPath, visitsFolder } from './layout.ts';
import { parseDocument, readSmall } from './read.ts';
import type { Store } from './store.ts';

/** Names of all repositories with at least one visit, sorted. */
export async function listRepositories(store: Store): Promise<string[]> {
  const folders = (await store.list('backups')).filter((entry) => entry.kind === 'folder').map((entry) => entry.name);
  const visited = await Promise.all(folders.map(async (name) => ((await listVisitNumbers(store, name)).length > 0 ? [name] : [])));
  return visited.flat().sort();
}

/** Numbers of a repository's visits, ascending; none when it was never backed up. */
export async function listVisitNumbers(store: Store, repository: string): Promise<number[]> {
  const files = await store.list(visitsFolder(repository));
  return files.flatMap(({ name }) => (/^[1-9][0-9]*\.json$/.test(name) ? [Number.parseInt(name, 10)] : [])).sort((a, b) => a - b);
}

/** One visit. Fails with NotFound, or Damaged that names the file. */
export async function readVisit(store: Store, repository: string, seq: number): Promise<Visit> {
  return (await readVisitFile(store, repository, seq)).visit;
}

/** A visit with the SHA-256 of its file, by which the next one names it. */
export async function readVisitFile(store: Store, repository: string, seq: number): Promise<{ visit: Visit; sha256: string }> {
  const path = visitPath(repository, seq);
  const bytes = await readSmall(store, path);
  const visit = parseDocument(bytes, path, Visit);
  if (visit.seq !== seq || visit.repository !== repository) throw new PivoError('Damaged', `${path} holds visit ${visit.seq} of ${visit.repository}`, { hint: 'Run `pivo verify`.', facts: { path } });
  return { visit, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** The last visit, or null. */
export async function latestVisit(store: Store, repository: string): Promise<Visit | null> {
  const seq = (await listVisitNumbers(store, repository)).at(-1);
  return seq === undefined ? null : readVisit(store, repository, seq);
}

/** The last visit at or before an instant, or null; visit times ascend, so it is found by halving. */
export async function visitAt(store: Store, repository: string, instant: Date): Promise<Visit | null> {
  const numbers = await listVisitNumbers(store, repository);
  let found: Visit | null = null;
  for (let low = 0, high = numbers.length - 1; low <= high; ) {
    const middle = (low + high) >> 1;
    const visit = await readVisit(store, repository, numbers[middle] ?? 0);
    if (Date.parse(visit.time) <= instant.getTime()) {
      found = visit;
      low = middle + 1;
    } else high = middle - 1;
  }
  return found;
}

/**
 * Writes a visit: the moment a backup exists. When its number is taken, the same run with the same state and
 * packs is success and returns what is stored; anything else fails with VisitConflict: observe again, never renumber.
 */
export async function commitVisit(store: Store, visit: Visit, signal?: AbortSignal): Promise<Visit> {
  try {
    await store.create(visitPath(visit.repository, visit.seq), Buffer.from(`${JSON.stringify(Visit.parse(visit), null, 1)}\n`), signal);
    return visit;
  } catch (error) {
    if (!isPivoError(error, 'Exists')) throw error;
  }
  const stored = await readVisit(store, visit.repository, visit.seq);
  if (sameRun(stored, visit)) return stored;
  throw new PivoError('VisitConflict', `visit ${visit.seq} of ${visit.repository} was written by another run`, { hint: 'The run observes the origin again by itself.', facts: { stored: stored.workflow, mine: visit.workflow } });
}

const packNames = (visit: Visit): string => visit.packs.map((pack) => pack.name).sort().join(' ');

const sameRun = (a: Visit, b: Visit): boolean => a.workflow.runId === b.workflow.runId && a.snapshot === b.snapshot && packNames(a) === packNames(b);
