// The server of a running PIVO: back up, watch, restore, approve and clone over HTTP alone.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConversationSummary, Transcript } from '../../contract/conversation.ts';
import type { RestoreStatus } from '../../contract/restore.ts';
import { git } from '../../git/process.ts';
import type { WaitingRestore } from '../../operations/approvals.ts';
import type { TurnBegun } from '../../operations/ask.ts';
import type { Job } from '../../operations/jobs.ts';
import type { Overview } from '../../operations/overview.ts';
import type { VisitChanges } from '../../operations/visit-changes.ts';
import { compareRepositories } from '../harness/compare.ts';
import { fixture } from '../fixtures/generate.ts';
import { startPivo, type Pivo } from '../harness/pivo.ts';
import { send, type Answer } from './served.ts';

let dir: string;
let pivo: Pivo;
let url: string;
let owner: Record<string, string>;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pv-'));
  pivo = await startPivo(join(dir, 'h'), { PIVO_LISTEN: '127.0.0.1:0' });
  const { open, url: address } = await pivo.json<{ url: string; open: string }>('console');
  [url, owner] = [address, { authorization: `Bearer ${open.split('#token=')[1]}` }];
  await fixture('force-push').build(join(dir, 'origin.git'));
}, 120_000);
afterAll(async () => {
  await pivo.close();
  await rm(dir, { recursive: true, force: true });
});

const api = (path: string): string => `${url}/api/v1${path}`;
const get = async <T>(path: string): Promise<T> => JSON.parse((await send(api(path))).text) as T;
const post = (path: string, body: object, headers: Record<string, string> = {}): Promise<Answer> => send(api(path), { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

/** All events of a stream up to its end. */
async function events(path: string): Promise<{ event: string; data: unknown }[]> {
  const { text } = await send(api(path), { headers: { accept: 'text/event-stream' } });
  return [...text.matchAll(/event: (.*)\ndata: (.*)\n/g)].map(([, event = '', data = '']) => ({ event, data: JSON.parse(data) as unknown }));
}

describe('a PIVO that runs', () => {
  it('tells where the server is, and that there is one already', async () => {
    expect(await pivo.json('status')).toMatchObject({ server: { state: 'ready', url } });
    expect(await pivo.text('up', '--detach')).toContain(`${url}/#token=`);
    expect(JSON.stringify(await pivo.json('up', '--detach'))).not.toContain(owner['authorization']?.slice(7));
    await expect(pivo.text('serve')).rejects.toMatchObject({ stderr: expect.stringContaining(url) as string });
    expect((await pivo.json<{ checks: { name: string; found: string }[] }>('doctor')).checks.find(({ name }) => name === 'Server')?.found).toContain(url);
    expect(await get('/health')).toMatchObject({ state: 'ready', server: { url }, temporal: { external: false } });
  });

  it('backs up for the owner, and again for anybody on this machine; a stream tells how it ended', async () => {
    expect((await post('/ingests', { url: join(dir, 'origin.git'), name: 'site' })).status).toBe(403);
    const started = await post('/ingests', { url: join(dir, 'origin.git'), name: 'site' }, owner);
    expect([started.status, JSON.parse(started.text)]).toEqual([202, expect.objectContaining({ workflowId: 'ingest:site', joined: false })]);
    const told = await events('/jobs/ingest:site/events');
    expect(told.at(-1)).toMatchObject({ event: 'end', data: { result: { state: 'completed', result: { visit: 1 } } } });
    await fixture('force-push').evolve?.(join(dir, 'origin.git'));
    expect((await post('/repositories/site/ingests', {})).status).toBe(202);
    expect((await events('/jobs/ingest:site/events')).at(-1)).toMatchObject({ data: { result: { result: { visit: 2 } } } });
    expect(await get<Job>('/jobs/ingest:site')).toMatchObject({ state: 'completed' });
  });

  it('tells what the second visit found forced and deleted', async () => {
    const { refs, counts } = await get<VisitChanges>('/repositories/site/visits/2/changes');
    for (const change of ['forced', 'deleted'] as const) expect(refs.filter((each) => each.change === change)).toHaveLength(counts[change]);
    expect(counts.forced + counts.deleted).toBeGreaterThan(1);
    expect(refs[0]?.change).toBe('deleted');
    expect((await get<VisitChanges>('/repositories/site/visits/1/changes')).refs.every(({ change }) => change === 'created')).toBe(true);
  });

  it('a restore waits for the owner, who alone may approve; a stream that was cut is followed again', async () => {
    const target = join(dir, 'restored.git');
    const { restoreId, planHash, state } = JSON.parse((await post('/restores', { repository: 'site', target })).text) as RestoreStatus;
    expect(state).toBe('awaiting approval');
    const overview = await get<Overview>('/overview');
    expect(overview).toMatchObject({ waiting: [{ type: 'restore', id: restoreId, planHash, repository: 'site', target, requestedBy: 'local' }], running: [{ type: 'restore' }] });
    expect((await get<WaitingRestore[]>('/approvals')).map(({ planHash }) => planHash)).toEqual([planHash]);

    const cut = new AbortController();
    const stream = await fetch(api(`/jobs/${restoreId}/events`), { signal: cut.signal });
    await stream.body?.getReader().read();
    cut.abort();
    const following = events(`/jobs/${restoreId}/events`);

    for (const headers of [{}, { authorization: 'Bearer wrong' }]) expect([401, 403]).toContain((await post(`/approvals/${restoreId}/approve`, { planHash }, headers)).status);
    expect((await post(`/approvals/${restoreId}/approve`, { planHash: 'f'.repeat(64) }, owner)).status).toBe(409);
    expect((await post(`/approvals/${restoreId}/approve`, { planHash }, owner)).status).toBe(200);
    const told = await following;
    expect(told[0]).toMatchObject({ event: 'progress', data: { phase: 'awaiting approval' } });
    expect(told.at(-1)).toMatchObject({ event: 'end', data: { result: { state: 'completed', result: { outcome: 'done', requestedBy: 'local' } } } });
    expect(await get(`/restores/${restoreId}/receipt`)).toMatchObject({ planHash, outcome: 'done' });
    expect(await compareRepositories(target, join(dir, 'origin.git'))).toEqual([]);
  });

  it('a turn of the chat is begun, followed again after its stream was cut, and found in the history', async () => {
    const question = 'SELECT repo_name FROM visits';
    const { conversation, turn } = JSON.parse((await post('/chat', { question, wait: false })).text) as TurnBegun;
    const following = `/chat/history/${conversation}/turns/${turn}/events`;
    const cut = new AbortController();
    await (await fetch(api(following), { signal: cut.signal })).body?.getReader().read();
    cut.abort();
    expect((await events(following)).at(-1)).toMatchObject({ event: 'end', data: { result: { question, end: 'stop', tools: [{ name: 'query_metadata', state: 'done' }] } } });
    expect(await get<Transcript>(`/chat/history/${conversation}`)).toMatchObject({ turns: [{ turn, question }], current: null });
    expect((await events(`/chat/history/${conversation}/turns/none/events`)).at(-1)).toMatchObject({ data: { failure: { kind: 'NotFound' } } });
    expect(await get<ConversationSummary[]>('/chat/history')).toMatchObject([{ conversation, turns: 1, user: 'local' }]);
  });

  it('serves what it backed up to git', async () => {
    await git(['clone', '--quiet', '--mirror', `${url}/git/site.git`, join(dir, 'clone.git')], { protocols: ['http'] });
    expect(await compareRepositories(join(dir, 'clone.git'), join(dir, 'origin.git'))).toEqual([]);
  });

  it('the token is in no log and no record', async () => {
    const token = owner['authorization']?.slice(7) ?? '';
    for (const folder of ['logs', 'run']) {
      const files = (await readdir(join(pivo.home, folder), { withFileTypes: true })).filter((entry) => entry.isFile());
      expect(files.length).toBeGreaterThan(0);
      for (const { name } of files) expect(await readFile(join(pivo.home, folder, name), 'utf8')).not.toContain(token);
    }
  });
});
