// MCP over streamable HTTP as `pivo up` serves it: the official client, the agent's tools, and who may start what.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startPivo, type Pivo } from '../harness/pivo.ts';
import { problem, send } from './served.ts';

const READER = 'token-of-rita';
const READING = ['query_metadata', 'archive_cost', 'get_file_content', 'get_file_diff', 'list_files', 'get_history', 'get_job_status', 'list_pending_approvals', 'search_logs', 'search_forge', 'top_k', 'debug', 'list_deliveries', 'list_pushes', 'list_sources', 'list_source_repositories', 'list_fleet_runs', 'fleet_status', 'spool_status', 'list_batches', 'generate_documentation', 'generate_shell_command', 'optimize_resources', 'commit_pipeline', 'check_pipeline_status'];
const STARTING = ['submit_ingest_job', 'submit_restore_job', 'submit_restore_all_job', 'upload_logs', 'generate_pipeline'];

let dir: string;
let pivo: Pivo;
let url: string;
let owner: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-sm-'));
  const [home, origin] = [join(dir, 'home'), join(dir, 'origin')];
  await mkdir(home);
  await writeFile(join(home, 'config.toml'), `[[server.tokens]]\nuser = "rita"\nrole = "reader"\nsha256 = "${createHash('sha256').update(READER).digest('hex')}"\n`);
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', origin]);
  await writeFile(join(origin, 'README.md'), '# Origin\n');
  for (const args of [['add', '.'], ['commit', '--quiet', '-m', 'First']]) execFileSync('git', ['-C', origin, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...args]);
  pivo = await startPivo(home, { PIVO_LISTEN: '127.0.0.1:0' });
  await pivo.text('ingest', origin, '--name', 'demo');
  const told = await pivo.json<{ url: string; open: string }>('console');
  url = told.url;
  owner = new URL(told.open).hash.replace('#token=', '');
});
afterAll(async () => {
  await pivo?.close();
  await rm(dir, { recursive: true, force: true });
});

async function connect(token?: string, mode: 'legacy' | 'auto' = 'auto'): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), token === undefined ? {} : { requestInit: { headers: { authorization: `Bearer ${token}` } } }));
  return client;
}

interface Answer {
  isError?: boolean;
  structuredContent: { result?: Record<string, unknown>; approval_required?: { workflowId: string; planHash: string; run: string }; failure?: { kind: string } };
}

const call = async (client: Client, name: string, args: Record<string, unknown>): Promise<Answer> => (await client.callTool({ name, arguments: args })) as unknown as Answer;
const toolsOf = async (client: Client): Promise<string[]> => (await client.listTools()).tools.map(({ name }) => name).sort();

it.each(['legacy', 'auto'] as const)('a client of this machine reads without a token, in the protocol\'s %s revision', async (mode) => {
  const client = await connect(undefined, mode);
  expect(await toolsOf(client)).toEqual([...READING, ...STARTING].sort());
  expect((await call(client, 'query_metadata', { sql: 'SELECT repo_name, visit FROM visits' })).structuredContent.result).toMatchObject({ rows: [['demo', 1]] });
  expect((await call(client, 'get_file_content', { repository: 'demo', path: 'README.md' })).structuredContent.result).toMatchObject({ content: '# Origin\n' });
  expect((await client.listResources()).resources).toMatchObject([{ uri: 'pivo://schema' }]);
  await client.close();
});

it('a reader is offered no tool that starts something, and cannot call one', async () => {
  const client = await connect(READER);
  expect(await toolsOf(client)).toEqual([...READING].sort());
  expect((await call(client, 'list_files', { repository: 'demo' })).structuredContent.result).toMatchObject({ entries: [{ path: 'README.md' }] });
  await expect(call(client, 'submit_restore_job', { repository: 'demo', target: join(dir, 'never.git') })).rejects.toMatchObject({ code: -32602 });
  await client.close();
});

it('a restore and a backup wait for a person, whoever the client is', async () => {
  for (const token of [undefined, owner]) {
    const target = join(dir, `restored-${token === undefined ? 'nobody' : 'owner'}.git`);
    const client = await connect(token);
    const { structuredContent } = await call(client, 'submit_restore_job', { repository: 'demo', target });
    const { workflowId, planHash, run } = structuredContent.approval_required ?? { workflowId: '', planHash: '', run: '' };
    expect(run).toBe(`pivo approve ${workflowId} ${planHash}`);
    expect(await call(client, 'submit_restore_job', { repository: 'demo', target, yes: true })).toMatchObject({ isError: true, structuredContent: { failure: { kind: 'InvalidInput' } } });
    expect((await call(client, 'submit_ingest_job', { url: join(dir, 'origin'), name: `other-${token === undefined ? 'nobody' : 'owner'}` })).structuredContent.approval_required?.workflowId).toMatch(/^ingest-request:other-/);
    await expect(call(client, 'approve', { restore: workflowId, planHash })).rejects.toMatchObject({ code: -32602 });
    await expect(access(target)).rejects.toThrow('ENOENT');
    await client.close();
  }
});

it('a plan that a client asked for is approved over REST by the id that the client was told', async () => {
  const client = await connect();
  const { structuredContent } = await call(client, 'submit_ingest_job', { url: join(dir, 'origin'), name: 'approved' });
  const { workflowId = '', planHash = '' } = structuredContent.approval_required ?? {};
  const decide = (token?: string): ReturnType<typeof send> => send(`${url}/api/v1/approvals/${encodeURIComponent(workflowId)}/approve`, { method: 'POST', headers: { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }, body: JSON.stringify({ planHash }) });
  expect((await decide()).status).toBe(403);
  expect((await decide(READER)).status).toBe(403);
  expect((await decide(owner)).status).toBe(200);
  await expect.poll(async () => (await call(client, 'get_job_status', { id: workflowId })).structuredContent.result?.['state']).toBe('completed');
  await client.close();
});

it('a page that rebound its name to this address, a foreign page and a wrong token are refused', async () => {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} });
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const { port } = new URL(url);
  for (const named of [{ host: `rebound.example.org:${port}` }, { host: `rebound.example.org:${port}`, origin: `http://rebound.example.org:${port}` }, { origin: 'https://rebound.example.org' }]) {
    const answer = await send(`${url}/mcp`, { method: 'POST', headers: { ...headers, ...named }, body });
    expect([answer.status, problem(answer).kind]).toEqual([403, 'NotAllowed']);
  }
  expect((await send(`${url}/mcp`, { method: 'POST', headers: { ...headers, authorization: 'Bearer wrong' }, body })).status).toBe(401);
  expect((await send(`${url}/mcp`, { method: 'POST', headers: { ...headers, 'x-forwarded-for': '203.0.113.7' }, body })).status).toBe(401);
});
