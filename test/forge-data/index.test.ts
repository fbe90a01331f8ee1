// Exports in the index: records in their last state with their history, searched by words, and built anew to the same digest.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOfFile } from '../../metadata/digest.ts';
import { searchForge, type ForgeHits } from '../../operations/search-forge.ts';
import type { OperationContext } from '../../operations/operation.ts';
import { readerOf } from '../../operations/query.ts';
import { openVaultOf, type OpenVault } from '../../vault/open.ts';
import { MetadataService } from '../../workers/metadata-service.ts';
import { startFakeGithubData, type FakeGithubData } from '../forges/fake-github-data.ts';
import { callOperation } from '../harness/operations.ts';
import { silentLog } from '../harness/temporal.ts';
import { openExporting, type Exporting } from './exporting.ts';

const never = new AbortController().signal;

describe('Forge exports in the index', () => {
  let folder: string;
  let index: string;
  let fake: FakeGithubData;
  let exporting: Exporting;
  let service: MetadataService;
  let vault: OpenVault | undefined;

  const open = (): MetadataService => new MetadataService({ index, events: exporting.deps.events, store: exporting.deps.store, cache: exporting.deps.cache, log: silentLog, vault });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pivo-forge-index-'));
    index = join(folder, 'pivo.db');
    vault = undefined;
    fake = await startFakeGithubData(null);
    exporting = await openExporting(join(folder, 'home'), fake, 'github');
    service = open();
  });
  afterEach(async () => {
    await service.stop();
    readerOf(index).close();
    await exporting.close();
    await fake.close();
    await promisify(execFile)('chmod', ['-R', 'u+w', folder]);
    await rm(folder, { recursive: true });
  });

  const caughtUp = (): Promise<void> => expect.poll(async () => (await service.health()).partitions.every(({ lag }) => lag === 0), { timeout: 20_000 }).toBe(true);
  const search = (query: string, more: object = {}): Promise<ForgeHits> => callOperation(searchForge, { paths: { index } } as OperationContext, { query, ...more });
  const ask = async (sql: string): Promise<unknown[][]> => (await readerOf(index).query(sql)).rows;

  /** Two exports: an issue that is closed in the second, a label that is gone, an unchanged comment. */
  const history = async (): Promise<void> => {
    const { data } = fake;
    data.labels.push({ id: 1, name: 'bug' }, { id: 2, name: 'later' });
    const issue = data.issue({ title: 'Socket retries forever', body: 'Reviewed-by: Jane Roe <jane@example.org>\n\u0000 \ud800 NUL' });
    data.issue({ title: 'Something else', body: `${'z'.repeat(100_000)} tail` });
    data.comment(1, 'The retry has no timeout; ask ada or ada.l@example.org');
    data.release('v1', { f: Buffer.from('f') });
    await exporting.run();
    data.edit(issue, { state: 'closed', title: 'Socket gives up' });
    data.labels.shift();
    await exporting.run();
    await caughtUp();
  };

  it('tell the last state of each record, and every state that an export brought', async () => {
    await history();
    expect(await ask(`SELECT number, title, state, export FROM forge_records WHERE kind = 'issues' ORDER BY number`)).toEqual([[1, 'Socket gives up', 'closed', 2], [2, 'Something else', 'open', 1]]);
    expect(await ask(`SELECT export, title, state FROM forge_history WHERE kind = 'issues' AND number = 1 ORDER BY export`)).toEqual([[1, 'Socket retries forever', 'open'], [2, 'Socket gives up', 'closed']]);
    expect(await ask(`SELECT record, deleted FROM forge_records WHERE kind = 'labels' ORDER BY record`)).toEqual([['1', 1], ['2', 0]]);
    expect(await ask('SELECT repo_name, export, forge, records, assets, holes FROM forge_exports ORDER BY export')).toEqual([['shop', 1, 'github', 7, 1, 0], ['shop', 2, 'github', 2, 0, 0]]);
    expect(await ask(`SELECT length(body) FROM forge_records WHERE number = 2 AND kind = 'issues'`)).toEqual([[65_536]]);
  });

  it('are found by their words in the last state alone', async () => {
    await history();
    expect((await search('socket')).hits).toMatchObject([{ repository: 'shop', kind: 'issues', number: 1, title: 'Socket gives up', state: 'closed' }]);
    expect((await search('retries forever')).hits).toEqual([]);
    expect((await search('"no timeout"')).hits).toMatchObject([{ kind: 'issue-comments', number: 1, author: 'bob', excerpt: expect.stringContaining('no timeout') as string }]);
    expect((await search('time*', { kind: 'issues' })).hits).toEqual([]);
    expect((await search('retry OR NEAR(a b) "unbalanced')).hits).toEqual([]);
    await expect(search('!!! "')).rejects.toMatchObject({ kind: 'InvalidInput' });
  });

  it('come back with the same digest from the log and from the archive', async () => {
    await history();
    const grown = digestOfFile(index);
    expect((await service.reindex('log', () => {}, never)).digest).toBe(grown);
    expect((await service.reindex('archive', () => {}, never)).digest).toBe(grown);
    await caughtUp();
    expect(digestOfFile(index)).toBe(grown);
  });

  it('hold tokens for people where the vault is on, the same however they are built', async () => {
    await service.stop();
    vault = openVaultOf(join(folder, 'vault.db'), { enabled: true, key: { name: 'test', read: () => [Buffer.alloc(32, 7)] } } as never) as OpenVault;
    exporting.deps.vault = vault;
    service = open();
    await history();
    const grown = digestOfFile(index);
    const db = new Database(index, { readonly: true });
    const all = JSON.stringify(db.prepare('SELECT author, title, body FROM forge_history').all());
    db.close();
    expect(all).not.toMatch(/jane@example|ada\.l@|Jane Roe|"bob"|"ada"/);
    expect(all).toMatch(/"author":"pii-[0-9a-f]{32}"/);
    expect((await service.reindex('log', () => {}, never)).digest).toBe(grown);
    expect((await service.reindex('archive', () => {}, never)).digest).toBe(grown);
  });
});
