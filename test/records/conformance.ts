// What any RecordStore promises, whatever database is behind it.
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PivoError } from '../../contract/failures.ts';
import type { EventPayload, Frame, SegmentEnd, SpoolKind } from '../../contract/spool.ts';
import type { RecordStore, TopKQuery } from '../../records/store.ts';
import { anyFrame } from '../spool/frames.ts';

/** An empty database for one test. */
export interface TemporaryRecords {
  /** A further store over the same database; the suite closes it. */
  open(): Promise<RecordStore>;
  /** Why there are no vectors here; null where there are. */
  withoutVectors: string | null;
  remove(): Promise<void>;
}

const OPENED = '2026-11-21T10:00:00.000Z';
const FINISHED = '2026-11-21T10:00:05.000Z';
const NOON = Date.UTC(2026, 10, 21, 12);
const DAY = 86_400_000;

const event = (id: string, payload: Partial<EventPayload> = {}, more: { key?: string; time?: number } = {}): Frame => ({ kind: 'event', key: 'node-1', time: NOON, id, ...more, payload: { type: 'log', ...payload } });
const metric = (id: string, value = 1): Frame => ({ kind: 'metric', key: 'node-1', time: NOON, id, payload: { name: 'load', value, unit: 's', labels: { core: '0' } } });
const push = (id: string, time: number, repository = 'ada/engine', source = 'forge'): Frame => ({
  kind: 'push', key: repository, time, id, payload: { source, forge: 'gitea', repository, urls: [`https://forge.example/${repository}.git`], ref: 'refs/heads/main', before: null, after: `after-${id}` },
});
const events = (from: number, count: number): Frame[] => Array.from({ length: count }, (_, at) => event(`event-${from + at}`, { text: `words ${from + at}` }, { time: NOON + at }));

async function* chunks(...given: readonly (readonly Frame[])[]): AsyncGenerator<readonly Frame[]> {
  yield* given;
}
async function* torn(...given: readonly (readonly Frame[])[]): AsyncGenerator<readonly Frame[]> {
  yield* given;
  throw new PivoError('InvalidInput', 'the segment is torn');
}

/** A vector of four numbers. */
const vector = (...numbers: number[]): Float32Array => Float32Array.from(numbers);

export function recordStoreConformance(name: string, make: () => Promise<TemporaryRecords>): void {
  describe(`the records in ${name}`, () => {
    let database: TemporaryRecords;
    let store: RecordStore;
    let opened: RecordStore[];

    const another = async (): Promise<RecordStore> => {
      const other = await database.open();
      opened.push(other);
      return other;
    };
    const open = (tag = 'batch-1', kind: SpoolKind = 'event', of = store) => of.openBatch({ tag, kind, reason: 'records', opened: OPENED });
    const load = (segment: string, frames: readonly Frame[], tag = 'batch-1', of = store): Promise<SegmentEnd> => of.loadSegment(tag, { name: segment, bytes: 100 }, chunks(frames));
    const count = async () => {
      const { events: rows, metrics } = await store.counts();
      return { events: rows, metrics };
    };

    beforeEach(async () => {
      database = await make();
      opened = [];
      store = await another();
      await store.prepare();
    });
    afterEach(async () => {
      await Promise.all(opened.map((each) => each.close()));
      await database.remove();
    });

    it('are prepared as often as one likes, also by several at once', async () => {
      await Promise.all([store, await another(), await another()].map((each) => each.prepare()));
      expect(await store.counts()).toEqual({ events: 0, metrics: 0, ingestion_manifest: 0 });
    });

    describe('each record once', () => {
      it('within a segment, across segments and across batches', async () => {
        await open();
        expect(await load('s1', [...events(0, 10), ...events(5, 10)])).toEqual({ name: 's1', bytes: 100, records: 15, duplicates: 5, failure: null });
        expect(await load('s2', events(10, 10))).toMatchObject({ records: 5, duplicates: 5 });
        await open('batch-2');
        expect(await load('s1', events(0, 30), 'batch-2')).toMatchObject({ records: 10, duplicates: 20 });
        expect(await count()).toEqual({ events: 30, metrics: 0 });
      });

      it('also where it comes again with another time, key or payload: the first one stays', async () => {
        await open();
        await load('s1', [event('same', { text: 'first' })]);
        expect(await load('s2', [event('same', { text: 'second' }, { key: 'other', time: NOON - 200 * DAY })])).toMatchObject({ records: 0, duplicates: 1 });
        expect(await count()).toEqual({ events: 1, metrics: 0 });
      });

      it('but ids of different kinds are different', async () => {
        await open();
        await open('pushes', 'push');
        await open('metrics', 'metric');
        await load('s', [event('same')]);
        await load('s', [push('same', NOON)], 'pushes');
        expect(await load('s', [metric('same'), metric('SAME'), metric('same ')], 'metrics')).toMatchObject({ records: 3 });
        expect(await count()).toEqual({ events: 2, metrics: 3 });
      });

      it('by two stores that load the same frames at the same time', async () => {
        await open();
        await open('batch-2');
        const other = await another();
        const ends = await Promise.all([load('s1', events(0, 3_000)), load('s2', events(0, 3_000).toReversed(), 'batch-2', other)]);
        expect(ends.map(({ records }) => records).reduce((a, b) => a + b)).toBe(3_000);
        expect(ends.map(({ records, duplicates }) => records + duplicates)).toEqual([3_000, 3_000]);
        expect(await count()).toEqual({ events: 3_000, metrics: 0 });
      });
    });

    describe('a segment', () => {
      it('is stored whole or not at all: what its frames throw comes out, and the repeat stores all', async () => {
        await open();
        await load('before', events(0, 10));
        const cut = store.loadSegment('batch-1', { name: 's', bytes: 100 }, torn(events(5, 2_000), [event('old', {}, { time: Date.UTC(2011, 1, 1) })]));
        await expect(cut).rejects.toMatchObject({ kind: 'InvalidInput', message: 'the segment is torn' });
        expect(await count()).toEqual({ events: 10, metrics: 0 });
        expect(await store.segmentsOf('batch-1')).toHaveLength(1);
        expect(await store.loadSegment('batch-1', { name: 's', bytes: 100 }, chunks(events(5, 2_000), [event('old', {}, { time: Date.UTC(2011, 1, 1) })]))).toMatchObject({ records: 1_996, duplicates: 5 });
      });

      it('that comes again in its batch gives what it gave then, and is not read', async () => {
        await open();
        const first = await load('s', events(0, 10));
        expect(await store.loadSegment('batch-1', { name: 's', bytes: 100 }, torn())).toEqual(first);
        expect(await store.failSegment('batch-1', { name: 's', bytes: 100 }, 'too late')).toEqual(first);
        expect(await store.segmentsOf('batch-1')).toEqual([first]);
      });

      it('that failed is kept with its reason, and fails its batch', async () => {
        await open();
        await load('good', events(0, 10));
        const failed = await store.failSegment('batch-1', { name: 'bad', bytes: 7 }, 'byte 3: torn');
        expect(failed).toEqual({ name: 'bad', bytes: 7, records: 0, duplicates: 0, failure: 'byte 3: torn' });
        expect(await store.failSegment('batch-1', { name: 'bad', bytes: 7 }, 'another reason')).toEqual(failed);
        expect(await load('bad', events(20, 10))).toEqual(failed);
        expect(await store.segmentsOf('batch-1')).toEqual([failed, { name: 'good', bytes: 100, records: 10, duplicates: 0, failure: null }]);
        expect(await store.closeBatch('batch-1', FINISHED)).toMatchObject({ status: 'failed', segments: 2, failed: 1, records: 10, bytes: 107 });
      });

      it('that is still read hides nothing: others read what is stored, and store', async () => {
        await open();
        await open('batch-2');
        await load('before', events(0, 10));
        const other = await another();
        const half = Promise.withResolvers<void>();
        const seen = Promise.withResolvers<void>();
        const slow = store.loadSegment('batch-1', { name: 's', bytes: 1 }, (async function* () {
          yield events(10, 100);
          seen.resolve();
          await half.promise;
          yield events(110, 100);
        })());
        await seen.promise;
        expect(await other.counts()).toMatchObject({ events: 10 });
        const beside = load('s', events(300, 5), 'batch-2', other);
        half.resolve();
        expect(await slow).toMatchObject({ records: 200 });
        expect(await beside).toMatchObject({ records: 5 });
        expect(await other.counts()).toMatchObject({ events: 215 });
      });
    });

    describe('a batch', () => {
      it('has the totals of its segments, opened and closed as often as one likes', async () => {
        const row = { tag: 'batch-1', kind: 'event', status: 'open', reason: 'records', segments: 0, failed: 0, records: 0, duplicates: 0, bytes: 0, opened: OPENED, finished: null };
        expect(await open()).toEqual(row);
        await load('s1', events(0, 10));
        await load('s2', events(5, 10));
        const totals = { ...row, segments: 2, records: 15, duplicates: 5, bytes: 200 };
        expect(await store.openBatch({ tag: 'batch-1', kind: 'event', reason: 'left', opened: FINISHED })).toEqual(totals);
        const done = { ...totals, status: 'done', finished: FINISHED };
        expect(await store.closeBatch('batch-1', FINISHED)).toEqual(done);
        expect(await store.closeBatch('batch-1', '2027-01-01T00:00:00.000Z')).toEqual(done);
        expect(await open()).toEqual(done);
        expect(await store.batches({ limit: 10 })).toEqual([done]);
      });

      it('is listed newest first, by tag, kind and status, and behind another', async () => {
        await open('e1');
        await open('m1', 'metric');
        await open('e2');
        await store.closeBatch('e1', FINISHED);
        const tags = async (filter: Partial<Parameters<RecordStore['batches']>[0]>): Promise<string[]> => (await store.batches({ limit: 10, ...filter })).map(({ tag }) => tag);
        expect(await tags({})).toEqual(['e2', 'm1', 'e1']);
        expect(await tags({ limit: 2 })).toEqual(['e2', 'm1']);
        expect(await tags({ kind: 'event' })).toEqual(['e2', 'e1']);
        expect(await tags({ status: 'open' })).toEqual(['e2', 'm1']);
        expect(await tags({ kind: 'event', status: 'done' })).toEqual(['e1']);
        expect(await tags({ tag: 'm1' })).toEqual(['m1']);
        expect(await tags({ tag: 'none' })).toEqual([]);
        expect(await tags({ before: 'e2' })).toEqual(['m1', 'e1']);
        expect(await tags({ before: 'e2', kind: 'event' })).toEqual(['e1']);
        expect(await tags({ before: 'e1' })).toEqual([]);
        expect(await tags({ before: 'none' })).toEqual([]);
      });

      it('that was never opened is NotFound', async () => {
        const refused = { kind: 'NotFound', facts: { tag: 'none' } };
        await expect(load('s', events(0, 1), 'none')).rejects.toMatchObject(refused);
        await expect(store.failSegment('none', { name: 's', bytes: 1 }, 'torn')).rejects.toMatchObject(refused);
        await expect(store.closeBatch('none', FINISHED)).rejects.toMatchObject(refused);
        await expect(store.segmentsOf('none')).rejects.toMatchObject(refused);
        await expect(store.pushesOf('none')).rejects.toMatchObject(refused);
        expect(await count()).toEqual({ events: 0, metrics: 0 });
      });
    });

    describe('the pushes of a batch', () => {
      it('are one for each source and repository, those that waited longest first', async () => {
        await open('pushes', 'push');
        await load('s1', [push('a1', NOON + 10), push('b1', NOON + 5, 'ada/loom'), push('a2', NOON + 30)], 'pushes');
        await load('s2', [push('a3', NOON + 20), push('c1', NOON - 40 * DAY, 'ada/loom', 'another'), push('a2', NOON + 99)], 'pushes');
        const pushes = await store.pushesOf('pushes');
        expect(pushes.map(({ push: { source, repository, after }, ...rest }) => ({ source, repository, after, ...rest }))).toEqual([
          { source: 'another', repository: 'ada/loom', after: 'after-c1', count: 1, first: NOON - 40 * DAY, last: NOON - 40 * DAY },
          { source: 'forge', repository: 'ada/loom', after: 'after-b1', count: 1, first: NOON + 5, last: NOON + 5 },
          { source: 'forge', repository: 'ada/engine', after: 'after-a2', count: 3, first: NOON + 10, last: NOON + 30 },
        ]);
        expect(pushes[2]?.push).toEqual(push('a2', NOON + 30).payload);
      });

      it('are of that batch only, and of one instant the one that came in later is the latest', async () => {
        await open('pushes', 'push');
        await load('s', [push('a1', NOON)], 'pushes');
        await open('more', 'push');
        await load('s', [push('a1', NOON), push('z', NOON), push('a', NOON)], 'more');
        expect(await store.pushesOf('more')).toMatchObject([{ push: { after: 'after-a' }, count: 2 }]);
      });

      it('are none where events of type push were stored', async () => {
        await open();
        await load('s', [event('a', { type: 'push' })]);
        expect(await store.pushesOf('batch-1')).toEqual([]);
      });
    });

    describe('the texts of events', () => {
      const EMBEDDER = 'hashed 4';
      beforeEach(({ skip }) => skip(database.withoutVectors !== null, database.withoutVectors ?? ''));

      const claim = async (limit = 100, leaseMs = 60_000, of = store): Promise<Map<string, number>> => new Map((await of.claimTexts(EMBEDDER, limit, leaseMs)).map(({ record, text }) => [text, record]));

      it('are claimed once each while the lease holds, also by several at once', async () => {
        await open();
        await load('s', [...events(0, 200), event('silent'), event('empty', { text: '' })]);
        const stores = [store, await another(), await another()];
        const claims = await Promise.all(Array.from({ length: 12 }, (_, at) => (stores[at % 3] as RecordStore).claimTexts(EMBEDDER, 30, 60_000)));
        const texts = claims.flat().map(({ text }) => text);
        expect(texts).toHaveLength(200);
        expect(new Set(texts).size).toBe(200);
        expect(new Set(claims.flat().map(({ record }) => record)).size).toBe(200);
      });

      it('are claimed again when the lease ran out, never when they have a vector', async () => {
        await open();
        await load('s', events(0, 4));
        const first = await claim(4, 1);
        const late = new Map<string, number>();
        await expect.poll(async () => {
          for (const [text, record] of await claim(2)) late.set(text, record);
          return late.size;
        }).toBe(4);
        expect(late).toEqual(first);
        await store.putVectors(EMBEDDER, [...first.values()].map((record) => ({ record, vector: vector(1, 0, 0, 0) })));
        expect(await claim()).toEqual(new Map());
        await load('s2', events(4, 1));
        expect([...(await claim()).keys()]).toEqual(['words 4']);
      });

      it('are claimed for each embedder by itself', async () => {
        await open();
        await load('s', events(0, 3));
        expect((await claim()).size).toBe(3);
        expect(await store.claimTexts('another 4', 10, 1_000)).toHaveLength(3);
      });

      it('keep the vector that came first, and a vector of zeros is near nothing', async () => {
        await open();
        await load('s', events(0, 2));
        const [one = 0, two = 0] = (await claim()).values();
        await store.putVectors(EMBEDDER, [{ record: one, vector: vector(1, 0, 0, 0) }, { record: two, vector: vector(0, 0, 0, 0) }]);
        await store.putVectors(EMBEDDER, [{ record: one, vector: vector(0, 1, 0, 0) }]);
        await store.putVectors(EMBEDDER, []);
        expect(await store.topK({ embedder: EMBEDDER, vector: vector(1, 0, 0, 0), k: 5 })).toMatchObject([{ record: one, distance: expect.closeTo(0, 2) as number }]);
        expect(await store.topK({ embedder: EMBEDDER, vector: vector(0, 0, 0, 0), k: 5 })).toEqual([]);
        expect(await claim()).toEqual(new Map());
      });

      it('have vectors of one length', async () => {
        await open();
        await load('s', events(0, 2));
        const [one = 0, two = 0] = (await claim()).values();
        expect(await store.topK({ embedder: EMBEDDER, vector: vector(1, 0, 0, 0), k: 5 })).toEqual([]);
        await store.putVectors(EMBEDDER, [{ record: one, vector: vector(1, 0, 0, 0) }]);
        await expect(store.putVectors(EMBEDDER, [{ record: two, vector: vector(1, 0) }])).rejects.toMatchObject({ kind: 'InvalidInput' });
        await expect(store.topK({ embedder: EMBEDDER, vector: vector(1, 0), k: 5 })).rejects.toMatchObject({ kind: 'InvalidInput' });
        expect(await store.topK({ embedder: 'never seen', vector: vector(1, 0), k: 5 })).toEqual([]);
      });

      it('are found by meaning, nearest first, with every filter', async () => {
        await open();
        const frames = [
          event('near', { text: 'near', type: 'build', data: { ok: true } }, { key: 'ada' }),
          event('nearer', { text: 'nearer', type: 'test' }, { key: 'ada', time: NOON - 60 * DAY }),
          event('far', { text: 'far', type: 'build' }, { key: "o'hara %", time: NOON + 1 }),
          event('opposite', { text: 'opposite', type: 'a type of more than twelve letters' }, { key: 'a key of more than twelve letters', time: 0 }),
        ];
        await load('s', frames);
        const claimed = await claim();
        const directions: Record<string, Float32Array> = { near: vector(9, 3, 0, 0), nearer: vector(0.5, 0.01, 0, 0), far: vector(0, 2, 0, 0), opposite: vector(-7, 0, 0, 0) };
        await store.putVectors(EMBEDDER, [...claimed].map(([text, record]) => ({ record, vector: directions[text] as Float32Array })));
        const find = async (query: Partial<TopKQuery>): Promise<string[]> => (await store.topK({ embedder: EMBEDDER, vector: vector(3, 0, 0, 0), k: 10, ...query })).map(({ id }) => id);

        const hits = await store.topK({ embedder: EMBEDDER, vector: vector(3, 0, 0, 0), k: 10 });
        expect(hits.map(({ distance }) => distance)).toEqual([0, 0.051, 1, 2].map((distance) => expect.closeTo(distance, 1.5) as number));
        expect(hits.map(({ id }) => id)).toEqual(['nearer', 'near', 'far', 'opposite']);
        expect(hits[1]).toEqual({ record: claimed.get('near'), id: 'near', key: 'ada', time: NOON, type: 'build', text: 'near', data: { ok: true }, distance: expect.any(Number) as number });
        expect(hits[0]).toMatchObject({ data: null, time: NOON - 60 * DAY });

        expect(await find({ k: 2 })).toEqual(['nearer', 'near']);
        expect(await find({ key: 'ada' })).toEqual(['nearer', 'near']);
        expect(await find({ key: "o'hara %" })).toEqual(['far']);
        expect(await find({ key: 'a key of more than twelve letters' })).toEqual(['opposite']);
        expect(await find({ key: 'a key of more than twelve others' })).toEqual([]);
        expect(await find({ type: 'build' })).toEqual(['near', 'far']);
        expect(await find({ type: 'a type of more than twelve letters', k: 1 })).toEqual(['opposite']);
        expect(await find({ since: NOON })).toEqual(['near', 'far']);
        expect(await find({ until: NOON })).toEqual(['nearer', 'opposite']);
        expect(await find({ since: 0, until: 1 })).toEqual(['opposite']);
        expect(await find({ key: 'ada', type: 'test', since: NOON - 60 * DAY, until: NOON })).toEqual(['nearer']);
        expect(await find({ key: 'ada', type: 'test', since: NOON })).toEqual([]);
      });

      it('come back as they were, with the row around them, from any month', async () => {
        const texts = ["'; DROP TABLE events; --", '"double" \\ \\u0000 %s ? $1 :name @name', 'line\nbreak\ttab\r\u0001\u001b[31m\u007f', '日本語 ✓ 🧵 e\u0301 \u202E right to left', '￿ \uFEFF', 'x'.repeat(65_536)];
        const times = [0, 1, Date.UTC(2000, 0, 1) - 1, Date.UTC(2000, 0, 1), Date.UTC(2026, 10, 30, 23, 59, 59, 999), Date.UTC(2026, 11, 1), Date.UTC(9999, 11, 31, 23, 59, 59, 999)];
        const data = { largest: Number.MAX_SAFE_INTEGER, least: Number.MIN_SAFE_INTEGER, tiny: 5e-324, huge: 1.7976931348623157e308, ['__proto__x']: [null, true, { '': ['\\u0000'] }], "it's": '"' };
        const frames = texts.flatMap((text, t) => times.map((time, m) => event(`${text.slice(0, 400)} ${t} ${m}`, { text: `${m}${text}`.slice(0, 65_536), data }, { key: text.slice(0, 512), time })));
        await open();
        expect(await load('s', frames)).toMatchObject({ records: frames.length });
        const claimed = await store.claimTexts(EMBEDDER, 1_000, 60_000);
        expect(claimed.map(({ text }) => text)).toEqual(frames.map((frame) => (frame.kind === 'event' ? frame.payload.text : '')));
        await store.putVectors(EMBEDDER, claimed.map(({ record }) => ({ record, vector: vector(1, 1, 1, 1) })));
        const hits = await store.topK({ embedder: EMBEDDER, vector: vector(1, 1, 1, 1), k: 1_000 });
        expect(hits.map(({ id, key, time, text, data: found }) => ({ id, key, time, text, data: found }))).toEqual(frames.map(({ id, key, time, payload }) => ({ id, key, time, text: (payload as EventPayload).text, data })));
      });
    });

    it('take whatever frame the spool lets through', async () => {
      let batch = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(anyFrame, { minLength: 1, maxLength: 40 }), async (frames) => {
          await open(`any-${++batch}`);
          const { records, duplicates } = await load('s', frames, `any-${batch}`);
          expect(records + duplicates).toBe(frames.length);
          expect(await load('again', frames, `any-${batch}`)).toMatchObject({ records: 0, duplicates: frames.length });
        }),
        { numRuns: 20 },
      );
    });

    it('say where they are, without a secret', () => {
      expect(store.url).toMatch(/^(sqlite:\/|postgres(ql)?:\/\/[^:@/]*(@|\/))/);
    });
  });
}
