// What was exported of a repository's forge: numbered documents, each with the lines of its records.
import { createHash } from 'node:crypto';
import { ForgeExport, ForgeRecord, type ForgeDataKind } from '../contract/forge-data.ts';
import { PivoError, isPivoError } from '../contract/failures.ts';
import { forgeExportPath, forgeFolder, repositoryPath } from './layout.ts';
import { linesOf } from './lines.ts';
import { parseDocument, readSmall } from './read.ts';
import type { Store } from './store.ts';
import { listRepositories } from './visits.ts';

/** Names of all repositories with at least one export, sorted; one need not have been backed up. */
export async function listExported(store: Store): Promise<string[]> {
  const folders = (await store.list('backups')).filter(({ kind }) => kind === 'folder').map(({ name }) => name);
  const exported = await Promise.all(folders.map(async (name) => ((await listForgeExports(store, name)).length > 0 ? [name] : [])));
  return exported.flat().sort();
}

/** Names of all repositories with a visit or an export, sorted. */
export async function listArchived(store: Store): Promise<string[]> {
  return [...new Set([...(await listRepositories(store)), ...(await listExported(store))])].sort();
}

/** Numbers of a repository's exports, ascending. */
export async function listForgeExports(store: Store, repository: string): Promise<number[]> {
  const files = await store.list(forgeFolder(repository));
  return files.flatMap(({ name }) => (/^[1-9][0-9]*\.json$/.test(name) ? [Number.parseInt(name, 10)] : [])).sort((a, b) => a - b);
}

/** One export with the SHA-256 of its file. Fails with NotFound, or Damaged that names the file. */
export async function readForgeExport(store: Store, repository: string, number: number): Promise<{ document: ForgeExport; sha256: string }> {
  const path = forgeExportPath(repository, number);
  const bytes = await readSmall(store, path).catch((error: unknown) => {
    throw isPivoError(error, 'NotFound') ? new PivoError('NotFound', `${repository} has no forge export ${number}`, { hint: `\`pivo forge list ${repository}\` names those that there are.`, cause: error }) : error;
  });
  const document = parseDocument(bytes, path, ForgeExport);
  if (document.export !== number || document.repository !== repository) throw new PivoError('Damaged', `${path} holds export ${document.export} of ${document.repository}`, { facts: { path } });
  return { document, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** The last export, or null. */
export async function latestForgeExport(store: Store, repository: string): Promise<{ document: ForgeExport; sha256: string } | null> {
  const number = (await listForgeExports(store, repository)).at(-1);
  return number === undefined ? null : readForgeExport(store, repository, number);
}

/**
 * Writes an export's document: the moment it exists. Its number taken by the same run is success and gives what is stored;
 * by another run it fails with VisitConflict.
 */
export async function commitForgeExport(store: Store, document: ForgeExport, signal?: AbortSignal): Promise<ForgeExport> {
  const { repository, export: number, workflow } = document;
  try {
    await store.create(forgeExportPath(repository, number), Buffer.from(`${JSON.stringify(ForgeExport.parse(document), null, 1)}\n`), signal);
    return document;
  } catch (error) {
    if (!isPivoError(error, 'Exists')) throw error;
  }
  const stored = await readForgeExport(store, repository, number);
  if (stored.document.workflow.runId === workflow.runId) return stored.document;
  throw new PivoError('VisitConflict', `export ${number} of ${repository} was written by another run`, { hint: 'Start the export again: it goes on from there.', facts: { stored: stored.document.workflow, mine: workflow } });
}

/** The lines of one kind of an export as they are stored, checked against the document's SHA-256 when they end. Fails with NotFound or Damaged. */
export async function* forgeLines(store: Store, document: ForgeExport, kind: ForgeDataKind, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const file = document.files[kind];
  if (file === undefined) return;
  const path = `${repositoryPath(document.repository)}/${file.path}`;
  const hash = createHash('sha256');
  const content = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of store.open(path, undefined, signal)) {
      hash.update(piece);
      yield piece;
    }
  };
  yield* linesOf(content());
  if (hash.digest('hex') !== file.sha256) throw new PivoError('Damaged', `${path} is not what was exported`, { hint: 'Bring it back from a copy of the archive.', facts: { path } });
}

/** The records of one kind of an export. Fails as forgeLines does. */
export async function* forgeRecords(store: Store, document: ForgeExport, kind: ForgeDataKind, signal?: AbortSignal): AsyncGenerator<ForgeRecord> {
  for await (const line of forgeLines(store, document, kind, signal)) yield parseDocument(line, `${repositoryPath(document.repository)}/${document.files[kind]?.path ?? ''}`, ForgeRecord);
}
