// First ingest beside `git clone --mirror`: until the visit is written, until the index has it, and the share of each step.
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { git } from '../git/process.ts';
import { median, timed, type Bench, type Row, type Surroundings } from './bench.ts';
import { titleOf } from './repositories.ts';
import type { Pivo } from '../test/harness/pivo.ts';
import { withPivo } from './with-pivo.ts';

const ROUNDS = 3;

export const ingestBench: Bench = {
  name: 'ingest',
  title: `First ingest beside git clone --mirror, median of ${ROUNDS} rounds`,
  run: ({ scratch, repositories }) => withPivo(scratch, async (pivo) => (await eachOf(repositories, (repository) => measure(pivo, scratch, repository))).flat()),
};

async function eachOf<T>(values: string[], act: (value: string) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (const value of values) results.push(await act(value));
  return results;
}

interface Round {
  clone: number;
  protected: number;
  indexed: number;
  steps: Map<string, number>;
}

async function measure(pivo: Pivo, scratch: Surroundings['scratch'], repository: string): Promise<Row[]> {
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await oneRound(pivo, scratch, repository, `bench-${rounds.length}-${Date.now().toString(36)}`));
  const title = await titleOf(repository);
  const of = (pick: (round: Round) => number): number => median(rounds.map(pick));
  const clone = of((round) => round.clone);
  const beside = { name: 'clone --mirror', value: clone };
  return [
    { what: `${title}: protected`, unit: 's', pivo: of((round) => round.protected), beside, allowed: 1.15 * clone + 1.5 },
    { what: `${title}: indexed`, unit: 's', pivo: of((round) => round.indexed), beside, allowed: 1.5 * clone + 2.5 },
    ...[...(rounds[0]?.steps.keys() ?? [])].map((step): Row => ({ what: `  of it ${step}`, unit: 's', pivo: of((round) => round.steps.get(step) ?? 0) })),
  ];
}

async function oneRound(pivo: Pivo, scratch: string, repository: string, name: string): Promise<Round> {
  const target = join(scratch, `${name}-clone.git`);
  const clone = await timed(() => git(['clone', '--quiet', '--mirror', pathToFileURL(repository).href, target], { protocols: ['file'] }));
  await rm(target, { recursive: true, force: true });
  const start = Date.now();
  const { seconds, result } = await timed(() => pivo.json<{ indexed: boolean }>('ingest', repository, '--name', name));
  if (!result.indexed) throw new Error(`${name} was not indexed when the command ended`);
  const visit = join(pivo.home, 'archive', 'backups', name, 'visits', '1.json');
  return { clone: clone.seconds, protected: ((await stat(visit)).mtimeMs - start) / 1000, indexed: seconds, steps: await stepsOf(pivo, name) };
}

interface HistoryEvent {
  eventTime: string;
  activityTaskScheduledEventAttributes?: { activityType: { name: string } };
  activityTaskCompletedEventAttributes?: { scheduledEventId: string };
  eventId: string;
}

/** Seconds of each activity from scheduled to completed, from the workflow's own history. */
async function stepsOf(pivo: Pivo, name: string): Promise<Map<string, number>> {
  const { events } = JSON.parse(await pivo.text('temporal', 'workflow', 'show', '--workflow-id', `ingest:${name}`, '--output', 'json')) as { events: HistoryEvent[] };
  const scheduled = new Map(events.flatMap((event) => (event.activityTaskScheduledEventAttributes === undefined ? [] : [[event.eventId, event] as const])));
  return new Map(
    events.flatMap((event): [string, number][] => {
      const start = scheduled.get(event.activityTaskCompletedEventAttributes?.scheduledEventId ?? '');
      if (start === undefined) return [];
      return [[start.activityTaskScheduledEventAttributes?.activityType.name ?? '', (Date.parse(event.eventTime) - Date.parse(start.eventTime)) / 1000]];
    }),
  );
}
