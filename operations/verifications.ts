// Operations `verifications` and `verify-coverage`: what verifications found, and when each file was last read.
import { z } from 'zod';
import { listArchived } from '../archive/forge-data.ts';
import { forgeFiles } from '../archive/reading/verify-forge.ts';
import { lfsFiles } from '../archive/reading/verify-lfs.ts';
import { archivedFiles } from '../archive/reading/verify.ts';
import { listRetentions, removedBy } from '../archive/retentions.ts';
import { listVisitNumbers, readVisit } from '../archive/visits.ts';
import { isPivoError } from '../contract/failures.ts';
import { RepositoryName } from '../contract/names.ts';
import type { Visit } from '../contract/visit.ts';
import type { Store } from '../archive/store.ts';
import { lastReads, listRuns, openFindings, type KeptFinding, type RunState } from '../state/verifications.ts';
import { defineOperation } from './operation.ts';

export interface Verifications {
  runs: RunState[];
  /** What is wrong as far as the last reading of each file tells. */
  findings: KeptFinding[];
}

export const verifications = defineOperation({
  name: 'verifications',
  description: 'Lists the latest verifications, and what is wrong with files of the archive as far as their last reading tells.',
  kind: 'reads',
  input: z.strictObject({ repository: RepositoryName.optional(), limit: z.number().int().positive().max(10_000).default(50) }),
  run: ({ paths }, { repository, limit }): Promise<Verifications> => Promise.resolve({
    runs: listRuns(paths.state, limit).filter((run) => repository === undefined || run.repository === null || run.repository === repository),
    findings: openFindings(paths.state, { repository, limit }),
  }),
});

export interface Coverage {
  repository: string;
  /** Files that the visits name; a checkout and a snapshot's folder count as one. */
  files: number;
  /** Of these, never read by a verification. */
  never: number;
  /** The longest ago that one of the others was read; null when none was. */
  oldest: string | null;
  /** Files that were not as archived when they were last read. */
  damaged: number;
  /** When each was last read; of one repository only. */
  reads?: { file: string; readAt: string | null; ok: boolean | null }[];
}

export const verifyCoverage = defineOperation({
  name: 'verify-coverage',
  description: 'Tells for every repository how many of its files were ever verified and how long ago the oldest reading was; for one repository, file by file.',
  kind: 'reads',
  input: z.strictObject({ repository: RepositoryName.optional() }),
  async run({ store, paths }, { repository }, { signal }): Promise<Coverage[]> {
    const names = repository === undefined ? await listArchived(store) : [repository];
    const all: Coverage[] = [];
    for (const name of names) {
      signal.throwIfAborted();
      const visits = await readableVisits(store, name);
      const files = [...archivedFiles(name, visits, removedBy(await listRetentions(store, name, () => {}))), ...(await lfsFiles(store, name, visits)), ...(await forgeFiles(store, name, signal))];
      const { reads, ...coverage } = coverageOf(name, files, lastReads(paths.state, name));
      all.push(repository === undefined ? coverage : { ...coverage, reads });
    }
    return all;
  },
});

function coverageOf(repository: string, files: readonly string[], last: ReturnType<typeof lastReads>): Coverage & { reads: NonNullable<Coverage['reads']> } {
  const reads = files.map((file) => ({ file, readAt: last.get(file)?.readAt ?? null, ok: last.get(file)?.ok ?? null }));
  const times = reads.flatMap(({ readAt }) => readAt ?? []).sort();
  return { repository, files: files.length, never: files.length - times.length, oldest: times[0] ?? null, damaged: reads.filter(({ ok }) => ok === false).length, reads };
}

/** A visit that cannot be read is a finding of the verification itself. */
async function readableVisits(store: Store, repository: string): Promise<Visit[]> {
  const visits: Visit[] = [];
  for (const seq of await listVisitNumbers(store, repository)) {
    const visit = await readVisit(store, repository, seq).catch((error: unknown) => {
      if (isPivoError(error, 'Damaged', 'NotFound')) return null;
      throw error;
    });
    if (visit !== null) visits.push(visit);
  }
  return visits;
}
