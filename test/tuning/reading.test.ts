// Event logs as they lie about: compressed, rolling, cut, in progress, not logs at all, and made to harm.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { createZstdCompress, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unpacked } from '../../tuning/unpacked.ts';
import { equal, eventLog, taskEnd } from './generated.ts';
import { fixturePath, inPieces, reportAt, reportOfText, rulesOf } from './reports.ts';

const NAME = 'app-20261121171101-0000';
let folder: string;
let text: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-tuning-'));
  text = zstdDecompressSync(await readFile(fixturePath('gc_bound'))).toString();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const written = async (name: string, bytes: string | Uint8Array): Promise<string> => {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, bytes);
  return path;
};

describe('a log', () => {
  it.each([
    ['as it is', (whole: string) => whole],
    ['in gzip', (whole: string) => gzipSync(whole)],
    ['in Zstandard', (whole: string) => zstdCompressSync(whole)],
    ['in several frames of Zstandard', (whole: string) => Buffer.concat([whole.slice(0, 30_000), whole.slice(30_000)].map((part) => zstdCompressSync(part)))],
    ['in several members of gzip', (whole: string) => Buffer.concat([whole.slice(0, 30_000), whole.slice(30_000)].map((part) => gzipSync(part)))],
  ])('%s says the same, whatever its name', async (what, packed) => {
    expect(await reportAt(await written(what.replaceAll(' ', '-'), packed(text)))).toEqual(await reportOfText(text));
  });

  it('says the same in pieces of any size', async () => {
    const whole = await reportOfText(text);
    for (const size of [7, 4_096]) expect(await reportOfText(text, size)).toEqual(whole);
    expect(await reportOfText(gzipSync(text), 1)).toEqual(whole);
  });

  it('of Windows lines is read', async () => {
    expect(rulesOf(await reportOfText(text.replaceAll('\n', '\r\n')))).toEqual(['gc']);
  });
});

describe('a rolling log', () => {
  const lines = (from: number, to?: number): string => text.trim().split('\n').slice(from, to).map((line) => `${line}\n`).join('');

  it('is read in the order of its numbers, plain and compressed parts alike', async () => {
    const at = `rolling/eventlog_v2_${NAME}`;
    await written(`${at}/appstatus_${NAME}`, '');
    await written(`${at}/events_10_${NAME}`, lines(30));
    await written(`${at}/events_2_${NAME}.zstd`, zstdCompressSync(lines(20, 30)));
    await written(`${at}/events_1_${NAME}`, lines(0, 20));
    expect(await reportAt(join(folder, at))).toEqual(await reportOfText(text));
    expect(await reportAt(join(folder, 'rolling'), NAME)).toEqual(await reportOfText(text));
  });

  it('begins with its compacted file, which stands for those before it', async () => {
    const at = `compacted/eventlog_v2_${NAME}`;
    await written(`${at}/events_1_${NAME}.zstd`, 'this was compacted, and must not be read');
    await written(`${at}/events_2_${NAME}.zstd`, 'this too');
    await written(`${at}/events_2_${NAME}.zstd.compact`, zstdCompressSync(lines(0, 30)));
    await written(`${at}/events_3_${NAME}.zstd`, zstdCompressSync(lines(30)));
    expect(await reportAt(join(folder, at))).toEqual(await reportOfText(text));
  });

  it('says when it has no part yet', async () => {
    await written(`empty/eventlog_v2_${NAME}/appstatus_${NAME}.inprogress`, '');
    await expect(reportAt(join(folder, 'empty', `eventlog_v2_${NAME}`))).rejects.toMatchObject({ kind: 'NotFound' });
  });
});

describe('a folder of logs', () => {
  it('wants one to be named where there are several', async () => {
    await written('logs/app-1.zstd', zstdCompressSync(text));
    await written('logs/app-2', eventLog({ milliseconds: 1_000 }));
    await written('logs/.app-3.crc', 'x');
    await expect(reportAt(join(folder, 'logs'))).rejects.toMatchObject({ kind: 'Ambiguous', facts: { applications: ['app-1.zstd', 'app-2'] } });
    expect(rulesOf(await reportAt(join(folder, 'logs'), 'app-1'))).toEqual(['gc']);
    await expect(reportAt(join(folder, 'logs'), 'app-4')).rejects.toMatchObject({ kind: 'NotFound' });
  });

  it('says when there is none, or nothing at all', async () => {
    await mkdir(join(folder, 'none'));
    await expect(reportAt(join(folder, 'none'))).rejects.toMatchObject({ kind: 'NotFound' });
    await expect(reportAt(join(folder, 'nowhere'))).rejects.toMatchObject({ kind: 'NotFound' });
  });
});

/** One frame that is flushed again and again, so that what was written can be read while the application runs. */
async function asSparkFlushes(whole: string): Promise<Buffer> {
  const packing = createZstdCompress();
  const packed = buffer(packing);
  for (let at = 0; at < whole.length; at += 5_000) {
    packing.write(whole.slice(at, at + 5_000));
    await new Promise<void>((resolve) => packing.flush(resolve));
  }
  packing.end();
  return packed;
}

describe('a log that ends early', () => {
  it('gives what is there of each application in progress, and says so', async () => {
    const flushed = await asSparkFlushes(text);
    for (const bytes of [Buffer.from(text.slice(0, Math.round(text.length * 0.8))), flushed.subarray(0, Math.round(flushed.length * 0.8)), gzipSync(text).subarray(0, -1_000)]) {
      const report = await reportOfText(bytes);
      expect(report.totals.tasks).toBeGreaterThan(0);
      expect(report.notes.join(' ')).toMatch(/runs still, or was killed/);
    }
  });

  it('loses nothing that can be unpacked, however slowly it is read', async () => {
    const long = text.repeat(20);
    for (const bytes of [await asSparkFlushes(long), gzipSync(long)]) {
      let [length, cuts] = [0, 0];
      for await (const chunk of unpacked(inPieces(bytes.subarray(0, -20), 500), () => cuts++)) {
        length += chunk.length;
        await sleep(5);
      }
      expect(cuts).toBe(1);
      expect(length).toBeGreaterThan(long.length - 20_000);
    }
  });

  it('passes over what is damaged in the middle', async () => {
    const report = await reportOfText(text.replace('\n{"Event":"SparkListenerTaskEnd"', '\n{"Event":"SparkListenerTaskEnd",,'));
    expect(report.notes.join(' ')).toContain('1 lines are no events');
    expect(rulesOf(report)).toEqual(['gc']);
  });
});

describe('what is no event log', () => {
  it.each([
    ['nothing', ''],
    ['words', 'the quick brown fox\n'.repeat(50_000)],
    ['other JSON', '{"level":"info","message":"hello"}\n'.repeat(300)],
    ['bytes', Buffer.from(Array.from({ length: 100_000 }, (_, n) => (n * 7_919) % 256))],
    ['an empty event', '{"Event":"SparkListenerLogStart"}\n'],
  ])('is refused: %s', async (_, content) => {
    await expect(reportOfText(content)).rejects.toMatchObject({ kind: 'InvalidInput' });
  });

  it.each([['lz4', 'LZ4Block\0\0'], ['snappy', '\x82SNAPPY\0\0'], ['lzf', 'ZV\x01\0\0\0\0\0']])('and what only Spark unpacks, with how to read it otherwise: %s', async (codec, magic) => {
    const refused = { kind: 'InvalidInput', facts: { codec }, hint: expect.stringContaining('history server') as string };
    await expect(reportOfText(Buffer.from(magic, 'latin1'))).rejects.toMatchObject(refused);
    await expect(reportAt(await written(`app-9.${codec}`, 'x'))).rejects.toMatchObject(refused);
  });
});

describe('a log made to harm', () => {
  const sql = (plan: string): string => `{"Event":"org.apache.spark.sql.execution.ui.SparkListenerSQLExecutionStart","executionId":0,"sparkPlanInfo":${plan}}\n`;

  it('with a plan that nests without end is read', async () => {
    const open = '{"nodeName":"Project","metrics":[],"children":[';
    const deep = sql(`${open.repeat(200_000)}${']}'.repeat(200_000)}`);
    expect((await reportOfText(deep + text)).notes.join(' ')).toMatch(/A plan is larger/);
  });

  it('with a plan of joins only is read as far as the limit', async () => {
    const join = '{"nodeName":"SortMergeJoin","simpleString":"SortMergeJoin [a], [b], Inner","metrics":[],"children":[]}';
    const report = await reportOfText(sql(`{"nodeName":"Union","children":[${Array(60_000).fill(join).join(',')}]}`) + text);
    expect(report.notes.join(' ')).toMatch(/Joins after the first 2000|A plan is larger/);
  });

  it('with numbers that are none, and names that are no text, is read', async () => {
    const strange = JSON.stringify({ ...taskEnd(7, 0, { duration: 1 }), 'Task Metrics': { 'Executor Run Time': -1e300, 'JVM GC Time': 'x', 'Shuffle Read Metrics': [] } });
    const report = await reportOfText(`${text}${strange}\n{"Event":"SparkListenerStageCompleted","Stage Info":{"Stage ID":-1}}\n{"Event":"SparkListenerExecutorAdded","Executor ID":{}}\n{"Event":"__proto__"}\n`);
    expect(JSON.stringify(report)).not.toMatch(/null,null,null,"milliseconds"|NaN/);
    expect(report.totals.tasks).toBe(11);
  });

  it('cannot put a line of its own into the template', async () => {
    const evil = eventLog({ milliseconds: 102_000, properties: { 'spark.executor.memory': '1g\nrm -rf ~ #' }, stages: [{ at: 0, milliseconds: 100_000, name: 'x\n$(touch /tmp/x)', tasks: equal(40, { duration: 10_000, gc: 5_000 }) }] });
    const { submit } = await reportOfText(evil);
    for (const line of submit?.split('\n') ?? []) expect(line).toMatch(/^(changes=\(|\)|  #.*|  --conf [\w.=]+  # .*|spark-submit "\$\{changes\[@\]\}" "\$@"  #.*|)$/);
  });

  it('that unpacks to a thousand times its size is refused', async () => {
    const zeros = zstdCompressSync(Buffer.alloc(2 ** 28));
    await expect(reportOfText(Buffer.concat([zeros, zeros]))).rejects.toMatchObject({ kind: 'LimitExceeded' });
  });

  it('whose lines never end is read without keeping them', async () => {
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(text);
      for (let n = 0; n < 600; n++) yield Buffer.alloc(2 ** 20, 'x');
    }
    const { readEventStream } = await import('../../tuning/event-log.ts');
    const before = process.memoryUsage().arrayBuffers;
    const recording = await readEventStream(endless(), { signal: new AbortController().signal });
    expect([...recording.notes].join(' ')).toContain('longer than 32 MiB');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(300 * 2 ** 20);
  });
});

it('keeps to its totals when there are more stages than it keeps', async () => {
  const stages = Array.from({ length: 5_000 }, (_, n) => ({ at: n * 10, milliseconds: 10, tasks: equal(1, { duration: 10 }) }));
  const report = await reportOfText(eventLog({ milliseconds: 50_000, stages }));
  expect(report).toMatchObject({ totals: { tasks: 5_000, taskMilliseconds: 50_000 }, stages: { length: 50 } });
  expect(report.notes).toEqual([expect.stringMatching(/^\d+ of the shortest stages are in the totals only\.$/)]);
});
