// Weeks of starts, as a real Temporal server computes them: against the cron expression in its time zone, over both changes of the clock, within the jitter; and made up for.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scheduleId } from '../../contract/names.ts';
import type { OperationContext } from '../../operations/operation.ts';
import { scheduleAdd } from '../../operations/schedule-add.ts';
import { scheduleBackfill } from '../../operations/schedule-backfill.ts';
import { scheduleShow } from '../../operations/schedule-list.ts';
import { startTemporalServer } from '../../stack/temporal-server.ts';
import { callOperation } from '../harness/operations.ts';
import { NAMESPACE, startTemporal, temporalCli, type TestTemporal } from '../harness/temporal.ts';
import { homeOn, instantFleets, sourceIn } from './home.ts';

let temporal: TestTemporal;
let context: OperationContext;

beforeAll(async () => {
  temporal = await startTemporal();
  context = homeOn(temporal);
});
afterAll(() => temporal.stop());

const DAY = 86_400_000;
const MINUTE = 60_000;

/** The clock of a zone: `2026-10-25 02:30`. */
const clockOf = (zone: string): Intl.DateTimeFormat => new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });

/** Minutes of a span at which the clock of the zone says `HH:MM`: looked for one by one, with the zone's rules as Node has them. */
function minutesAt(zone: string, clock: string, from: number, to: number): string[] {
  const found: string[] = [];
  const shown = clockOf(zone);
  for (let time = from; time <= to; time += 15 * MINUTE) if (shown.format(time).endsWith(` ${clock}`)) found.push(new Date(time).toISOString());
  return found;
}

/** The starts that a schedule has in a span, asked for by a backfill that starts one run. */
async function due(input: object, from: string, to: string): Promise<string[]> {
  const source = sourceIn(context);
  await callOperation(scheduleAdd, context, { source, jitter: '0s', ...input });
  return (await callOperation(scheduleBackfill, context, { source, from, to })).due;
}

describe('six weeks of a cron expression in a time zone', () => {
  it.each([
    ['Europe/Paris', '03:30', '2026-03-08', '2026-04-19'],
    ['Europe/Paris', '03:30', '2025-10-05', '2025-11-16'],
    ['America/New_York', '23:15', '2026-02-15', '2026-03-29'],
    ['Australia/Lord_Howe', '04:00', '2026-03-15', '2026-04-26'], // its summer time is half an hour
    ['Asia/Kolkata', '03:30', '2026-03-08', '2026-04-19'],
  ])('start every day when clocks in %s say %s, on both sides of a change of the clock (%s to %s)', async (timeZone, clock, from, to) => {
    const [hour, minute] = clock.split(':').map(Number);
    const starts = await due({ cron: `${minute} ${hour} * * *`, timeZone }, from, to);
    expect(starts).toEqual(minutesAt(timeZone, clock, Date.parse(`${from}T00:00Z`), Date.parse(`${to}T23:59:59Z`)));
    expect(starts.length).toBeGreaterThanOrEqual(42);
  });

  it('have no start on the day whose clock skips it, and one on the day that has it twice', async () => {
    const spring = await due({ cron: '30 2 * * *', timeZone: 'Europe/Paris' }, '2026-03-27', '2026-03-31');
    expect(spring.map((time) => clockOf('Europe/Paris').format(Date.parse(time)))).toEqual(['2026-03-27 02:30', '2026-03-28 02:30', '2026-03-30 02:30', '2026-03-31 02:30']);
    const autumn = await due({ cron: '30 2 * * *', timeZone: 'Europe/Paris' }, '2025-10-25', '2025-10-27');
    expect(autumn).toEqual(['2025-10-25T00:30:00.000Z', '2025-10-26T01:30:00.000Z', '2025-10-27T01:30:00.000Z']);
  });

  it('are those of working days where the expression says so', async () => {
    const starts = await due({ cron: '0 6 * * 1-5', timeZone: 'America/Sao_Paulo' }, '2026-06-01', '2026-07-12');
    expect(starts).toHaveLength(30);
    for (const time of starts) expect(new Date(time)).toSatisfy((date: Date) => date.getUTCHours() === 9 && date.getUTCDay() >= 1 && date.getUTCDay() <= 5);
  });
});

describe('six weeks of a span', () => {
  it('start each time that long after the last, whatever the clocks do', async () => {
    const starts = (await due({ every: '12h' }, '2026-03-08', '2026-04-18')).map((time) => Date.parse(time));
    expect(starts).toHaveLength(84);
    expect(new Set(starts.slice(1).map((time, i) => time - (starts[i] ?? 0)))).toEqual(new Set([DAY / 2]));
  });

  it('are late by chance, by less than the jitter, and never the same for two schedules', async () => {
    const lateness = async (): Promise<number[]> => (await due({ every: '1d', jitter: '20m' }, '2026-03-08', '2026-04-18T23:00Z')).map((time) => Date.parse(time) % DAY);
    const [one, two] = [await lateness(), await lateness()];
    expect([one.length, two.length]).toEqual([42, 42]);
    for (const late of [...one, ...two]) expect(late).toBeLessThan(20 * MINUTE);
    expect(new Set(one).size).toBeGreaterThan(35);
    expect(one).not.toEqual(two);
  });
});

it('a backfill of three weeks has a run for each start, one after another', async () => {
  const source = sourceIn(context);
  const stop = await instantFleets(temporal.server);
  await callOperation(scheduleAdd, context, { source, cron: '30 3 * * *', timeZone: 'Europe/Paris', jitter: '0s' });
  const filled = await callOperation(scheduleBackfill, context, { source, from: '2026-10-12T01:30Z', to: '2026-11-01', each: true });
  expect(filled).toMatchObject({ runs: 21, due: minutesAt('Europe/Paris', '03:30', Date.parse('2026-10-12T00:00Z'), Date.parse('2026-11-01T23:59Z')) });
  await expect.poll(async () => (await callOperation(scheduleShow, context, { source })).starts, { timeout: 60_000 }).toBe(21);
  await expect.poll(async () => (await runsOf(source)).filter(({ ended }) => ended !== undefined).length, { timeout: 30_000 }).toBe(21);
  const runs = await runsOf(source);
  expect(runs.map(({ due }) => due)).toEqual(filled.due);
  for (const [i, { started }] of runs.entries()) if (i > 0) expect(started).toBeGreaterThanOrEqual(runs[i - 1]?.ended ?? Number.POSITIVE_INFINITY);
  await stop();
});

/** The runs of a schedule in the order of what they were due at, which their ids end with. */
async function runsOf(source: string): Promise<{ due: string; started: number; ended: number | undefined }[]> {
  const runs: { due: string; started: number; ended: number | undefined }[] = [];
  for await (const { workflowId, startTime, closeTime } of temporal.client.workflow.list({ query: `TemporalScheduledById = '${scheduleId(source, 'fleet')}'` })) {
    runs.push({ due: new Date(workflowId.slice(`fleet:${source}-`.length)).toISOString(), started: startTime.getTime(), ended: closeTime?.getTime() });
  }
  return runs.sort((a, b) => (a.due < b.due ? -1 : 1));
}

describe('while Temporal is down', () => {
  it('starts are missed: within the catch-up window they happen late, beyond it they are counted', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pivo-missed-'));
    const serve = async (): Promise<{ address: string; context: OperationContext; stop(): Promise<void> }> => {
      const server = await startTemporalServer({ cli: await temporalCli(), dbFile: join(folder, 'temporal.db'), ui: false, logFile: join(folder, 'temporal.log'), namespace: NAMESPACE, searchAttributes: {} });
      const connection = await Connection.connect({ address: server.address });
      const client = new Client({ connection, namespace: NAMESPACE });
      return { address: server.address, context: { ...homeOn(temporal), temporal: async () => client }, stop: async () => (await connection.close(), server.stop()) };
    };
    const first = await serve();
    const [kept, lost] = [sourceIn(first.context), sourceIn(first.context)];
    await callOperation(scheduleAdd, first.context, { source: kept, every: '10s', jitter: '0s', overlap: 'buffer-all' });
    await callOperation(scheduleAdd, first.context, { source: lost, every: '10s', jitter: '0s', catchUp: '10s' });
    await first.stop();
    const downSince = Date.now();
    await expect.poll(() => Date.now() - downSince, { timeout: 60_000 }).toBeGreaterThan(25_000);
    const second = await serve();
    await expect.poll(async () => (await callOperation(scheduleShow, second.context, { source: lost })).missed.beyondCatchUp, { timeout: 30_000 }).toBeGreaterThanOrEqual(1);
    const end = await instantFleets(second);
    await expect.poll(async () => (await callOperation(scheduleShow, second.context, { source: kept })).runs.filter(({ late, state }) => late >= 5 && state === 'completed').length, { timeout: 30_000 }).toBeGreaterThanOrEqual(1);
    expect(await callOperation(scheduleShow, second.context, { source: kept })).toMatchObject({ missed: { beyondCatchUp: 0, overlap: 0 } });
    await end();
    await second.stop();
    await rm(folder, { recursive: true, force: true });
  });
});
