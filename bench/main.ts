// Entry of the benches: `npm run bench -- [NAME…] [REPOSITORY…]` prints a table for each and leaves nothing behind.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { table, type Bench } from './bench.ts';
import { ingestBench } from './ingest.ts';
import { memoryBench } from './memory.ts';
import { readBench } from './read.ts';
import { generatedRepository, gitDirOf } from './repositories.ts';
import { restoreBench } from './restore.ts';
import { storageBench } from './storage.ts';
import { unchangedBench } from './unchanged.ts';

const BENCHES: Bench[] = [ingestBench, restoreBench, unchangedBench, storageBench, readBench, memoryBench];

async function main(args: string[]): Promise<void> {
  const unknown = args.filter((arg) => !existsSync(arg) && !BENCHES.some(({ name }) => name === arg));
  if (unknown.length > 0) throw new Error(`no bench and no path: ${unknown.join(', ')}; benches are ${BENCHES.map(({ name }) => name).join(', ')}`);
  const chosen = BENCHES.filter(({ name }) => args.includes(name));
  const paths = args.filter((arg) => !BENCHES.some(({ name }) => name === arg));
  const scratch = await mkdtemp(join(tmpdir(), 'pivo-bench-'));
  try {
    const repositories = [await generatedRepository(scratch), ...(await Promise.all(paths.map(gitDirOf)))];
    for (const bench of chosen.length === 0 ? BENCHES : chosen) console.log(`\n${bench.title}\n${table(await bench.run({ scratch, repositories }))}`);
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
}

await main(process.argv.slice(2));
