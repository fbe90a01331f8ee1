// The operations that read the index or ask its service, on a home where the real service runs.
import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { receiptPath } from '../../archive/layout.ts';
import { TOPIC } from '../../contract/names.ts';
import type { AuditEvent } from '../../contract/events.ts';
import { openEventLog } from '../../events/open.ts';
import { auditLog } from '../../operations/audit-log.ts';
import { indexHealth, waitUntilIndexed } from '../../operations/index-status.ts';
import { openContext, type OpenContext } from '../../operations/context.ts';
import type { OperationContext, RunOptions } from '../../operations/operation.ts';
import { query, readerOf } from '../../operations/query.ts';
import { receipt, receipts } from '../../operations/receipts.ts';
import { reindex } from '../../operations/reindex.ts';
import { withState } from '../../state/open.ts';
import { silentLog } from '../harness/temporal.ts';
import { commits, end, snapshot, startProcess, testHome, toMessages, type TestHome } from './service.ts';

describe('operations on the index', () => {
  let home: TestHome;
  let child: ChildProcess;
  let context: OpenContext;
  const options: RunOptions = { signal: new AbortController().signal, onProgress: () => {} };
  const audit = (n: number, facts: Partial<AuditEvent>): AuditEvent => ({
    type: 'AUDIT', id: `audit:${n}`, time: `2026-11-21T10:00:0${n}.000Z`, action: 'restore', outcome: 'done', repository: 'execa', actor: 'ada', workflow: null, details: { restoreId: `r${n}`, target: "it's.git", planHash: 'f'.repeat(64) }, ...facts,
  });

  beforeAll(async () => {
    home = await testHome();
    child = await startProcess(home.home);
    context = openContext(home.config, silentLog, { user: 'ada', via: 'cli', owner: true });
    const log = openEventLog(home.config.events);
    await log.publish(TOPIC.commits, toMessages([...commits('execa', 1, 0, 20), snapshot('execa', 1, 20)]));
    await log.publish(TOPIC.audit, toMessages([audit(1, {}), audit(2, { outcome: 'refused', repository: 'vue' }), audit(3, { action: 'ingest', details: {} })]));
    await log.close();
    await context.store.create(receiptPath('r1'), Buffer.from('{"restoreId":"r1"}'));
    await waitUntilIndexed(home.config.paths.metadataSocket, 'execa', 1);
    await vi.waitUntil(async () => (await indexHealth(home.config.paths.metadataSocket)).rows['audit'] === 3);
  });
  afterAll(async () => {
    readerOf(home.config.paths.index).close();
    await context.close();
    if (child.exitCode === null) await end(child, 'SIGTERM');
    await home.dispose();
  });

  it('query gives columns and rows', async () => {
    const result = await query.run(context, query.input.parse({ sql: 'SELECT repo_name, count(*) AS commits FROM repo_snapshots GROUP BY 1' }), options);
    expect(result).toMatchObject({ columns: ['repo_name', 'commits'], rows: [['execa', 20]], truncated: false });
    expect(result.ms).toBeGreaterThan(0);
  });

  it('query shows the state to the owner at the command line, read-only, and to no other door', async () => {
    withState(context.paths.state, (db) => db.exec("INSERT INTO pipelines (id, run_id, repo_name, commit_hash, forge, system, status, hash, proposal, requested_by, failed, created, updated) VALUES ('p1', 'r', 'execa', 'c', 'f', 'gitlab', 'generated', 'h', '{}', 'ada', '[]', 't', 't')"));
    const ask = async (caller: OperationContext['caller'], sql: string): Promise<unknown> => (await query.run({ ...context, caller }, query.input.parse({ sql }), options)).rows;
    const owner: OperationContext['caller'] = { user: 'ada', via: 'cli', owner: true };
    expect(await ask(owner, 'SELECT p.id, count(*) FROM state.pipelines p JOIN commits c USING (repo_name)')).toEqual([['p1', 20]]);
    await expect(ask(owner, 'WITH x AS (SELECT 1) DELETE FROM state.pipelines')).rejects.toMatchObject({ kind: 'InvalidInput' });
    for (const other of [{ ...owner, via: 'agent' }, { ...owner, via: 'server' }, { ...owner, owner: false }] as const) {
      await expect(ask(other, 'SELECT * FROM state.pipelines')).rejects.toMatchObject({ kind: 'InvalidInput', message: expect.stringContaining('state.pipelines') as string });
    }
  });

  it('receipts lists restores, newest first, of one repository where asked', async () => {
    expect((await receipts.run(context, receipts.input.parse({}), options)).restores.map((row) => [row['restore_id'], row['outcome'], row['target']])).toEqual([['r2', 'refused', "it's.git"], ['r1', 'done', "it's.git"]]);
    expect((await receipts.run(context, receipts.input.parse({ repository: 'execa' }), options)).restores).toHaveLength(1);
  });

  it('receipt shows one, and says what to do when there is none', async () => {
    expect(await receipt.run(context, { restoreId: 'r1' }, options)).toEqual({ restoreId: 'r1' });
    await expect(receipt.run(context, { restoreId: 'r2' }, options)).rejects.toMatchObject({ kind: 'NotFound', hint: expect.stringContaining('pivo receipts') as string });
    expect(receipt.input.safeParse({ restoreId: '../../x' }).success).toBe(false);
  });

  it('audit lists records by repository and action', async () => {
    const { records } = await auditLog.run(context, auditLog.input.parse({ repository: 'execa', action: 'restore' }), options);
    expect(records).toMatchObject([{ id: 'audit:1', actor: 'ada', details: { restoreId: 'r1' } }]);
    expect((await auditLog.run(context, auditLog.input.parse({}), options)).records).toHaveLength(3);
  });

  it('reindex tells its progress and its digest; without the service it says what to start', async () => {
    const phases = new Set<string>();
    const first = await reindex.run(context, { from: 'log' }, { ...options, onProgress: ({ phase }) => phases.add(phase) });
    expect(first).toMatchObject({ from: 'log', digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string, rows: { commits: 20, audit: 3 } });
    expect(phases).toContain('completing the index');
    await end(child, 'SIGTERM');
    await expect(reindex.run(context, { from: 'log' }, options)).rejects.toMatchObject({ kind: 'Unavailable', hint: expect.stringContaining('pivo up') as string });
    await expect(query.run(context, query.input.parse({ sql: 'SELECT count(*) FROM commits' }), options)).resolves.toMatchObject({ rows: [[20]] });
  });
});
