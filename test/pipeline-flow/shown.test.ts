// What people are shown of a pipeline, and what the documentation says of its table.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pipelineStateText, proposalText } from '../../apps/cli/pipeline-text.ts';
import { receiptText } from '../../apps/cli/receipt-text.ts';
import type { Style } from '../../apps/cli/session.ts';
import { proposalHash } from '../../contract/pipeline.ts';
import type { PipelineRow } from '../../contract/pipeline-run.ts';
import type { RestoreReceipt } from '../../contract/restore.ts';
import type { PipelineView } from '../../operations/pipeline-view.ts';
import { listPipelines, statePipelines } from '../../state/pipelines.ts';
import { proposalOf } from '../harness/pipeline-needs.ts';
import { FILES } from './scene.ts';

const plain = (text: string): string => text;
const style: Style = { bold: plain, dim: plain, green: (text) => `<${text}>`, yellow: plain, red: (text) => `[${text}]` };

let dir: string;
let row: PipelineRow;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-pipeline-'));
  const proposal = await proposalOf('shop', FILES, 'gitlab');
  row = { id: 'shop-1', runId: 'r', repository: 'shop', commit: 'c'.repeat(40), forge: 'https://gitlab.com/acme/shop', system: 'gitlab', status: 'generated', hash: proposalHash(proposal), proposal, requestedBy: 'ada', approver: null, branch: null, commitId: null, mergeRequest: null, run: null, failed: [], failure: null, created: '2026-11-21T10:00:00.000Z', updated: '2026-11-21T10:00:00.000Z' };
});
afterAll(() => rm(dir, { recursive: true }));

const viewOf = (change: Partial<PipelineRow> = {}): PipelineView => ({ ...row, ...change, workflowId: `pipeline:${row.id}`, failed: [] });

it('a new file is shown whole, one that is replaced as a diff, and the hash is there', () => {
  const text = proposalText(viewOf(), style);
  expect(text).toContain('[-old:]');
  expect(text).toMatch(/<\+stages:/);
  expect(text).toContain(`hash ${row.hash}`);
  for (const { path } of row.proposal.files) expect(text).toContain(path);
});

it('nothing that a file holds controls the terminal', () => {
  const proposal = { ...row.proposal, files: [{ path: 'a\u001B[2J.yml', content: 'x: \u001B]0;owned\u0007\n', existing: null }], problems: [{ check: 'shell', severity: 'error', path: 'a', line: 1, message: 'bad \u001B[31m' } as const] };
  expect(`${proposalText(viewOf({ proposal }), style)}${pipelineStateText(viewOf({ failure: '\u001B[2J' }), style)}`).not.toMatch(/[\u0007\u001B]/); // eslint-disable-line no-control-regex
});

it('no mark of direction makes a line of a file look like another one', () => {
  const proposal = { ...row.proposal, files: [{ path: 'Dockerfile', content: 'CMD ["sh","-c","run \u202E# \u2066tset\u2069"]\n', existing: null }] };
  expect(proposalText(viewOf({ proposal }), style)).toContain(String.raw`run \u{202e}# \u{2066}tset\u{2069}`);
});

it('a row is what was proposed first, however often it is, and changes as it is told', () => {
  const rows = statePipelines(join(dir, 'state.db'));
  expect([rows.find('shop-1'), listPipelines(join(dir, 'state.db'), {}, 5)]).toEqual([null, []]);
  expect(rows.propose(row)).toEqual(row);
  expect(rows.propose({ ...row, hash: 'other' }).hash).toBe(row.hash);
  rows.change('shop-1', { status: 'committed', branch: 'pivo/pipeline-1' });
  expect(rows.find('shop-1')).toMatchObject({ status: 'committed', branch: 'pivo/pipeline-1', approver: null });
  expect(listPipelines(join(dir, 'state.db'), { branch: 'pivo/pipeline-1', status: 'committed', repository: 'shop' }, 5)).toMatchObject([{ id: 'shop-1', files: row.proposal.files.map(({ path }) => path) }]);
});

it('every column of pipelines is documented, in order', async () => {
  const path = join(dir, 'documented.db');
  statePipelines(path).change('none', {});
  const docs = await readFile(new URL('../../docs/schema.md', import.meta.url), 'utf8');
  const section = docs.split('\n## pipelines\n')[1]?.split('\n## ')[0] ?? '';
  const db = new Database(path, { readonly: true });
  expect([...section.matchAll(/^\| (\w+) \|/gm)].map((match) => match[1]).slice(1)).toEqual(db.prepare("SELECT name FROM pragma_table_info('pipelines')").pluck().all());
  db.close();
});

it('a receipt of a restore to another place offers a pipeline for it, one to a path or to the origin does not', () => {
  const plan = { repository: 'shop', origin: 'https://github.com/acme/shop', target: 'https://gitlab.com/acme/shop', targetKind: 'remote', point: { asked: 'v1', visit: 1, snapshot: 's', kind: 'tag', commit: null }, head: { symref: null, oid: null } };
  const of = (change: object): string => receiptText({ plan: { ...plan, ...change }, pushed: {}, proof: {}, head: { restored: true }, requestedBy: 'ada', approvedBy: null, warnings: [] } as unknown as RestoreReceipt, style);
  expect(of({})).toContain('pivo pipeline generate shop@v1 --to https://gitlab.com/acme/shop\n');
  expect([of({ targetKind: 'bare' }), of({ target: plan.origin })].join('')).not.toContain('pivo pipeline');
});
