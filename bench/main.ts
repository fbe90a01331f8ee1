// Entry of the benches: `npm run bench -- [NAME…] [REPOSITORY…]` prints a table for each and leaves nothing behind.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { table, type Bench } from './bench.ts';
import { agentBench } from './agent.ts';
import { fleetBench } from './fleet.ts';
import { hdfsBench } from './hdfs.ts';
import { indexBench } from './index.ts';
import { ingestBench } from './ingest.ts';
import { kafkaBench } from './kafka.ts';
import { logsBench } from './logs.ts';
import { memoryBench } from './memory.ts';
import { readBench } from './read.ts';
import { generatedRepository, gitDirOf } from './repositories.ts';
import { restoreBench } from './restore.ts';
import { restoreAllBench } from './restore-all.ts';
import { rivalsBench } from './rivals.ts';
import { searchBench } from './search.ts';
import { serverBench } from './server.ts';
import { sparkBench } from './spark.ts';
import { spoolBench } from './spool.ts';
import { spoolPostgresBench } from './spool-postgres.ts';
import { storageBench } from './storage.ts';
import { tuningBench } from './tuning.ts';
import { unchangedBench } from './unchanged.ts';
import { webhooksBench } from './webhooks.ts';

const BENCHES: Bench[] = [ingestBench, restoreBench, restoreAllBench, unchangedBench, storageBench, readBench, memoryBench, indexBench, serverBench, searchBench, hdfsBench, kafkaBench, sparkBench, agentBench, rivalsBench, fleetBench, logsBench, tuningBench, spoolBench, webhooksBench, spoolPostgresBench];
const NAMES = BENCHES.map(({ name }) => name);

async function main(args: string[]): Promise<void> {
  const paths = args.filter((arg) => !NAMES.includes(arg));
  const chosen = BENCHES.filter(({ name }) => args.includes(name));
  const scratch = await mkdtemp(join(tmpdir(), 'pivo-bench-'));
  try {
    const repositories = [await generatedRepository(scratch), ...(await Promise.all(paths.map(gitDirOf)))];
    for (const bench of chosen.length === 0 ? BENCHES : chosen) console.log(`\n${bench.title}\n${table(await bench.run({ scratch, repositories }))}`);
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
}

const args = process.argv.slice(2);
const unknown = args.filter((arg) => !NAMES.includes(arg) && !existsSync(arg));
if (unknown.length === 0) await main(args);
else {
  console.error(`No bench and no path: ${unknown.join(', ')}. Benches are ${NAMES.join(', ')}.`);
  process.exitCode = 2;
}
