// Spark tuning: events of a large event log read a second of a processor, and the memory that takes, beside only unpacking and counting its lines.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Bench, Row } from './bench.ts';
import { costOf } from './cost.ts';
import { writeEventLog } from './event-log.ts';

const CLI = fileURLToPath(new URL('../apps/cli/main.ts', import.meta.url));

/** MB. What is kept does not grow with tasks; the collector lets garbage stand longer the longer it runs. */
const PEAK = 300;

/** The bench at a number of tasks. */
export function tuningBenchAt(tasks: number): Bench {
  return { name: 'tuning', title: `Spark tuning: the event log of ${tasks.toLocaleString('en')} tasks in gzip, by processor seconds`, run: ({ scratch }) => measure(scratch, tasks) };
}

export const tuningBench = tuningBenchAt(1_000_000);

async function measure(scratch: string, tasks: number): Promise<Row[]> {
  const [large, small] = [join(scratch, 'large.gz'), join(scratch, 'small.gz')];
  await writeEventLog(large, tasks);
  await writeEventLog(small, tasks / 10);
  const optimize = (path: string): ReturnType<typeof costOf> => costOf([process.execPath, CLI, 'optimize', path, '--json'], { env: { PIVO_HOME: join(scratch, 'no-home') } });
  const [pivo, tenth, counted] = [await optimize(large), await optimize(small), await costOf(['bash', '-c', 'gunzip -c "$1" | wc -l', 'bash', large])];
  const lines = Number((await promisify(execFile)('bash', ['-c', 'gunzip -c "$1" | wc -l', 'bash', large])).stdout);
  return [
    { what: `${lines.toLocaleString('en')} events`, unit: 'per second', pivo: lines / pivo.cpu, beside: { name: 'gunzip -c | wc -l', value: lines / counted.cpu } },
    { what: 'the same, processor', unit: 's', pivo: pivo.cpu, beside: { name: 'gunzip -c | wc -l', value: counted.cpu } },
    { what: 'peak memory', unit: 'MB', pivo: pivo.peak, beside: { name: 'of a tenth of the tasks', value: tenth.peak }, allowed: PEAK },
  ];
}
