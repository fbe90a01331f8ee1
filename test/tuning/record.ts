// Records the event logs that the tests read: `node test/tuning/record.ts [JOB…]`. What names the machine is left out.
import { readdir, readFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, zstdCompressSync } from 'node:zlib';
import { JOBS, runJob, sparkFor } from './spark-jobs.ts';

const FIXTURES = new URL('fixtures/', import.meta.url);

/** Properties that tell of the machine rather than of the job. */
const OF_THE_MACHINE = /host|bindAddress|port|dir|Java|repl|submit\.pyFiles|startTime|pythonExec|jars/i;

type Json = Record<string, unknown>;

const kept = (properties: unknown): Json => Object.fromEntries(Object.entries((properties ?? {}) as Json).filter(([name]) => !OF_THE_MACHINE.test(name)));

/** A copy of one event without addresses, paths and stacks. */
function withoutMachine(event: Json): Json {
  if (event['Event'] === 'SparkListenerEnvironmentUpdate') return { Event: event['Event'], 'Spark Properties': kept(event['Spark Properties']) };
  return JSON.parse(JSON.stringify(event, (name, value: unknown) => {
    if (name === 'Properties') return Object.fromEntries(Object.entries(value as Json).filter(([key]) => key === 'spark.sql.execution.id'));
    if (name === 'Details' || name === 'details') return '';
    if (name === 'Host' || name === 'Hosts') return '127.0.0.1';
    return ['Log Urls', 'Attributes', 'Block Manager ID', 'Resources', 'modifiedConfigs'].includes(name) ? undefined : value;
  })) as Json;
}

async function record(name: string, scratch: string): Promise<void> {
  const events = join(scratch, `events-${name}`);
  await mkdir(events);
  await runJob(await sparkFor(scratch), name, scratch, events);
  const [log = ''] = await readdir(events);
  const lines = (await readFile(join(events, log), 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as Json);
  const wanted = lines.filter(({ Event }) => !/BlockManager|ResourceProfile/.test(String(Event)));
  const text = wanted.map((event) => `${JSON.stringify(withoutMachine(event))}\n`).join('');
  const bytes = zstdCompressSync(text, { params: { [constants.ZSTD_c_compressionLevel]: 19 } });
  await writeFile(new URL(`${name}.zstd`, FIXTURES), bytes);
  process.stdout.write(`${name}: ${wanted.length} events, ${bytes.length} bytes\n`);
}

const scratch = await mkdtemp(join(tmpdir(), 'pivo-record-'));
try {
  for (const name of process.argv.length > 2 ? process.argv.slice(2) : Object.keys(JOBS)) await record(name, scratch);
} finally {
  await rm(scratch, { recursive: true, force: true });
}
