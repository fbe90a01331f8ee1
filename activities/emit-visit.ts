// Publishes the events of committed visits: of this one, and of earlier ones whose run ended before it could.
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { IngestJob } from '../contract/ingest.ts';
import { TOPIC } from '../contract/names.ts';
import { localObjects } from '../archive/local-packs.ts';
import { eventsOfVisit } from '../archive/visit-events.ts';
import { asRepaired, repairsOf } from '../archive/repairs.ts';
import { listVisitNumbers, readVisit, readVisitFile } from '../archive/visits.ts';
import { isPivoError } from '../contract/failures.ts';
import { Sha256, type Visit } from '../contract/visit.ts';
import type { OutgoingMessage } from '../events/log.ts';
import { minting } from '../vault/people.ts';
import { replaceFile } from '../whole-file.ts';
import type { ActRun, ActivityDeps } from './act.ts';
import { originCache, type OriginCache } from './origin-cache.ts';

const BATCH_MESSAGES = 1_000;
const BATCH_CHARACTERS = 1 << 20;

/** Events are deterministic and may be published again: fails only with Unavailable, StorageUnavailable or Cancelled. */
export async function emitVisit(deps: ActivityDeps, job: IngestJob, visit: number, run: ActRun): Promise<{ events: number }> {
  const cache = originCache(deps.cache, job.repository);
  let last = await lastEmitted(deps, cache, job.repository);
  const due = (await listVisitNumbers(deps.store, job.repository)).filter((seq) => seq > last.seq && seq <= visit);
  for (const seq of due) {
    const stored = await readVisitFile(deps.store, job.repository, seq);
    last = { seq, events: await emitOne(deps, stored.visit, run), sha256: stored.sha256, log: deps.events.url };
    await noteEmitted(cache, last);
  }
  return { events: last.seq === visit ? last.events : 0 };
}

async function emitOne(deps: ActivityDeps, stored: Visit, run: ActRun): Promise<number> {
  const { repository } = stored;
  const repairs = await repairsOf(deps.store, repository);
  const visit = asRepaired(stored, repairs);
  const previous: Visit | null = visit.previous === null ? null : asRepaired(await readVisit(deps.store, repository, visit.previous.seq), repairs);
  const objectDirectory = await localObjects(deps.store, repository, [...visit.packs, ...(previous?.packs ?? [])], originCache(deps.cache, repository).folder, run.signal);
  const people = deps.vault === undefined ? undefined : minting(deps.vault.vault, repository);
  let events = 0;
  let batch: OutgoingMessage[] = [];
  let characters = 0;
  const flush = async (): Promise<void> => {
    people?.flush();
    await deps.events.publish(TOPIC.commits, batch, run.signal);
    events += batch.length;
    run.onProgress({ phase: 'publishing events', done: events });
    batch = [];
    characters = 0;
  };
  for await (const event of eventsOfVisit({ store: deps.store, repository, visit, previous, objectDirectory, signal: run.signal, hide: people?.commit })) {
    const value = JSON.stringify(event);
    batch.push({ key: repository, id: event.id, value, type: event.type });
    characters += value.length;
    if (batch.length >= BATCH_MESSAGES || characters >= BATCH_CHARACTERS) await flush();
  }
  await flush();
  return events;
}

/** The last visit whose events this worker knows to be published, how many they were, the SHA-256 of its file, and to which log; notes of before lack the last two. */
const Emitted = z.strictObject({ seq: z.number(), events: z.number(), sha256: Sha256.optional(), log: z.string().optional() });
type Emitted = z.infer<typeof Emitted>;

const cursorFile = (cache: OriginCache): string => join(cache.folder, 'emitted.json');

/** Visit 0 when this worker does not know, its note is damaged, or it is of another archive or another log: then all are published again. */
async function lastEmitted({ store, events }: ActivityDeps, cache: OriginCache, repository: string): Promise<Emitted> {
  const nothing: Emitted = { seq: 0, events: 0 };
  const noted = await readFile(cursorFile(cache), 'utf8').then((text) => Emitted.parse(JSON.parse(text))).catch(() => nothing);
  if ((noted.log ?? events.url) !== events.url) return nothing;
  if (noted.sha256 === undefined) return noted;
  const there = await readVisitFile(store, repository, noted.seq).catch((error: unknown) => {
    if (isPivoError(error, 'NotFound', 'Damaged')) return null;
    throw error;
  });
  return there?.sha256 === noted.sha256 ? noted : nothing;
}

async function noteEmitted(cache: OriginCache, emitted: Emitted): Promise<void> {
  await mkdir(cache.folder, { recursive: true });
  await replaceFile(cursorFile(cache), JSON.stringify(emitted));
}
