// The engines themselves: each does its work, survives what tests do to it, and leaves nothing running.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { enginePlaces, hdfsShell, missingTools, runningEngines, sparkEnvironment, startHdfs, startKafka, startSpark, startTemporal, type Hdfs, type Kafka, type Spark, type Temporal } from '../../engines/index.ts';
import { run } from '../../engines/tools.ts';
import { createTopic, hasTopic } from './kafka-topics.ts';
import { processesOf } from './processes-of.ts';
import { create, open } from './webhdfs.ts';

const missing = await missingTools(process.env);
const root = resolve(import.meta.dirname, '../..');
const owner = userInfo().username;
const PATIENCE = 300_000; // the first run fetches

const lacking = missing.length > 0 ? ` (skipped: this machine lacks ${missing.join(', ')})` : '';

describe.skipIf(missing.length > 0)(`engines${lacking}`, { timeout: PATIENCE }, () => {
  let home = '';
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'pivo-engines-'));
  });
  afterAll(async () => {
    await main(['down']);
    await rm(home, { recursive: true, force: true });
  });
  const options = (): ReturnType<typeof enginePlaces> => enginePlaces(process.env, home);

  /** `npm run engines`; with `interrupt`, gets Ctrl-C twice, as npm passes it on, when it has said something that matches. */
  async function main(args: string[], interrupt?: RegExp): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const child = spawn(process.execPath, [join(root, 'engines/main.ts'), ...args, '--home', home], { stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { stdout: '', stderr: '' };
    let interrupted = false;
    child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => {
      said.stderr += chunk.toString();
      if (interrupt?.test(said.stderr) !== true || interrupted) return;
      interrupted = [child.kill('SIGINT'), child.kill('SIGINT')].includes(true);
    });
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, ...said };
  }

  describe('all four together', () => {
    let hdfs: Hdfs;
    let kafka: Kafka;
    let spark: Spark;
    let temporal: Temporal;
    beforeAll(async () => {
      [hdfs, kafka, spark, temporal] = await Promise.all([startHdfs(options()), startKafka(options()), startSpark(options()), startTemporal(options())]);
    }, PATIENCE);

    it('HDFS keeps a file, and another user may read it and not write beside it', async () => {
      expect(await create(hdfs, owner, '/data/lines.txt', 'a\nb\nc\n')).toBe(201);
      expect(await open(hdfs, 'somebody', '/data/lines.txt')).toBe('a\nb\nc\n');
      expect(await create(hdfs, 'somebody', '/data/other.txt', 'x')).toBe(403);
      const listed = await hdfsShell(hdfs, ['-cat', '/data/lines.txt'], process.env);
      expect(listed).toMatchObject({ code: 0, stdout: Buffer.from('a\nb\nc\n') });
    });

    it('Kafka creates a topic when told, never by use', async () => {
      expect(await hasTopic(kafka, 'told')).toBe(false);
      expect(await createTopic(kafka, 'told')).toBe(0);
      expect(await hasTopic(kafka, 'told')).toBe(true);
    });

    it('Spark runs a job on its worker that reads from HDFS', async () => {
      expect(await create(hdfs, owner, '/job/lines.txt', 'one\ntwo\n')).toBe(201);
      expect(await lengths('/job/lines.txt')).toBe('[3, 3]\n');
    });

    it('Spark runs jobs again after its worker was killed and started', async () => {
      await spark.killSparkWorker();
      await spark.startSparkWorker();
      expect(await create(hdfs, owner, '/job/more.txt', 'three\n')).toBe(201);
      expect(await lengths('/job/more.txt')).toBe('[5]\n');
    });

    it('a topic is still there after the broker was killed and started', async () => {
      expect(await createTopic(kafka, 'lasting')).toBe(0);
      await kafka.killBroker();
      await expect(hasTopic(kafka, 'lasting')).rejects.toThrow();
      await kafka.startBroker();
      expect(await hasTopic(kafka, 'lasting')).toBe(true);
    });

    it('Temporal knows a workflow again after its server was killed and started, and has its page', async () => {
      await withClient(temporal.address, (client) => client.workflow.start('any', { taskQueue: 'none', workflowId: 'lasting', args: [] }));
      await temporal.killServer();
      await temporal.startServer();
      expect((await withClient(temporal.address, (client) => client.workflow.getHandle('lasting').describe())).status.name).toBe('RUNNING');
      expect((await fetch(temporal.ui)).status).toBe(200);
    });

    it('a second start finds what runs, `status` tells it, and `up` changes nothing', async () => {
      expect((await startKafka(options())).brokers).toBe(kafka.brokers);
      const before = await readFile(join(home, 'engines.json'), 'utf8');
      const { stdout } = await main(['up', '--json']);
      expect(JSON.parse(stdout)).toMatchObject({ hdfs: { state: 'up', webhdfs: hdfs.webhdfs }, kafka: { state: 'up' }, spark: { state: 'up', master: spark.master }, temporal: { state: 'up', address: temporal.address, ui: temporal.ui } });
      expect(await readFile(join(home, 'engines.json'), 'utf8')).toBe(before);
    });

    it('another version is refused while one runs', async () => {
      await expect(startKafka({ ...options(), version: '3.4.0' })).rejects.toMatchObject({ kind: 'Exists' });
      const { code, stderr } = await main(['up', 'kafka', '--kafka', '3.4.0']);
      expect(code).toBe(6);
      expect(stderr).toContain('hint: End it first');
    });

    it('stopping leaves no process and no open port', async () => {
      expect(processesOf(home).length).toBeGreaterThanOrEqual(5);
      await Promise.all([hdfs.stop(), kafka.stop(), spark.stop(), temporal.stop()]);
      expect(processesOf(home)).toEqual([]);
      expect(runningEngines(home)).toEqual({});
      for (const address of [hdfs.namenode, hdfs.webhdfs, hdfs.datanodeHttp, kafka.brokers, spark.master, spark.ui, temporal.address, temporal.ui]) await expect(connected(address), address).rejects.toThrow('ECONNREFUSED');
    });

    it('addresses and data are the same after a new start', async () => {
      const again = await startHdfs(options());
      expect(again.webhdfs).toBe(hdfs.webhdfs);
      expect(await open(again, owner, '/data/lines.txt')).toBe('a\nb\nc\n');
      await expect(again.killDataNode()).rejects.toMatchObject({ kind: 'InvalidInput' });
      await again.stop();
    });

    async function lengths(path: string): Promise<string> {
      const job = join(home, 'job.py');
      await writeFile(job, `from pyspark import SparkContext\nsc = SparkContext()\nprint(sc.textFile('${hdfs.namenode}${path}').map(len).collect())\n`);
      const env = { ...process.env, ...sparkEnvironment(spark), HADOOP_CONF_DIR: hdfs.confDir };
      const { stdout, stderr } = await run(join(spark.home, 'bin/spark-submit'), ['--master', spark.master, job], { env });
      return stdout.toString() || stderr;
    }
  });

  describe('one at a time', () => {
    afterEach(async () => void (await main(['down'])));

    it('HDFS in separate processes loses its DataNode, gets it back, and outlives its NameNode', async () => {
      const hdfs = await startHdfs({ ...options(), separate: true });
      expect(await create(hdfs, owner, '/kept.txt', 'kept')).toBe(201);
      await hdfs.killDataNode();
      await expect(open(hdfs, owner, '/kept.txt')).rejects.toThrow('fetch failed');
      await hdfs.startDataNode();
      expect(await open(hdfs, owner, '/kept.txt')).toBe('kept');
      await hdfs.killNameNode();
      await hdfs.startNameNode();
      await vi.waitFor(async () => expect(await open(hdfs, owner, '/kept.txt')).toBe('kept'), { timeout: 10_000 });
      expect(await create(hdfs, owner, '/new.txt', 'new')).toBe(201);
    });

    it("the seed system's Kafka runs too", async () => {
      const kafka = await startKafka({ ...options(), version: '3.4.0' });
      expect(await createTopic(kafka, 'old')).toBe(0);
      await kafka.stop();
    });

    it('two `up` at once end with one engine', async () => {
      const [one, two] = await Promise.all([main(['up', 'kafka', '--json']), main(['up', 'kafka', '--json'])]);
      expect([one.code, two.code]).toEqual([0, 0]);
      expect(one.stdout).toBe(two.stdout);
      expect(processesOf(home)).toHaveLength(1);
    });

    it('an interrupted `up` leaves nothing running', async () => {
      const { code, stderr } = await main(['up'], /starting \w+ [^]*starting \w+ /);
      expect(code, stderr).toBe(130);
      expect(processesOf(home)).toEqual([]);
      expect(runningEngines(home)).toEqual({});
    });

    it('a taken port is left to who has it', async () => {
      const first = await startKafka(options());
      await first.stop();
      const port = Number(first.brokers.split(':')[1]);
      const taken = createServer().listen(port, '127.0.0.1');
      await once(taken, 'listening');
      const second = await startKafka(options());
      expect(second.brokers).not.toBe(first.brokers);
      await second.stop();
      taken.close();
    });
  });
});

/** Resolves when somebody listens at an address, with or without a scheme. */
async function connected(address: string): Promise<void> {
  const { hostname, port } = new URL(address.includes('://') ? address.replace(/^\w+:/, 'http:') : `http://${address}`);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}

async function withClient<T>(address: string, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection }));
  } finally {
    await connection.close();
  }
}
