// Everything the archive can tell the index: the events of all visits, and the audit records.
import { join } from 'node:path';
import { AuditEvent, type PivoEvent } from '../contract/events.ts';
import { isPivoError, type PivoError } from '../contract/failures.ts';
import type { PackProof, Visit } from '../contract/visit.ts';
import { localObjects } from '../archive/local-packs.ts';
import { readJson } from '../archive/read.ts';
import { asRepaired, repairsOf } from '../archive/repairs.ts';
import type { Store } from '../archive/store.ts';
import { eventsOfVisit } from '../archive/visit-events.ts';
import { listRepositories, listVisitNumbers, readVisit } from '../archive/visits.ts';

export interface ArchiveEventsOptions {
  signal?: AbortSignal | undefined;
  /** Folder of the disposable caches: packs of an archive that is elsewhere are copied there. */
  cache: string;
  /** Told of each document that is damaged or gone; the rest goes on. */
  onDamage(error: PivoError): void;
}

/** Events of every visit in order, then the audit records. Fails with StorageUnavailable, GitFailed or Cancelled. */
export async function* archiveEvents(store: Store, options: ArchiveEventsOptions): AsyncGenerator<PivoEvent> {
  for (const repository of await listRepositories(store)) yield* repositoryEvents(store, repository, options);
  yield* auditEvents(store, options);
}

async function* repositoryEvents(store: Store, repository: string, options: ArchiveEventsOptions): AsyncGenerator<PivoEvent> {
  let previous: Visit | null = null;
  const repairs = await repairsOf(store, repository);
  for (const seq of await listVisitNumbers(store, repository)) {
    try {
      const visit = asRepaired(await readVisit(store, repository, seq), repairs);
      const packs: PackProof[] = [...visit.packs, ...(previous?.packs ?? [])];
      const objectDirectory = await localObjects(store, repository, packs, join(options.cache, repository), options.signal);
      yield* eventsOfVisit({ store, repository, visit, previous, objectDirectory, signal: options.signal });
      previous = visit;
    } catch (error) {
      if (!isPivoError(error, 'Damaged', 'NotFound')) throw error;
      options.onDamage(error);
    }
  }
}

async function* auditEvents(store: Store, options: ArchiveEventsOptions): AsyncGenerator<AuditEvent> {
  for await (const path of files(store, 'audit')) {
    try {
      yield await readJson(store, path, AuditEvent);
    } catch (error) {
      if (!isPivoError(error, 'Damaged', 'NotFound')) throw error;
      options.onDamage(error);
    }
  }
}

async function* files(store: Store, folder: string): AsyncGenerator<string> {
  for (const { name, kind } of await store.list(folder)) {
    if (kind === 'folder') yield* files(store, `${folder}/${name}`);
    else if (name.endsWith('.json')) yield `${folder}/${name}`;
  }
}
