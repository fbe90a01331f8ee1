// Rows of FORGE_RECORD and FORGE_EXPORT events: each state of a record that an export brought, its words, and the export.
import type Database from 'better-sqlite3';
import type { ForgeExportEvent, ForgeRecordEvent } from '../contract/events.ts';
import { knownIds } from './known-ids.ts';
import { textWriter } from './write-commits.ts';

export interface ForgeWriter {
  add(event: ForgeRecordEvent | ForgeExportEvent): void;
  /** Indexes the words of what was added. */
  finish(): void;
}

export function forgeWriter(db: Database.Database): ForgeWriter {
  const repositoryId = knownIds(db, 'repositories', ['name']);
  const insertRecord = db.prepare(`INSERT INTO stored_forge_records
    (repository, kind, record, export, number, parent, author, title, body, state, url, created, updated, deleted)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`);
  const insertExport = db.prepare('INSERT INTO stored_forge_exports VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING');
  const words = textWriter(db, 'forge_text', 'stored_forge_records', ['title', 'body']);
  const addRecord = (event: ForgeRecordEvent): void => {
    const { kind, record, number, parent, author, title, body, state, url, created, updated, deleted } = event;
    insertRecord.run(repositoryId(event.repository), kind, record, event.export, number, parent, author, title, body, state, url, created, updated, deleted ? 1 : 0);
  };
  const addExport = (event: ForgeExportEvent): void => {
    const { time, forge, url, visit, records, bytes, assets, assetBytes, holes, workflow } = event;
    insertExport.run(repositoryId(event.repository), event.export, time, forge, url, visit, records, bytes, assets, assetBytes, holes, workflow.id, workflow.runId);
  };
  return { add: (event) => (event.type === 'FORGE_RECORD' ? addRecord(event) : addExport(event)), finish: words };
}
