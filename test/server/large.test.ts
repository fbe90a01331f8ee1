// The overview of 1,000 repositories and the commits of one that has 100,000, through the real server.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommitPage } from '../../operations/commits.ts';
import type { OperationContext } from '../../operations/operation.ts';
import type { Overview } from '../../operations/overview.ts';
import { readerOf } from '../../operations/query.ts';
import { silentLog } from '../harness/temporal.ts';
import { fillLargeIndex } from './large-index.ts';
import { send, serve, type Served } from './served.ts';

const COMMITS = 100_000;
let dir: string;
let server: Served;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-large-'));
  const index = join(dir, 'pivo.db');
  fillLargeIndex(index, { repositories: 1_000, visits: 40, commits: COMMITS });
  const context = { paths: { index }, log: silentLog, temporal: () => Promise.reject(new Error('Temporal is down')) } as Partial<OperationContext> as OperationContext;
  server = await serve({ context, limits: { burst: 10_000 } });
}, 120_000);
afterAll(async () => {
  await server.close();
  readerOf(join(dir, 'pivo.db')).close();
  await rm(dir, { recursive: true });
});

const get = async <T>(path: string): Promise<T> => JSON.parse((await send(`${server.url}/api/v1${path}`)).text) as T;

describe('the overview', () => {
  it('has every repository, with what it lost and what failed, also while Temporal is down', async () => {
    const { repositories, running, waiting } = await get<Overview>('/overview');
    expect([repositories.length, running, waiting]).toEqual([1_000, null, null]);
    const [small, lost, failed] = ['small-0', 'small-7', 'small-8'].map((name) => repositories.find(({ repository }) => repository === name));
    expect(small).toMatchObject({ visit: 40, outcome: 'full', packBytes: 40_000, growth: { bytes: 30_000, visits: 30 }, lost: null, failed: null, proven: null });
    expect((small?.age ?? 0) - 3600).toBeLessThan(600);
    expect(lost).toMatchObject({ lost: { visit: 38, forced: 1, deleted: 2 } });
    expect(failed).toMatchObject({ failed: { message: 'the origin does not answer' } });
  });
});

describe('the commits of a large repository', () => {
  it('come page by page, each once, newest first, those without a time last', async () => {
    const seen = new Set<string>();
    let [after, time, undated, shown] = ['', '9', 0, 0];
    for (let page = await get<CommitPage>('/repositories/large/commits?limit=1000'); ; page = await get<CommitPage>(`/repositories/large/commits?limit=1000&after=${after}`)) {
      for (const commit of page.commits) {
        seen.add(commit.hash);
        shown += 1;
        if (commit.time === null) undated += 1;
        else expect(commit.time <= time && undated === 0).toBe(true);
        time = commit.time ?? time;
      }
      if (page.next === null) break;
      after = page.next;
    }
    expect([seen.size, shown, undated]).toEqual([COMMITS, COMMITS, COMMITS / 1000]);
  });

  it('are found by the words of the message, the last word as a beginning, page by page', async () => {
    const first = await get<CommitPage>('/repositories/large/commits?text=fix%20str&limit=10');
    const second = await get<CommitPage>(`/repositories/large/commits?text=fix%20str&limit=10&after=${first.next}`);
    const subjects = [...first.commits, ...second.commits].map(({ subject }) => subject);
    expect(new Set(subjects).size).toBe(20);
    for (const subject of subjects) expect(subject).toContain('stream');
    expect((await get<CommitPage>('/repositories/small-1/commits?text=stream')).commits).toEqual([]);
    expect((await get<CommitPage>('/repositories/large/commits?text=99998')).commits).toMatchObject([{ subject: 'Fix the signal of step 99998' }]);
  });

  it('nothing that a person types is syntax', async () => {
    for (const text of ['"', "'", 'a OR b', '*', 'NEAR(', '-', 'subject:fix', '(', '^fix', "'; DROP TABLE audit; --"]) expect(await get<CommitPage>(`/repositories/large/commits?text=${encodeURIComponent(text)}&limit=1`)).toMatchObject({ repository: 'large' });
    expect(await get<CommitPage>(`/repositories/large/commits?author=${encodeURIComponent("o'x%_")}`)).toMatchObject({ commits: [], next: null });
  });

  it('are found by author and by the visit that brought them', async () => {
    expect((await get<CommitPage>('/repositories/large/commits?author=AUTHOR96@&limit=5')).commits.map(({ author }) => author)).toEqual(Array(5).fill('Author 96'));
    expect((await get<CommitPage>('/repositories/large/commits?visit=2')).commits).toHaveLength(10);
  });

  it('a page that no page named is refused', async () => {
    for (const after of ['x', '1', '1.2.3', '1;2']) expect((await send(`${server.url}/api/v1/repositories/large/commits?after=${encodeURIComponent(after)}`)).status).toBe(400);
  });
});
