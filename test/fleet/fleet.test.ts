// A fleet in short: 100 repositories through one worker; `npm run bench -- fleet` is the same with 1,000 and a million commits.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPivo, type Pivo } from '../harness/pivo.ts';
import { backUpFleet, fleetName, largestHistory, makeFleet, workerMemory } from './fleet.ts';

const REPOSITORIES = 100;
const FIRST = 30;

let dir: string;
let pivo: Pivo;
type Memory = Awaited<ReturnType<typeof workerMemory>>;
let early: Memory;
let late: Memory;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-fleet-'));
  await makeFleet(join(dir, 'origins'), 0, REPOSITORIES);
  pivo = await startPivo(join(dir, 'h'));
  await backUpFleet(pivo, join(dir, 'origins'), 0, FIRST);
  early = await workerMemory(pivo);
  await backUpFleet(pivo, join(dir, 'origins'), FIRST, REPOSITORIES);
  late = await workerMemory(pivo);
}, 600_000);
afterAll(async () => {
  await pivo?.close();
  await rm(dir, { recursive: true, force: true });
}, 60_000);

test('every repository has its visit, and its commits are in the index', async () => {
  const states = await pivo.json<{ repository: string; visits: number }[]>('repos');
  expect(states.map(({ repository }) => repository)).toEqual(Array.from({ length: REPOSITORIES }, (_, n) => fleetName(n)));
  expect(states.every(({ visits }) => visits === 1)).toBe(true);
  await expect.poll(async () => (await pivo.json<{ rows: unknown[][] }>('query', 'SELECT count(DISTINCT repo_name), count(*) FROM commits')).rows, { timeout: 60_000 }).toEqual([[REPOSITORIES, 3 * REPOSITORIES]]);
});

test('the memory of the worker does not grow with the fleet', () => {
  expect(late.now).toBeLessThan(early.peak + 300); // garbage that waits for its collector; a leak of 5 MB a run would be more
  expect(late.peak).toBeLessThan(1_000);
});

test("no history comes near Temporal's limits", async () => {
  const { events, bytes } = await largestHistory(pivo, REPOSITORIES);
  expect(events).toBeGreaterThan(10);
  expect(events).toBeLessThan(1_000);
  expect(bytes).toBeLessThan(2 ** 20);
});
