// Search through REST, its events, and `pivo search`.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LogContext, LogEmbedder, LogHistogram, LogSearch } from '../../contract/log-search.ts';
import type { OperationContext } from '../../operations/operation.ts';
import { ingestLogs } from '../../logs/ingest.ts';
import { openLogsForWriting } from '../../logs/open.ts';
import { callTool } from '../../agent/tools/index.ts';
import { makeHome, pivo } from '../cli/run-pivo.ts';
import { silentLog } from '../harness/temporal.ts';
import { serve, TOKENS, type Served } from '../server/served.ts';

let home: Awaited<ReturnType<typeof makeHome>>;
let folder: string;
let served: Served;
let context: OperationContext;

beforeAll(async () => {
  home = await makeHome();
  folder = await mkdtemp(join(tmpdir(), 'pivo-search-'));
  await ingest(join(import.meta.dirname, 'corpus'));
  context = { caller: { user: 'ada', via: 'agent', owner: false }, log: silentLog, paths: { logIndex: join(home.home, 'logs.db') } } as OperationContext;
  served = await serve({ context, requireToken: true });
});

afterAll(async () => {
  await served.close();
  await rm(folder, { recursive: true, force: true });
  await home.remove();
});

async function ingest(path: string): Promise<void> {
  const db = openLogsForWriting(join(home.home, 'logs.db'));
  await ingestLogs(db, { paths: [path], spooled: false }, { signal: new AbortController().signal, onProgress: () => {} });
  db.close();
}

const authorization = `Bearer ${TOKENS.reader}`;
const api = (path: string): string => `${served.url}/api/v1${path}`;
const get = async <T>(path: string): Promise<T> => (await (await fetch(api(path), { headers: { authorization } })).json()) as T;
const post = (body: object): Promise<Response> => fetch(api('/search-logs'), { method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body: JSON.stringify(body) });

it('a reader searches over REST, page by page, and looks around a hit', async () => {
  const found = (await (await post({ query: 'permission denied for alice', limit: 3 })).json()) as LogSearch;
  expect(found.hits).toHaveLength(3);
  expect(found.more).toBe(true);
  const next = (await (await post({ query: 'permission denied for alice', limit: 3, skip: 3 })).json()) as LogSearch;
  expect(next.hits.map(({ link }) => link)).not.toContain(found.hits[0]?.link);
  const around = await get<LogContext>(`/logs/context?link=${found.hits[0]?.link}&before=1&after=2`);
  expect(around).toMatchObject({ entry: { link: found.hits[0]?.link } });
  expect([around.before.length, around.after.length]).toEqual([1, 2]);
});

it('a wrong instant, link or field is refused by name', async () => {
  for (const body of [{ query: 'a', from: 'yesterday' }, { query: 'a', level: 'loud' }, { query: 'a', limit: 0 }, { query: 'a', nonsense: 1 }]) {
    const response = await post(body);
    expect(response.status).toBe(400);
  }
  expect((await fetch(api('/logs/context?link=log:nonsense:1'), { headers: { authorization } })).status).toBe(400);
  expect((await fetch(api(`/logs/context?link=log:${'0'.repeat(16)}:1`), { headers: { authorization } })).status).toBe(404);
  expect((await fetch(api('/search-logs'), { method: 'POST', body: '{}' })).status).toBe(401);
});

it('the histogram has the days as people write them', async () => {
  const day = await get<LogHistogram>('/logs/histogram?from=2026-11-21&to=2026-11-21&buckets=24');
  expect(day).toMatchObject({ from: '2026-11-21T00:00:00.000Z', to: '2026-11-22T00:00:00.000Z', width: 10_800_000 });
  expect(day.buckets.length).toBeGreaterThan(0);
  expect(await get<LogEmbedder>('/logs/embedder')).toMatchObject({ active: 'hashed 384', state: 'ready' });
});

it('the tail tells what comes, with its filter', async () => {
  const end = new AbortController();
  const response = await fetch(api('/logs/tail?level=error'), { headers: { authorization }, signal: end.signal });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let told = '';
  const until = async (text: string): Promise<void> => {
    while (!told.includes(text)) told += Buffer.from((await reader.read()).value ?? []).toString('utf8');
  };
  await until('event: progress');
  await writeFile(join(folder, 'new.log'), '2026-11-22 10:00:00,000 INFO a.B: all is well\n2026-11-22 10:00:01,000 ERROR a.B: the pump has stopped\n');
  await ingest(join(folder, 'new.log'));
  await until('the pump has stopped');
  expect(told).not.toContain('all is well');
  end.abort();
});

it('a model searches by the tool `search_logs`, and gets links to cite', async () => {
  const { content, failure } = await callTool(context, 'search_logs', { query: 'not a parquet file' }, { signal: new AbortController().signal });
  expect(failure).toBeUndefined();
  const found = JSON.parse(content) as LogSearch;
  expect(found.hits[0]?.link).toMatch(/^log:[0-9a-f]{16}:\d+$/);
});

it('`pivo search` shows hits with their links, follows a link, and says what it understood', async () => {
  const found = await pivo(['search', 'partitoner', '--limit', '1', '--context', '1'], home);
  expect(found).toMatchObject({ code: 0, stderr: 'no entry has "partitoner"; searched for partitioner\n' });
  expect(found.stdout).toContain('default partitioner');
  const [link = ''] = /log:[0-9a-f]{16}:\d+/.exec(found.stdout) ?? [];
  const around = await pivo(['search', link, '--context', '2', '--json'], home);
  expect(JSON.parse(around.stdout)).toMatchObject({ entry: { link }, before: [{}, {}], after: [{}, {}] });
  expect((await pivo(['search', 'x', '--since', 'tomorrow-ish'], home)).code).toBe(2);
});
