// PostgreSQL behind the records: frames a second into rows, and the time of a question by meaning, beside SQLite.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hashedVector } from '../logs/vectors/hashed/embedder.ts';
import type { Frame } from '../contract/spool.ts';
import { openRecordStore } from '../records/open.ts';
import type { RecordSettings } from '../records/settings.ts';
import type { RecordStore } from '../records/store.ts';
import { startPostgres, vectorPostgres } from '../test/harness/postgres.ts';
import { median, timed, type Bench, type Row } from './bench.ts';

const FRAMES = 100_000;
const FRAMES_A_SEGMENT = 50_000;
const QUESTIONS = 15;
const EMBEDDER = 'hashed 384';

export const spoolPostgresBench: Bench = { name: 'spool-postgres', title: `Records: ${FRAMES.toLocaleString('en')} events with text in PostgreSQL beside SQLite, one loader; rates by processor seconds of PIVO and the server, questions by wall time`, run: ({ scratch }) => measure(scratch) };

async function measure(scratch: string): Promise<Row[]> {
  const programs = await vectorPostgres();
  if (programs === null) throw new Error('there is no PostgreSQL with pgvector here, and none could be installed');
  const postgres = await startPostgres(programs, { fsync: 'on', shared_buffers: '512MB' });
  try {
    const server = Number(readFileSync(join(postgres.folder, 'data/postmaster.pid'), 'utf8').split('\n')[0]);
    const theirs = await figures(await postgres.database(), () => secondsOf(server));
    const ours = await figures({ url: `sqlite:${join(scratch, 'bench-records.db')}`, password: () => undefined }, () => 0);
    return (['loaded', 'again', 'vectors', 'nearest', 'filtered'] as const).map((what) => ({ ...WHAT[what], pivo: theirs[what], beside: { name: 'SQLite', value: ours[what] } }));
  } finally {
    await postgres.close();
  }
}

const WHAT = {
  loaded: { what: 'events into rows, each once by its id', unit: 'per second' },
  again: { what: 'the same again: all are known', unit: 'per second' },
  vectors: { what: `texts claimed, and vectors of ${EMBEDDER} kept`, unit: 'per second' },
  nearest: { what: `the 10 nearest of ${FRAMES.toLocaleString('en')}`, unit: 'ms' },
  filtered: { what: 'the 10 nearest of one key in a hundred', unit: 'ms' },
} as const;

async function figures(settings: RecordSettings, elsewhere: () => number): Promise<Record<keyof typeof WHAT, number>> {
  const store = await openRecordStore(settings);
  try {
    await store.prepare();
    await store.openBatch({ tag: 'bench', kind: 'event', reason: 'records', opened: new Date().toISOString() });
    const rate = async (act: () => Promise<void>): Promise<number> => {
      const [here, there] = [process.cpuUsage(), elsewhere()];
      await act();
      const { user, system } = process.cpuUsage(here);
      return FRAMES / ((user + system) / 1e6 + elsewhere() - there);
    };
    const loaded = await rate(() => load(store, 'first'));
    const again = await rate(() => load(store, 'again'));
    const vectors = await rate(() => embed(store));
    return { loaded, again, vectors, nearest: await question(store, {}), filtered: await question(store, { key: 'key-7' }) };
  } finally {
    await store.close();
  }
}

/** Seconds that processors worked for a server: itself, its processes, and those that ended (proc(5), `stat`: fields 4 and 14 to 17, in hundredths). */
function secondsOf(server: number): number {
  const fields = (pid: string): number[] => {
    try {
      return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) \S+ /s, '').split(' ').map(Number); // from field 4 on
    } catch {
      return []; // it ended
    }
  };
  const own = fields(String(server)).slice(10, 14);
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(fields).filter(([parent]) => parent === server);
  return [...own, ...children.flatMap((child) => child.slice(10, 12))].reduce((sum, each) => sum + each, 0) / 100;
}

async function load(store: RecordStore, round: string): Promise<void> {
  for (let from = 0; from < FRAMES; from += FRAMES_A_SEGMENT) await store.loadSegment('bench', { name: `${round}-${from}`, bytes: 1 }, frames(from));
}

async function* frames(from: number): AsyncGenerator<readonly Frame[]> {
  for (let at = from; at < from + FRAMES_A_SEGMENT; at += 1_000) yield Array.from({ length: 1_000 }, (_, each) => frame(at + each));
}

const frame = (at: number): Frame => ({ kind: 'event', key: `key-${at % 100}`, time: Date.UTC(2026, 10, 1) + at * 10, id: `event-${(at * 7_919) % 1_000_003}-${at}`, payload: { type: 'log', source: 'bench', text: textOf(at), data: { at, ok: at % 2 === 0 } } });

const WORDS = 'disk node restore backup executor memory partition leader login refused token branch commit pack checksum replica block quota certificate clock deploy rollback queue timeout'.split(' ');
const textOf = (at: number): string => Array.from({ length: 8 }, (_, place) => WORDS[(at * (place + 3) + Math.floor(at / 24 ** (place % 4))) % WORDS.length]).join(' ');

async function embed(store: RecordStore): Promise<void> {
  for (;;) {
    const texts = await store.claimTexts(EMBEDDER, 500, 60_000);
    if (texts.length === 0) return;
    await store.putVectors(EMBEDDER, texts.map(({ record, text }) => ({ record, vector: hashedVector(text) })));
  }
}

async function question(store: RecordStore, filter: { key?: string }): Promise<number> {
  const times: number[] = [];
  for (let at = 0; at < QUESTIONS; at++) times.push((await timed(() => store.topK({ embedder: EMBEDDER, vector: hashedVector(textOf(at * 31)), k: 10, ...filter }))).seconds * 1_000);
  return median(times);
}
