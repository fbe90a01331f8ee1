// Fetching from origins that are large, slow, damaged, changing, or want a credential.
import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ActRun, ActivityDeps } from '../../activities/act.ts';
import { emitVisit } from '../../activities/emit-visit.ts';
import { fetchOrigin } from '../../activities/fetch-origin.ts';
import { endLeftoverChild, loadObservation, noteChild, originCache } from '../../activities/origin-cache.ts';
import { putCheckout } from '../../activities/put-checkout.ts';
import { putPacks } from '../../activities/put-packs.ts';
import { putVisit } from '../../activities/put-visit.ts';
import { validateOrigin } from '../../activities/validate-origin.ts';
import { packPath } from '../../archive/layout.ts';
import { localStore } from '../../archive/local/store.ts';
import { MAX_PACKS } from '../../archive/packs.ts';
import { listVisitNumbers, readVisit } from '../../archive/visits.ts';
import { isPivoError, type PivoError } from '../../contract/failures.ts';
import { IngestInput, IngestLimits, type IngestJob } from '../../contract/ingest.ts';
import type { Log } from '../../contract/log.ts';
import { saveCredential } from '../../git/credentials.ts';
import { startGit } from '../../git/process.ts';
import { stateResults } from '../../state/results.ts';
import { startGitHttp } from '../harness/git-http.ts';
import { verdictOf } from '../harness/proof.ts';

let dir: string;
let deps: ActivityDeps;
let runs = 0;
const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => silent };
const sh = (args: string[], cwd = dir): string => execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@x', GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@x' } }).trim();

const job = (origin: string, over: Partial<IngestJob> = {}): IngestJob => ({ repository: 'r', origin, credential: null, checkout: 'none', limits: IngestLimits.parse({}), workflowId: 'ingest:r', runId: `run-${++runs}`, ...over });
const act = (over: Partial<ActRun> = {}): ActRun => ({ signal: new AbortController().signal, onProgress: () => {}, attempt: 1, log: silent, ...over });

async function failure(work: Promise<unknown>): Promise<PivoError> {
  const error: unknown = await work.then(() => null, (reason: unknown) => reason);
  if (isPivoError(error)) return error;
  throw new Error(`expected a PivoError, got ${String(error)}`);
}

/** Processes of a group that still run; zombies that wait for their reaper do not count. */
async function living(group: number): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  return stats.filter((stat) => {
    const [state, , pgrp] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(pgrp) === group && state !== 'Z' && state !== 'X';
  });
}

async function commit(content: string, name = 'file'): Promise<void> {
  await writeFile(join(dir, 'work', name), content);
  sh(['add', '-A'], join(dir, 'work'));
  sh(['commit', '-q', '-m', content.slice(0, 20)], join(dir, 'work'));
}

async function backUp(origin: string, over: Partial<IngestJob> = {}): Promise<number> {
  const mine = job(origin, over);
  if (!(await fetchOrigin(deps, mine, act())).unchanged) {
    await putPacks(deps, mine, act());
    await putCheckout(deps, mine, act());
  }
  return (await putVisit(deps, mine, act())).visit;
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-fetch-'));
  deps = { store: localStore(join(dir, 'archive')), events: { url: 'none', publish: async () => {}, subscribe: async () => {}, offsets: async () => [], close: async () => {} }, cache: join(dir, 'cache'), credentials: join(dir, 'credentials'), protocols: ['file', 'http'], checkout: { files: 1000, bytes: 2 ** 20, every: 0 }, results: stateResults(join(dir, 'state.db')), log: silent, workerId: 'test' };
  sh(['init', '-q', '-b', 'main', 'work']);
  await commit('one');
});
afterEach(async () => {
  execFileSync('chmod', ['-R', 'u+w', dir]);
  await rm(dir, { recursive: true, force: true });
});

describe('past a limit the run ends, and nothing is archived', () => {
  test('refs', async () => {
    for (let i = 0; i < 5; i++) sh(['branch', `b${i}`], join(dir, 'work'));
    const error = await failure(fetchOrigin(deps, job(join(dir, 'work'), { limits: IngestLimits.parse({ refs: 3 }) }), act()));
    expect(error.kind).toBe('LimitExceeded');
    expect(error.hint).toContain('limits.refs');
    expect(await listVisitNumbers(deps.store, 'r')).toEqual([]);
  });

  test('objects', async () => {
    const error = await failure(fetchOrigin(deps, job(join(dir, 'work'), { limits: IngestLimits.parse({ objects: 2 }) }), act()));
    expect(error.kind).toBe('LimitExceeded');
    expect(error.message).toContain('objects');
  });

  test('seconds: an origin that never answers is given up, and its git is gone', async () => {
    const silence = await startGitHttp({ root: dir, intercept: (request) => request.url?.includes('git-upload-pack') === true && request.method === 'POST' && ++posts > 1 });
    let posts = 0;
    try {
      const error = await failure(fetchOrigin(deps, job(`${silence.url}/work/.git`, { limits: IngestLimits.parse({ seconds: 1 }) }), act()));
      expect(error.kind).toBe('LimitExceeded');
      const noted = JSON.parse(await readFile(join(dir, 'cache/r/git.pid'), 'utf8')) as { pid: number };
      expect(await living(noted.pid)).toEqual([]);
    } finally {
      await silence.close();
    }
  });
});

describe('a damaged origin comes over in part, and says so', () => {
  test('a branch whose blob is lost is a hole; the others are archived', async () => {
    sh(['checkout', '-q', '-b', 'broken'], join(dir, 'work'));
    await commit('lost content', 'lost');
    const blob = sh(['rev-parse', 'HEAD:lost'], join(dir, 'work'));
    sh(['checkout', '-q', 'main'], join(dir, 'work'));
    await rm(join(dir, 'work/.git/objects', blob.slice(0, 2), blob.slice(2)));
    const visit = await readVisit(deps.store, 'r', await backUp(join(dir, 'work')));
    expect(visit.outcome).toBe('partial');
    expect(visit.holes.map((hole) => hole.ref)).toEqual(['refs/heads/broken']);
    expect(visit.holes[0]?.oid).toBe(sh(['rev-parse', 'broken'], join(dir, 'work')));
    expect(sh(['ls-remote', `file://${join(dir, 'archive/backups/r', visit.snapshotPath)}`])).toContain('refs/heads/main');
  });

  test('an origin that can deliver nothing fails, and the archive is as before', async () => {
    const blob = sh(['rev-parse', 'HEAD:file'], join(dir, 'work'));
    await rm(join(dir, 'work/.git/objects', blob.slice(0, 2), blob.slice(2)));
    expect((await failure(fetchOrigin(deps, job(join(dir, 'work')), act()))).kind).toBe('OriginUnreachable');
    expect(await listVisitNumbers(deps.store, 'r')).toEqual([]);
  });

  test('a hole is tried again at every visit, and closed when the origin is whole again', async () => {
    const blob = sh(['rev-parse', 'HEAD:file'], join(dir, 'work'));
    const path = join(dir, 'work/.git/objects', blob.slice(0, 2), blob.slice(2));
    const bytes = await readFile(path);
    sh(['checkout', '-q', '--orphan', 'other'], join(dir, 'work'));
    await commit('fine', 'other');
    sh(['rm', '-q', '--cached', 'file'], join(dir, 'work'));
    sh(['commit', '-q', '--amend', '-m', 'without'], join(dir, 'work'));
    await rm(path);
    expect((await readVisit(deps.store, 'r', await backUp(join(dir, 'work')))).holes).toHaveLength(1);
    await writeFile(path, bytes);
    const healed = await readVisit(deps.store, 'r', await backUp(join(dir, 'work')));
    expect({ outcome: healed.outcome, holes: healed.holes }).toEqual({ outcome: 'full', holes: [] });
  });
});

test('an origin that borrows from a place that is gone is damaged, not gone itself', async () => {
  sh(['clone', '-q', '--bare', 'work', 'pool']);
  sh(['clone', '-q', '--bare', '--shared', 'pool', 'borrower.git']);
  const borrower = join(dir, 'borrower.git');
  await backUp(borrower);
  await writeFile(join(dir, 'own'), 'its own');
  sh(['update-ref', 'refs/tags/own', sh(['hash-object', '-w', join(dir, 'own')], borrower)], borrower);
  sh(['update-ref', 'refs/heads/next', sh(['commit-tree', '-p', 'main', '-m', 'next', 'main^{tree}'], borrower)], borrower);
  sh(['update-ref', '-d', 'refs/heads/main'], borrower);
  await rm(join(dir, 'pool/objects'), { recursive: true });
  const visit = await readVisit(deps.store, 'r', await backUp(borrower));
  expect(visit.outcome).toBe('partial');
  expect(visit.holes.map(({ ref }) => ref)).toEqual(['refs/heads/next']);
  expect(visit.holes[0]?.reason).toContain('alternates');
});

test('a HEAD whose branch the origin hides is archived, and moves on its own', async () => {
  sh(['checkout', '-q', '-b', 'secret'], join(dir, 'work'));
  await commit('two');
  sh(['config', 'transfer.hideRefs', 'refs/heads/secret'], join(dir, 'work'));
  const first = await readVisit(deps.store, 'r', await backUp(join(dir, 'work')));
  sh(['clone', '-q', '--mirror', `file://${join(dir, 'archive/backups/r', first.snapshotPath)}`, 'left.git']);
  expect(sh(['rev-parse', 'HEAD'], join(dir, 'left.git'))).toBe(sh(['rev-parse', 'HEAD'], join(dir, 'work')));
  await commit('three');
  const second = await readVisit(deps.store, 'r', await backUp(join(dir, 'work')));
  expect(second.head).toBe(sh(['rev-parse', 'HEAD'], join(dir, 'work')));
  expect(second.snapshot).not.toBe(first.snapshot);
});

test('a SHA-256 origin that lost everything is a visit that says so', async () => {
  sh(['init', '-q', '-b', 'main', '--object-format=sha256', 'long']);
  sh(['commit', '-q', '--allow-empty', '-m', 'one'], join(dir, 'long'));
  await backUp(join(dir, 'long'));
  await rm(join(dir, 'long'), { recursive: true });
  sh(['init', '-q', '-b', 'main', '--object-format=sha256', 'long']);
  const visit = await readVisit(deps.store, 'r', await backUp(join(dir, 'long')));
  expect({ seq: visit.seq, objectFormat: visit.objectFormat, emptied: visit.changes.destroyed?.emptied }).toEqual({ seq: 2, objectFormat: 'sha256', emptied: true });
});

test('an origin that changes during the fetch is asked again until refs, HEAD and objects agree', async () => {
  const server = await startGitHttp({
    root: dir,
    intercept: (request) => {
      if (request.method === 'POST' && ++posts === 2) sh(['commit', '-q', '--allow-empty', '-m', 'meanwhile'], join(dir, 'work'));
      return false;
    },
  });
  let posts = 0;
  try {
    const mine = job(`${server.url}/work/.git`);
    await fetchOrigin(deps, mine, act());
    const { refs, head } = await loadObservation(originCache(deps.cache, 'r'), mine.runId);
    expect(refs.map((ref) => ref.oid)).toEqual([sh(['rev-parse', 'main'], join(dir, 'work'))]);
    expect(head.oid).toBe(sh(['rev-parse', 'main'], join(dir, 'work')));
  } finally {
    await server.close();
  }
});

test('an origin made anew with other object ids is refused under its old name', async () => {
  await backUp(join(dir, 'work'));
  await rm(join(dir, 'work'), { recursive: true });
  sh(['init', '-q', '-b', 'main', '--object-format=sha256', 'work']);
  await commit('two');
  expect((await failure(fetchOrigin(deps, job(join(dir, 'work')), act()))).kind).toBe('NameConflict');
  expect(await listVisitNumbers(deps.store, 'r')).toEqual([1]);
});

describe('with a credential', () => {
  const TOKEN = 'canary-91c5-token';
  let server: Awaited<ReturnType<typeof startGitHttp>>;

  test('a private origin is backed up, and the token is nowhere but in its file', async () => {
    server = await startGitHttp({ root: dir, login: { username: 'ada', token: TOKEN } });
    try {
      await saveCredential(deps.credentials, 'forge', { kind: 'token', username: 'ada', token: TOKEN });
      expect(await backUp(`${server.url}/work/.git`, { credential: 'forge' })).toBe(1);
      const holders = execFileSync('grep', ['-rlF', TOKEN, dir], { encoding: 'utf8' }).trim().split('\n');
      expect(holders).toEqual([join(dir, 'credentials/forge/token')]);
    } finally {
      await server.close();
    }
  });
});

describe('what a killed attempt leaves', () => {
  test('its git is ended by the next attempt', async () => {
    const cache = originCache(deps.cache, 'r');
    const left = startGit(['cat-file', '--batch'], { gitDir: join(dir, 'work/.git') });
    await noteChild(cache, left.pid);
    await endLeftoverChild(cache);
    await expect(left.done).rejects.toMatchObject({ kind: 'GitFailed' });
  });

  test('half a pack is discarded, a finished one is adopted', async () => {
    const cache = originCache(deps.cache, 'r');
    const first = job(join(dir, 'work'));
    await fetchOrigin(deps, first, act());
    const finished = (await readdir(cache.packs)).filter((name) => name.endsWith('.pack'));
    await writeFile(join(cache.packs, 'tmp_pack_abcdef'), 'half');
    await writeFile(join(cache.gitDir, 'packed-refs.lock'), '');
    await fetchOrigin(deps, { ...first, runId: 'again' }, act());
    const files = await readdir(cache.packs);
    expect(files).not.toContain('tmp_pack_abcdef');
    expect(files.filter((name) => name.endsWith('.pack'))).toEqual(finished);
  });

  test('a run whose cache is gone says so, to be started over', async () => {
    expect((await failure(putPacks(deps, job(join(dir, 'work')), act()))).kind).toBe('WorkerLost');
  });

  test('the same run repeated after its visit was written is the same visit', async () => {
    const mine = job(join(dir, 'work'));
    await fetchOrigin(deps, mine, act());
    await putPacks(deps, mine, act());
    const first = await putVisit(deps, mine, act());
    expect(await putVisit(deps, mine, act({ attempt: 2 }))).toEqual(first);
    expect(await listVisitNumbers(deps.store, 'r')).toEqual([1]);
  });

  test('an attempt that was believed dead and ends late leaves no visit without its packs', async () => {
    const mine = job(join(dir, 'work'));
    await fetchOrigin(deps, mine, act());
    await putPacks(deps, mine, act());
    await fetchOrigin(deps, mine, act()); // the first attempt, which writes what it saw over what was done since
    expect((await failure(putVisit(deps, mine, act()))).kind).toBe('WorkerLost');
    expect(await listVisitNumbers(deps.store, 'r')).toEqual([]);
  });

  test('a slower run that observed before another committed writes no visit', async () => {
    const slow = job(join(dir, 'work'));
    await fetchOrigin(deps, slow, act());
    await putPacks(deps, slow, act());
    const other: ActivityDeps = { ...deps, cache: join(dir, 'other-cache') };
    const quick = job(join(dir, 'work'));
    await fetchOrigin(other, quick, act());
    await putPacks(other, quick, act());
    await putVisit(other, quick, act());
    expect((await failure(putVisit(deps, slow, act()))).kind).toBe('VisitConflict');
    expect(await listVisitNumbers(deps.store, 'r')).toEqual([1]);
  });
});

describe('the checkout of HEAD', () => {
  const record = async (seq: number) => (await readVisit(deps.store, 'r', seq)).checkout;

  test('is laid out within the budget, with symlinks, executables and submodules said', async () => {
    await writeFile(join(dir, 'work/run'), '#!/bin/sh\n');
    await chmod(join(dir, 'work/run'), 0o755);
    execFileSync('ln', ['-s', '../outside', join(dir, 'work/link')]);
    await commit('more');
    sh(['update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},vendored`], join(dir, 'work'));
    sh(['commit', '-q', '-m', 'with a submodule'], join(dir, 'work'));
    const visit = await backUp(join(dir, 'work'), { checkout: 'auto' });
    const checkout = await record(visit);
    expect(checkout).toMatchObject({ kind: 'files', files: 3, executables: ['run'], symlinks: [{ path: 'link', target: '../outside' }], gitlinks: [{ path: 'vendored', commit: '1'.repeat(40) }] });
    expect(await readFile(join(dir, 'archive/backups/r', checkout.path ?? '', 'link'), 'utf8')).toBe('../outside');
  });

  test('is left out over the budget, and the visit says why', async () => {
    deps.checkout.files = 0;
    expect(await record(await backUp(join(dir, 'work'), { checkout: 'auto' }))).toMatchObject({ kind: 'none', reason: expect.stringContaining('more than 0 files') as string });
  });

  test('is made at most so often; meanwhile visits name the older one', async () => {
    deps.checkout.every = 86_400;
    const first = await record(await backUp(join(dir, 'work'), { checkout: 'auto' }));
    await commit('two');
    const second = await record(await backUp(join(dir, 'work'), { checkout: 'auto' }));
    expect({ commit: second.commit, time: second.time }).toEqual({ commit: first.commit, time: first.time });
    expect(await record(await backUp(join(dir, 'work'), { checkout: 'files' }))).toMatchObject({ commit: first.commit });
    await commit('three');
    expect(await record(await backUp(join(dir, 'work'), { checkout: 'files' }))).toMatchObject({ commit: sh(['rev-parse', 'main'], join(dir, 'work')) });
  });

  test('is made again when the clock was years ahead at the last one', async () => {
    deps.checkout.every = 86_400;
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2099-01-01T00:00:00Z') });
    try {
      expect((await record(await backUp(join(dir, 'work'), { checkout: 'auto' }))).time).toMatch(/^2099/);
    } finally {
      vi.useRealTimers();
    }
    await commit('two');
    expect(await record(await backUp(join(dir, 'work'), { checkout: 'auto' }))).toMatchObject({ commit: sh(['rev-parse', 'main'], join(dir, 'work')) });
  });

  test('takes no file of the last one that lies there for another entry of a malformed tree', async () => {
    const work = join(dir, 'work');
    await writeFile(join(dir, 'a'), 'first');
    await writeFile(join(dir, 'b'), 'second');
    const [first, second] = ['a', 'b'].map((name) => Buffer.from(sh(['hash-object', '-w', join(dir, name)], work), 'hex'));
    const entry = Buffer.from('100644 name\0');
    const commitOf = async (...parts: Buffer[]): Promise<void> => {
      await writeFile(join(dir, 'tree'), Buffer.concat(parts));
      const tree = sh(['hash-object', '-w', '--literally', '-t', 'tree', join(dir, 'tree')], work);
      sh(['update-ref', 'refs/heads/main', sh(['commit-tree', '-m', 'x', tree], work)], work);
    };
    await commitOf(entry, first as Buffer, entry, second as Buffer);
    expect((await record(await backUp(work, { checkout: 'auto' }))).renamed).toMatchObject([{ path: 'name', stored: null }]);
    await commitOf(entry, second as Buffer);
    const { path } = await record(await backUp(work, { checkout: 'auto' }));
    expect(await readFile(join(dir, 'archive/backups/r', path ?? '', 'name'), 'utf8')).toBe('second');
  });
});

describe('an archived pack that is damaged when small packs are due to be joined', () => {
  /** As many packs in the first visit as are not joined yet. */
  async function manyPacks(): Promise<void> {
    const mine = job(join(dir, 'work'));
    await fetchOrigin(deps, mine, act());
    const { packs } = originCache(deps.cache, 'r');
    for (let i = 1; i < MAX_PACKS; i++) {
      const oid = execFileSync('git', ['hash-object', '-w', '--stdin'], { cwd: join(dir, 'work'), input: `blob ${i}`, encoding: 'utf8' });
      execFileSync('git', ['pack-objects', '-q', join(packs, 'pack')], { cwd: join(dir, 'work'), input: oid });
    }
    await putPacks(deps, mine, act());
    await putVisit(deps, mine, act());
  }

  test.each(['pack', 'idx'])('(its %s) does not spread into a new one and costs no backup; once it is brought back, all is whole', async (extension) => {
    await manyPacks();
    const { packs } = await readVisit(deps.store, 'r', 1);
    expect(packs).toHaveLength(MAX_PACKS);
    const file = deps.store.localPath(packPath('r', packs.find(({ objects }) => objects === 1)?.name ?? '', extension as 'pack' | 'idx')) ?? '';
    const whole = await readFile(file);
    const damaged = Buffer.from(whole);
    const at = extension === 'pack' ? 16 : 8 + 1024 + 19; // in the object; the last byte of its id
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    await chmod(file, 0o644);
    await writeFile(file, damaged);
    await commit('two');
    const visit = await readVisit(deps.store, 'r', await backUp(join(dir, 'work')));
    expect(visit.packs).toHaveLength(MAX_PACKS + 1);
    await writeFile(file, whole);
    expect((await verdictOf(deps, 'r')).findings).toEqual([]);
    await commit('three');
    expect((await readVisit(deps.store, 'r', await backUp(join(dir, 'work')))).packs.length).toBeLessThan(MAX_PACKS);
    expect((await verdictOf(deps, 'r')).findings).toEqual([]);
  });
});

describe('what was emitted', () => {
  test('is known of one archive only: another one, in the same home, is told from its first visit', async () => {
    const published: string[] = [];
    const emitted = async (ports: ActivityDeps): Promise<number> => {
      const mine = job(join(dir, 'work'));
      if (!(await fetchOrigin(ports, mine, act())).unchanged) await putPacks(ports, mine, act());
      const { visit } = await putVisit(ports, mine, act());
      return (await emitVisit(ports, mine, visit, act())).events;
    };
    const telling: ActivityDeps = { ...deps, events: { ...deps.events, publish: async (_topic, messages) => void published.push(...messages.map(({ id }) => id)) } };
    expect([await emitted(telling), await emitted(telling), published.length]).toEqual([2, 1, 3]);
    const other: ActivityDeps = { ...telling, store: localStore(join(dir, 'other')) };
    expect([await emitted(other), await emitted(other), published.length]).toEqual([2, 1, 6]);
  });
});

describe('a request is checked before anything is touched', () => {
  const request = (url: string, name?: string) => IngestInput.parse({ url, ...(name === undefined ? {} : { name }) });

  test('a name belongs to one origin', async () => {
    await backUp(join(dir, 'work'));
    const error = await failure(validateOrigin(deps, request('/elsewhere/r')));
    expect(error.kind).toBe('NameConflict');
    expect(error.hint).toContain('--name');
    expect(await validateOrigin(deps, request('/elsewhere/r', 'r2'))).toEqual({ repository: 'r2', origin: '/elsewhere/r' });
  });

  test('a credential that is not stored, and a URL that gives no name, are said', async () => {
    expect((await failure(validateOrigin(deps, { ...request('http://127.0.0.1/r'), credential: 'no' }))).kind).toBe('CredentialMissing');
    expect((await failure(validateOrigin(deps, request('/')))).kind).toBe('InvalidInput');
  });
});
