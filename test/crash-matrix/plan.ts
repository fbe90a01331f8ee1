// What a run does, decided by its seed and number alone: how the origin changes, what is asked for, and what goes wrong when.
import { randomNumbers } from '../fixtures/random.ts';
import { ENGINES, ENGINE_MATRIX, MATRIX, faultName, type Fault } from './faults.ts';
import type { Part } from './stack.ts';

/** What goes wrong during a job. `after`: milliseconds after its start. */
export type Trouble = { fault: Fault } | { kill: Part; after: number };

export interface Job {
  kind: 'ingest' | 'restore';
  /** Numbers that decide how the origin changes before an ingest. */
  change: number[];
  trouble: Trouble | null;
}

export interface RunPlan {
  seed: number;
  run: number;
  jobs: Job[];
}

/** Jobs after the first. */
const JOBS = 3;
/** How long after the start of a job something is killed, at most: about as long as one takes. */
const LONGEST_WAIT_MS = { embedded: 1_200, engines: 3_000 };

/** The first fault of run k is the k-th of the matrix, in an order that the seed decides: as many runs as faults cover all. With `engines`, the faults that kill engines. */
export function planRun(seed: number, run: number, { engines = false }: { engines?: boolean } = {}): RunPlan {
  const order = shuffled(engines ? ENGINE_MATRIX : MATRIX, seed);
  const random = randomNumbers((seed * 1_000_003 + run * 7_919) >>> 0);
  const pick = (count: number): number => Math.floor(random() * count);
  const mortal: readonly Part[] = engines ? ['worker', 'metadata', ...ENGINES] : ['worker', 'worker', 'metadata', 'temporal'];
  const kill = (): Trouble => ({ kill: mortal[pick(mortal.length)] ?? 'worker', after: pick(engines ? LONGEST_WAIT_MS.engines : LONGEST_WAIT_MS.embedded) });
  const matrix = engines ? [...MATRIX, ...ENGINE_MATRIX] : MATRIX;
  const anyFault = (kind: Job['kind']): Trouble => {
    const possible = matrix.filter((fault) => strikes(fault, kind));
    return { fault: { ...(possible[pick(possible.length)] as Fault), nth: pick(4) === 0 ? 2 : 1 } };
  };
  const change = (): number[] => Array.from({ length: 8 }, () => pick(2 ** 20));
  const first = { fault: order[run % order.length] as Fault } satisfies Trouble;
  const job = (kind: Job['kind'], trouble: Trouble | null, numbers = change()): Job => ({ kind, change: numbers, trouble });
  const destroying = first.fault.at === 'decisions/' ? change().with(1, 1) : undefined;
  const jobs = [job('ingest', null), job(strikes(first.fault, 'ingest') ? 'ingest' : 'restore', first, destroying)];
  while (jobs.length < JOBS + 1) {
    const kind = pick(2) === 0 ? 'ingest' : 'restore';
    jobs.push(job(kind, [null, kill(), kill(), kill(), anyFault(kind), anyFault(kind)][pick(6)] ?? null));
  }
  return { seed, run, jobs };
}

/** What a restore alone writes or asks, and what an ingest alone does. */
const ONLY_RESTORE = ['create plan.json', 'create receipt.json', 'stat .pack'];
const BOTH = ['create audit/', 'publish audit-logs', 'list visits', 'open visits/', 'open snapshot.json', 'stat '];

/** True when a job of that kind comes by the fault's call. */
function strikes({ call, at }: Fault, kind: Job['kind']): boolean {
  const where = `${call} ${at}`;
  return BOTH.includes(where) || ONLY_RESTORE.includes(where) === (kind === 'restore');
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = randomNumbers(seed);
  return items.map((item) => ({ item, at: random() })).sort((a, b) => a.at - b.at).map(({ item }) => item);
}

export const troubleName = (trouble: Trouble | null): string => (trouble === null ? 'nothing' : 'fault' in trouble ? faultName(trouble.fault) : `kill ${trouble.kill} after ${trouble.after} ms`);

/** Ingest, an ingest and a restore under one fault, and what comes after it. */
export function planFault(fault: Fault, seed = 0): RunPlan {
  const random = randomNumbers(seed);
  const change = (): number[] => Array.from({ length: 8 }, () => Math.floor(random() * 2 ** 20)).with(1, 1); // a force-push: it also decides
  const job = (kind: Job['kind'], trouble: Trouble | null): Job => ({ kind, change: change(), trouble });
  return { seed, run: 0, jobs: [job('ingest', null), job('ingest', { fault }), job('restore', { fault }), job('ingest', null), job('restore', null)] };
}
