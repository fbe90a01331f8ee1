// Putting frames and looking at the spool, by the command line and over REST; what is bad changes nothing.
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callTool } from '../../agent/tools/index.ts';
import type { Frame } from '../../contract/spool.ts';
import type { SpoolPut } from '../../operations/spool-put.ts';
import type { SpoolStatus } from '../../operations/spool-status.ts';
import type { OperationContext } from '../../operations/operation.ts';
import { makeHome, pivo } from '../cli/run-pivo.ts';
import { silentLog } from '../harness/temporal.ts';
import { serve, TOKENS, type Served } from '../server/served.ts';
import { eventFrame } from './frames.ts';
import { bytesOf, framesOf, makeSpool, segmentName, type TestSpool } from './segments.ts';

const frames = [1, 2, 3].map(eventFrame);
const lines = (of: readonly object[]): string => of.map((frame) => `${JSON.stringify(frame)}\n`).join('');
let spool: TestSpool;
let served: Served;

beforeAll(async () => {
  served = await serve({ context: contextOf(() => spool.root), requireToken: true });
});
afterAll(() => served.close());
beforeEach(async () => {
  spool = await makeSpool();
  return () => spool.remove();
});

/** Of the spool that the running test has. */
function contextOf(root: () => string): OperationContext {
  return { caller: { user: 'ada', via: 'server', owner: false }, log: silentLog, paths: { get spool() { return root(); } } } as OperationContext;
}

async function landed(kind: Frame['kind'] = 'event'): Promise<Frame[]> {
  const found: Frame[] = [];
  for (const { path } of await spool.waiting(kind)) found.push(...(await framesOf(path, kind)));
  return found;
}

const post = (type: string, body: string | Uint8Array<ArrayBuffer>, { token = TOKENS.operator, kind = 'event' }: { token?: string; kind?: string } = {}): Promise<Response> => fetch(`${served.url}/api/v1/spool/${kind}`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': type }, body });
const json = (of: unknown, more?: Parameters<typeof post>[2]): Promise<Response> => post('application/json', JSON.stringify(of), more);
const bytes = (of: Uint8Array): Uint8Array<ArrayBuffer> => Uint8Array.from(of);

describe('over REST', () => {
  it('an operator puts frames as JSON, as lines and as a segment, packed or not', async () => {
    const segment = bytesOf(frames);
    const ways: readonly (() => Promise<Response>)[] = [
      () => json({ frames }),
      () => post('application/x-ndjson', lines(frames)),
      () => post('application/x-ndjson', `\n${lines(frames).trim()}\r\n\n`),
      () => post('application/gzip', bytes(gzipSync(lines(frames)))),
      () => post('application/msgpack', bytes(segment)),
      () => post('application/gzip', bytes(gzipSync(segment))),
      () => post('application/zstd', bytes(zstdCompressSync(segment))),
      () => post('application/octet-stream', bytes(zstdCompressSync(lines(frames)))),
    ];
    for (const [i, way] of ways.entries()) {
      const response = await way();
      const answer = (await response.json()) as SpoolPut;
      expect([response.status, answer]).toEqual([200, { kind: 'event', frames: 3, segments: [{ name: expect.stringMatching(/^event-/) as unknown, frames: 3, bytes: expect.any(Number) as unknown }] }]);
      expect(await landed()).toHaveLength(3 * (i + 1));
    }
    expect((await landed()).slice(0, 3)).toEqual(frames);
    expect(await readdir(spool.places.temporary)).toEqual([]);
  });

  it('a ready segment lands byte by byte as it came', async () => {
    const packed = zstdCompressSync(bytesOf(frames));
    await post('application/zstd', bytes(packed));
    const [segment] = await spool.waiting('event');
    expect(segment?.name).toMatch(/\.msgpack\.zst$/);
    expect(segment?.bytes).toBe(packed.length);
  });

  it('a frame without an id gets the same one whenever it is sent, whatever the order of its members', async () => {
    const { id: _id, kind: _kind, ...first } = eventFrame(1);
    const turned = { payload: Object.fromEntries(Object.entries(first.payload).reverse()), time: first.time, key: first.key };
    await json({ frames: [first, turned, { ...first, time: first.time + 1 }] });
    const ids = (await landed()).map(({ id }) => id);
    expect(ids[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it('what is bad is refused with its place, and nothing lands', async () => {
    const bad = { ...eventFrame(4), key: '' };
    const segment = bytesOf(frames);
    const deep = `{"key":"k","time":1,"payload":{"type":"t","data":{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}}}`;
    const attempts: readonly (readonly [() => Promise<Response>, number, RegExp])[] = [
      [() => json({ frames: [...frames, bad] }), 400, /frame 4: key/],
      [() => json({ frames: [] }), 400, /frames/],
      [() => json({}), 400, /either frames/],
      [() => json({ frames: [{ key: 'k', time: 1, payload: { type: 't' }, more: 1 }] }), 400, /more/],
      [() => post('application/json', `{"frames":[${deep}]}`), 400, /deep|JSON|stack/i],
      [() => post('application/x-ndjson', deep), 400, /line 1: /],
      [() => post('application/x-ndjson', lines([...frames, bad])), 400, /line 4: key/],
      [() => post('application/x-ndjson', lines([...frames, { ...eventFrame(4), kind: 'metric' }])), 400, /line 4: .*metric/],
      [() => post('application/x-ndjson', `${lines(frames)}nonsense`), 400, /line 4: not JSON/],
      [() => post('application/x-ndjson', bytes(Buffer.from([0x7b, 0xff, 0x7d]))), 400, /line 1: not JSON/],
      [() => post('application/x-ndjson', '{"key":"k","time":1,"payload":{"type":"t"},"__proto__":{"id":"x"}}'), 400, /line 1: /],
      [() => post('application/x-ndjson', '\n\n'), 400, /no frame/],
      [() => post('application/msgpack', ''), 400, /./],
      [() => post('application/msgpack', bytes(segment.subarray(0, segment.length - 1))), 400, /ends within a frame/],
      [() => post('application/msgpack', bytes(Buffer.concat([segment, Buffer.from([1])]))), 400, /no frame begins/],
      [() => post('application/gzip', bytes(gzipSync(segment).subarray(0, 60))), 400, /packed bytes|no frame/],
      [() => post('application/msgpack', bytes(segment), { kind: 'metric' }), 400, /of kind event/],
      [() => post('application/msgpack', bytes(segment), { kind: 'other' }), 400, /kind/],
      [() => post('text/html', '<p>'), 415, /./],
      [() => json({ frames }, { token: TOKENS.reader }), 403, /role/],
      [() => json({ file: '/etc/passwd' }), 403, /owner/],
      [() => json({ file: '/etc/passwd' }, { token: TOKENS.owner }), 403, /owner/],
    ];
    for (const [attempt, status, reason] of attempts) {
      const response = await attempt();
      const { detail } = (await response.json()) as { detail: string };
      expect([response.status, detail]).toEqual([status, expect.stringMatching(reason)]);
    }
    expect(await landed()).toEqual([]);
    expect(await readdir(spool.places.temporary).catch(() => [])).toEqual([]);
  });

  it('a request that is broken off leaves nothing', async () => {
    const end = new AbortController();
    const body = new ReadableStream<Uint8Array>({
      start: (stream) => stream.enqueue(bytes(bytesOf(frames))),
      pull: () => new Promise((resolve) => setTimeout(resolve, 50)).then(() => end.abort()),
    });
    await expect(fetch(`${served.url}/api/v1/spool/event`, { method: 'POST', headers: { authorization: `Bearer ${TOKENS.operator}`, 'content-type': 'application/msgpack' }, body, duplex: 'half', signal: end.signal })).rejects.toThrow();
    await expect.poll(() => readdir(spool.places.temporary)).toEqual([]);
    expect(await landed()).toEqual([]);
  });

  it('a reader sees what waits and what failed, and why', async () => {
    await json({ frames });
    await spool.byHand('metric', segmentName('metric', 1), Buffer.from('torn'));
    await spool.claim('metric', 'batch', { segments: 9, bytes: 9_999 });
    await spool.settle('metric', 'batch', [{ name: segmentName('metric', 1), failure: 'no frame begins here' }]);
    const response = await fetch(`${served.url}/api/v1/spool`, { headers: { authorization: `Bearer ${TOKENS.reader}` } });
    const status = (await response.json()) as SpoolStatus;
    expect(status.kinds.map(({ kind, incoming, failed }) => [kind, incoming.segments, failed.segments])).toEqual([['push', 0, 0], ['event', 1, 0], ['metric', 0, 1]]);
    expect(status).toMatchObject({ failed: [{ kind: 'metric', name: segmentName('metric', 1), reason: 'no frame begins here', tag: 'batch' }], more: 0 });
  });
});

it('a model sees it by the tool `spool_status`', async () => {
  await spool.byHand('event', segmentName('event', 1), bytesOf(frames));
  const { content, failure } = await callTool(contextOf(() => spool.root), 'spool_status', { kind: 'event' }, { signal: new AbortController().signal });
  expect(failure).toBeUndefined();
  expect(JSON.parse(content)).toMatchObject({ kinds: [{ kind: 'event', incoming: { segments: 1 } }], failed: [] });
});

describe('by the command line', () => {
  it('frames are put from stdin and from files, whatever packs them, and `pivo spool status` shows them', async () => {
    const home = await makeHome();
    try {
      const file = (name: string): string => join(home.home, name);
      await writeFile(file('frames.ndjson.gz'), gzipSync(lines(frames)));
      await writeFile(file('frames.msgpack.zst'), zstdCompressSync(bytesOf(frames)));
      expect(await pivo(['spool', 'put', 'event'], { ...home, input: lines(frames) })).toMatchObject({ code: 0, stdout: expect.stringMatching(/^put 3 frames into 1 segment\n {2}event-\d{13}-/) as unknown });
      for (const name of ['frames.ndjson.gz', 'frames.msgpack.zst']) expect(JSON.parse((await pivo(['spool', 'put', 'event', name, '--json'], home)).stdout)).toMatchObject({ kind: 'event', frames: 3 });
      const status = JSON.parse((await pivo(['spool', 'status', '--json'], home)).stdout) as SpoolStatus;
      expect(status.kinds.find(({ kind }) => kind === 'event')?.incoming.segments).toBe(3);
      expect((await pivo(['spool', 'status', '--kind', 'event'], home)).stdout).toMatch(/^KIND .*\nevent +3 \(/);
      for (const [args, code] of [[['put', 'event', 'none.ndjson'], 3], [['put', 'other'], 2], [['put', 'event'], 2]] as const) expect((await pivo(['spool', ...args], { ...home, input: 'nonsense' })).code).toBe(code);
      expect(await readdir(join(home.home, 'spool', '.tmp'))).toEqual([]);
    } finally {
      await home.remove();
    }
  });
});

it('many lines are divided into segments, and all of them land or none', async () => {
  const many = Array.from({ length: 400 }, (_, i): Frame => ({ kind: 'event', key: 'k', time: i, id: `long-${i}`, payload: { type: 't', text: 'x'.repeat(60_000) } }));
  const answer = (await (await post('application/x-ndjson', lines(many))).json()) as SpoolPut;
  expect([answer.frames, answer.segments.length]).toEqual([400, 2]);
  expect((await landed()).map(({ id }) => id)).toEqual(many.map(({ id }) => id));
  expect((await post('application/x-ndjson', `${lines(many)}nonsense`)).status).toBe(400);
  expect(await spool.waiting('event')).toHaveLength(2);
  expect(await readdir(spool.places.temporary)).toEqual([]);
});
