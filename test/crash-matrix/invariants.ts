// What must hold after any crash: docs/guarantees.md as checks, each with the sentence that a failure prints.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { repositoryPath } from '../../archive/layout.ts';
import { openStore } from '../../archive/open.ts';
import { openLibrary } from '../../archive/reading/library.ts';
import { verifyRepository } from '../../archive/reading/verify.ts';
import type { Store } from '../../archive/store.ts';
import { listVisitNumbers, readVisit } from '../../archive/visits.ts';
import type { IngestResult } from '../../contract/ingest.ts';
import Database from 'better-sqlite3';
import { digestOfFile } from '../../metadata/digest.ts';
import { openIndexWriter } from '../../metadata/writer.ts';
import { archiveEvents } from '../../workers/metadata-archive.ts';
import { fingerprintOf } from '../harness/archive-hand.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import type { CrashStack } from './stack.ts';

/** Bytes of all archived files of a repository: path to SHA-256. */
export type Fingerprint = Map<string, string>;

const storeOf = ({ config }: CrashStack): Store => openStore(config.store, config);

export const fingerprint = (stack: CrashStack, repository: string): Promise<Fingerprint> => fingerprintOf(storeOf(stack), repositoryPath(repository));

/** Nothing that was archived is gone or different. */
export function sameBytes(before: Fingerprint, after: Fingerprint): string[] {
  return [...before].flatMap(([path, sha256]) => (after.get(path) === sha256 ? [] : [`${path} was archived and is ${after.has(path) ? 'different' : 'gone'}`]));
}

/** Visits without gaps, one for each ingest that was done and for nothing else. */
export async function exactlyOnce(stack: CrashStack, repository: string, done: readonly IngestResult[], started: ReadonlySet<string>): Promise<string[]> {
  const store = storeOf(stack);
  const numbers = await listVisitNumbers(store, repository);
  const visits = await Promise.all(numbers.map((seq) => readVisit(store, repository, seq)));
  const runs = visits.map(({ workflow }) => workflow.runId);
  return [
    ...(numbers.every((seq, i) => seq === i + 1) ? [] : [`visits have gaps: ${numbers.join(', ')}`]),
    ...(new Set(runs).size === runs.length ? [] : ['one run wrote two visits']),
    ...runs.filter((run) => !started.has(run)).map((run) => `a visit of run ${run}, which nobody started`),
    ...done.filter(({ visit, snapshot }) => visits.find(({ seq }) => seq === visit)?.snapshot !== snapshot).map(({ visit }) => `the ingest that answered visit ${visit} has another one in the archive`),
    ...(new Set(done.map(({ visit }) => visit)).size === done.length ? [] : ['two ingests answered the same visit']),
  ];
}

/** `pivo verify` finds nothing. */
export async function verifyClean(stack: CrashStack, repository: string): Promise<string[]> {
  const cache = await mkdtemp(join(tmpdir(), 'pivo-verify-'));
  const store = storeOf(stack);
  const library = openLibrary({ store, cache });
  try {
    const { findings } = await verifyRepository(store, library, repository, { signal: new AbortController().signal, onProgress: () => {} });
    return findings.map(({ file, problem }) => `verify: ${file}: ${problem}`);
  } finally {
    await library.close();
    await rm(cache, { recursive: true, force: true });
  }
}

/** A repository that was archived or restored is the origin as it was. */
export async function sameAs(expected: string, found: string, what: string): Promise<string[]> {
  const difference = describeDifference(await compareRepositories(expected, found), 5);
  return difference === '' ? [] : [`${what}: ${difference}`];
}

/** How long what is on its way to the index may take. */
const INDEX_WITHIN_MS = 45_000;

/** The live index says what one that is built from the archive says. */
export async function indexAgrees(stack: CrashStack): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'pivo-index-'));
  const deadline = Date.now() + INDEX_WITHIN_MS;
  try {
    for (let tries = 0; ; tries++) {
      const fresh = join(folder, `${tries}.db`);
      const writer = openIndexWriter(fresh);
      const damage: string[] = [];
      for await (const event of archiveEvents(storeOf(stack), { cache: join(folder, 'cache'), onDamage: (error) => void damage.push(error.message) })) writer.write([event]);
      const expected = writer.counts();
      writer.close();
      if (damage.length > 0) return damage;
      if (digestOfFile(fresh) === digestOfFile(stack.config.paths.index)) return [];
      if (Date.now() > deadline) return [`the index differs from one that is built from the archive (${JSON.stringify(expected)})`, ...difference(fresh, stack.config.paths.index)];
      await delay(300);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Which audit records or visits one index has and the other lacks. */
function difference(expected: string, found: string): string[] {
  const ids = (path: string): Set<string> => {
    const db = new Database(path, { readonly: true });
    try {
      return new Set(db.prepare("SELECT 'audit ' || id FROM audit UNION SELECT 'visit ' || repo_name || ' ' || visit FROM visits").pluck().all() as string[]);
    } finally {
      db.close();
    }
  };
  const [a, b] = [ids(expected), ids(found)];
  return [...[...a].filter((id) => !b.has(id)).map((id) => `- ${id}`), ...[...b].filter((id) => !a.has(id)).map((id) => `+ ${id}`)].slice(0, 10);
}
