// Act: publishes the events of forge exports: of this one, and of earlier ones whose run ended before it could.
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listForgeExports } from '../../archive/forge-data.ts';
import { eventsOfForgeExport } from '../../archive/forge-events.ts';
import { TOPIC } from '../../contract/names.ts';
import type { OutgoingMessage } from '../../events/log.ts';
import { hideEvent } from '../../vault/people.ts';
import { replaceFile } from '../../whole-file.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { spoolFolder } from './spool.ts';

const BATCH_MESSAGES = 1_000;
const BATCH_CHARACTERS = 1 << 20;

/** Events are deterministic and may be published again: fails only with Unavailable, StorageUnavailable, Damaged or Cancelled. */
export async function emitForgeExports(deps: ActivityDeps, { repository, upTo }: { repository: string; upTo: number }, run: ActRun): Promise<{ events: number }> {
  const note = join(spoolFolder(deps.cache), `${repository}.emitted`);
  const last = Number(await readFile(note, 'utf8').catch(() => '0'));
  let events = 0;
  for (const number of await listForgeExports(deps.store, repository)) {
    if (number <= last || number > upTo) continue;
    events += await emitOne(deps, repository, number, run);
    await mkdir(spoolFolder(deps.cache), { recursive: true });
    await replaceFile(note, String(number));
  }
  return { events };
}

async function emitOne(deps: ActivityDeps, repository: string, number: number, run: ActRun): Promise<number> {
  let [events, characters]: [number, number] = [0, 0];
  let batch: OutgoingMessage[] = [];
  const flush = async (): Promise<void> => {
    deps.vault?.vault.flush();
    await deps.events.publish(TOPIC.commits, batch, run.signal);
    events += batch.length;
    [batch, characters] = [[], 0];
    run.onProgress({ phase: 'publishing events', done: events });
  };
  for await (const event of eventsOfForgeExport(deps.store, repository, number, run.signal)) {
    const value = JSON.stringify(deps.vault === undefined ? event : hideEvent(deps.vault, event));
    batch.push({ key: repository, id: event.id, value, type: event.type });
    characters += value.length;
    if (batch.length >= BATCH_MESSAGES || characters >= BATCH_CHARACTERS) await flush();
  }
  await flush();
  return events;
}
