// Everything the archive can tell the index: the events of all visits, and the audit records.
import { join } from 'node:path';
import { AuditEvent, type PivoEvent } from '../contract/events.ts';
import { PivoError, isPivoError } from '../contract/failures.ts';
import type { PackProof, Visit } from '../contract/visit.ts';
import { listExported, listForgeExports } from '../archive/forge-data.ts';
import { eventsOfForgeExport } from '../archive/forge-events.ts';
import { visitPath } from '../archive/layout.ts';
import { localObjects } from '../archive/local-packs.ts';
import { checkPacks } from '../archive/packs.ts';
import { readJson } from '../archive/read.ts';
import { asRepaired, repairsOf } from '../archive/repairs.ts';
import type { Store } from '../archive/store.ts';
import { eventsOfVisit } from '../archive/visit-events.ts';
import { listRepositories, listVisitNumbers, readVisitFile } from '../archive/visits.ts';
import { minting } from '../vault/people.ts';
import type { Vault } from '../vault/vault.ts';

export interface ArchiveEventsOptions {
  signal?: AbortSignal | undefined;
  /** Folder of the disposable caches: packs of an archive that is elsewhere are copied there. */
  cache: string;
  /** Told of each document that is damaged or gone; the rest goes on. */
  onDamage(error: PivoError): void;
  /** Where it is on: people are tokens, and minted. */
  vault?: Vault | undefined;
}

/** Events of every visit and of every forge export in order, then the audit records. Fails with StorageUnavailable, GitFailed or Cancelled. */
export async function* archiveEvents(store: Store, options: ArchiveEventsOptions): AsyncGenerator<PivoEvent> {
  for (const repository of await listRepositories(store)) yield* repositoryEvents(store, repository, options);
  for (const repository of await listExported(store)) yield* forgeEvents(store, repository, options);
  yield* auditEvents(store, options);
}

async function* repositoryEvents(store: Store, repository: string, options: ArchiveEventsOptions): AsyncGenerator<PivoEvent> {
  let previous: Visit | null = null;
  const people = options.vault === undefined ? undefined : minting(options.vault, repository);
  const repairs = await repairsOf(store, repository);
  const checked = new Set<string>();
  const chain = new VisitChain(repository);
  for (const seq of await listVisitNumbers(store, repository)) {
    let whole = true;
    try {
      const { visit: archived, sha256 } = await readVisitFile(store, repository, seq);
      for (const damage of chain.add(archived, sha256)) options.onDamage(damage);
      const visit = asRepaired(archived, repairs);
      const damage = await packDamage(store, visit, checked);
      if (damage !== null) options.onDamage(damage);
      whole = damage === null;
      const packs: PackProof[] = [...visit.packs, ...(previous?.packs ?? [])];
      const objectDirectory = await localObjects(store, repository, packs, join(options.cache, repository), options.signal);
      yield* eventsOfVisit({ store, repository, visit, previous, objectDirectory, signal: options.signal, hide: people?.commit });
      people?.flush();
      previous = visit;
    } catch (error) {
      if (!isPivoError(error, 'Damaged', 'NotFound') && !(isPivoError(error, 'GitFailed') && !whole)) throw error;
      options.onDamage(error);
    }
  }
}

/** What is wrong with the lengths of the packs that no earlier visit named, or null. */
async function packDamage(store: Store, { repository, packs }: Visit, checked: Set<string>): Promise<PivoError | null> {
  const fresh = packs.filter(({ name }) => !checked.has(name));
  for (const { name } of fresh) checked.add(name);
  try {
    await checkPacks(store, repository, fresh);
    return null;
  } catch (error) {
    if (isPivoError(error, 'Damaged')) return error;
    throw error;
  }
}

/** Compares each visit with the one before: what it says of it, and whether it is there. */
class VisitChain {
  readonly #repository: string;
  #last = { seq: 0, sha256: '' };

  constructor(repository: string) {
    this.#repository = repository;
  }

  add({ seq, previous }: Visit, sha256: string): PivoError[] {
    const before = this.#last;
    this.#last = { seq, sha256 };
    if (seq !== before.seq + 1) return [this.#damage(seq - 1, 'it is not there or cannot be read')];
    return previous === null || previous.sha256 === before.sha256 ? [] : [this.#damage(seq - 1, `it was changed: visit ${seq} knows its file by another SHA-256`)];
  }

  #damage(seq: number, what: string): PivoError {
    const path = visitPath(this.#repository, seq);
    return new PivoError('Damaged', `${path}: ${what}`, { hint: 'Run `pivo verify`.', facts: { path } });
  }
}

async function* forgeEvents(store: Store, repository: string, options: ArchiveEventsOptions): AsyncGenerator<PivoEvent> {
  for (const number of await listForgeExports(store, repository)) {
    try {
      yield* eventsOfForgeExport(store, repository, number, options.signal);
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
