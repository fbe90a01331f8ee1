// Where failures are provoked: a folder, engines that start when first asked for, programs that run to their end.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { homedir, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { enginePlaces, startHdfs, startKafka, startSpark, startTemporal, type Hdfs, type Kafka, type Spark, type Temporal } from '../../../engines/index.ts';
import type { Names } from './neutral.ts';

export interface RunOptions {
  env?: Record<string, string>;
  cwd?: string;
  input?: string;
  /** Seconds after which it is ended; what it said until then stays. */
  seconds?: number;
}

export interface Lab {
  folder: string;
  /** A new empty folder. */
  fresh(): Promise<string>;
  hdfs(): Promise<Hdfs>;
  kafka(): Promise<Kafka>;
  spark(): Promise<Spark>;
  temporal(): Promise<Temporal>;
  /** What a program says on both outputs, in order; its exit code does not matter. */
  say(file: string, args: readonly string[], options?: RunOptions): Promise<string>;
  /** A port on which nothing listens. */
  deadPort(): Promise<number>;
  /** Called before the lab goes. */
  after(end: () => Promise<unknown>): void;
  names(): Names;
  close(): Promise<void>;
}

export async function openLab(): Promise<Lab> {
  const folder = await mkdtemp(join(tmpdir(), 'pivo-provoke-'));
  const places = enginePlaces(process.env, join(folder, 'engines'));
  const ends: (() => Promise<unknown>)[] = [];
  const engines = new Map<string, Promise<{ stop: () => Promise<void> }>>();
  const once_ = <T extends { stop: () => Promise<void> }>(name: string, start: () => Promise<T>): Promise<T> => {
    const running = engines.get(name) ?? start();
    engines.set(name, running);
    return running as Promise<T>;
  };
  return {
    folder,
    fresh: () => mkdtemp(join(folder, 'w-')),
    hdfs: () => once_('hdfs', () => startHdfs({ ...places, separate: true })),
    kafka: () => once_('kafka', () => startKafka(places)),
    spark: () => once_('spark', () => startSpark(places)),
    temporal: () => once_('temporal', () => startTemporal(places)),
    say,
    deadPort,
    after: (end) => void ends.push(end),
    names: () => [[join(places.cache), '/opt/engines'], [folder, '/data'], [process.cwd(), '/opt/pivo'], [homedir(), '/home/data'], [hostname(), 'worker-1']],
    close: async () => {
      for (const end of ends.reverse()) await end().catch(() => {});
      await Promise.all([...engines.values()].map(async (engine) => (await engine.catch(() => null))?.stop()));
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

async function say(file: string, args: readonly string[], { env = {}, cwd, input, seconds = 120 }: RunOptions = {}): Promise<string> {
  const child = spawn(file, args, { env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', LC_ALL: 'C.UTF-8', ...env }, cwd, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stdin.on('error', () => {}); // it may end before it reads
  child.stdin.end(input);
  const ended = once(child, 'close');
  const late = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'), seconds * 1_000);
  await ended;
  clearTimeout(late);
  return Buffer.concat(chunks).toString();
}

async function deadPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Writes a file below a folder, with the folders above it. */
export async function put(file: string, text: string, mode = 0o644): Promise<string> {
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, text, { mode });
  return file;
}
