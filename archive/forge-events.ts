// The events of one forge export: one for each record, then one for the export itself.
import { ForgeDataKind, type ForgeExport, type ForgeRecord } from '../contract/forge-data.ts';
import type { ForgeExportEvent, ForgeRecordEvent } from '../contract/events.ts';
import { forgeRecords, readForgeExport } from './forge-data.ts';
import type { Store } from './store.ts';
import { cutText } from './visit-events.ts';

/** The same whenever they are asked for. Fails with NotFound, Damaged or StorageUnavailable. */
export async function* eventsOfForgeExport(store: Store, repository: string, number: number, signal?: AbortSignal): AsyncGenerator<ForgeRecordEvent | ForgeExportEvent> {
  const { document } = await readForgeExport(store, repository, number);
  for (const kind of ForgeDataKind.options) {
    for await (const record of forgeRecords(store, document, kind, signal)) yield recordEvent(document, record);
  }
  yield exportEvent(document);
}

function recordEvent({ repository, export: number }: ForgeExport, record: ForgeRecord): ForgeRecordEvent {
  const { kind, id, title, body, state, url, deleted, ...told } = record;
  return {
    type: 'FORGE_RECORD',
    id: `forge:${repository}:${number}:${kind}:${id}`,
    repository,
    export: number,
    kind,
    record: id,
    number: told.number,
    parent: told.parent,
    created: told.created,
    updated: told.updated,
    deleted: deleted === true,
    author: told.author === null ? null : cutText(told.author),
    title: cutText(title ?? ''),
    body: cutText(body ?? ''),
    state,
    url: url === null ? null : cutText(url),
  };
}

function exportEvent(document: ForgeExport): ForgeExportEvent {
  const { repository, export: number, time, forge, url, visit, files, assets, holes, workflow } = document;
  const all = Object.values(files);
  return {
    type: 'FORGE_EXPORT',
    id: `forge:${repository}:${number}`,
    repository,
    export: number,
    time,
    forge: forge.kind,
    url,
    visit,
    records: all.reduce((sum, { records }) => sum + records, 0),
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    assets: assets.stored,
    assetBytes: assets.bytes,
    holes: holes.length,
    workflow,
  };
}
