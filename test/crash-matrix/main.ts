// Entry of `npm run crashes -- --seed N --runs R [--engines]`: runs of the crash matrix, what broke, and the command that repeats it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startCrashEngines } from './engines.ts';
import { ENGINE_MATRIX, MATRIX } from './faults.ts';
import { planFault, planRun } from './plan.ts';
import { crashRun } from './run.ts';
import { startCrashStack } from './stack.ts';

const { values } = parseArgs({ options: { seed: { type: 'string' }, runs: { type: 'string' }, run: { type: 'string' }, fault: { type: 'string' }, engines: { type: 'boolean', default: false }, keep: { type: 'boolean', default: false } } });
/** `--engines`: on real HDFS and Kafka, which are killed too. */
const matrix = values.engines ? [...MATRIX, ...ENGINE_MATRIX] : MATRIX;
/** `--fault CALL:AT:EFFECT`: this one instead of those of the seed, `create:audit/:full`. */
const fault = values.fault === undefined ? undefined : matrix.find(({ call, at, effect }) => `${call}:${at}:${effect}` === values.fault);
if (values.fault !== undefined && fault === undefined) throw new Error(`no such fault; there are ${matrix.map(({ call, at, effect }) => `${call}:${at}:${effect}`).join(' ')}`);
const seed = Number.parseInt(values.seed ?? String(Date.now() % 1_000_000), 10);
const first = values.run === undefined ? 0 : Number.parseInt(values.run, 10);
const last = values.run === undefined ? Number.parseInt(values.runs ?? (fault === undefined ? '200' : '1'), 10) : first + 1;
/** A home does not grow with the night. */
const RUNS_A_HOME = 20;

const say = (text: string): unknown => process.stdout.write(`${text}\n`);
say(`seed ${seed}, runs ${first} to ${last - 1}, ${(values.engines ? ENGINE_MATRIX : MATRIX).length} faults in the matrix`);
const engines = values.engines ? await startCrashEngines() : undefined;
let [broken, struck, killed] = [0, 0, 0];
for (let from = first; from < last; from += RUNS_A_HOME) {
  const home = await mkdtemp(join(tmpdir(), 'pivo-crash-'));
  await engines?.empty();
  const stack = await startCrashStack(home, engines);
  let clean = true;
  for (let run = from; run < Math.min(last, from + RUNS_A_HOME); run++) {
    const began = Date.now();
    const outcome = await crashRun(stack, fault === undefined ? planRun(seed, run, values) : planFault(fault, seed + run));
    const ok = outcome.broken.length === 0;
    clean &&= ok;
    struck += outcome.struck;
    if (!ok) broken += 1;
    say(`${ok ? 'ok    ' : 'BROKEN'} run ${run} (${((Date.now() - began) / 1000).toFixed(1)} s): ${outcome.told.filter((line) => !line.startsWith(' ')).slice(1).join('; ')}`);
    if (ok) continue;
    for (const line of [...outcome.told, ...outcome.broken]) say(`         ${line}`);
    say(`         repeat: npm run crashes -- --seed ${seed} --run ${run}${values.engines ? ' --engines' : ''}${fault === undefined ? '' : ` --fault ${values.fault}`}`);
  }
  killed += stack.enginesKilled();
  await stack.stop();
  if (clean && !values.keep) await rm(home, { recursive: true, force: true });
  else say(`         the home is kept: ${home}`);
}
await engines?.stop();
say(`${last - first} runs, ${struck} faults struck, Temporal and engines killed ${killed} times, ${broken} runs broken`);
process.exit(broken === 0 ? 0 : 1);
