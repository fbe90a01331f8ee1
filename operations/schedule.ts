// What the schedule operations share: which schedule is meant, what is done with it, and its failures.
import type { Client, ScheduleHandle } from '@temporalio/client';
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';
import { RepositoryName, scheduleId } from '../contract/names.ts';
import { SourceName } from '../contract/source.ts';
import type { OperationContext } from './operation.ts';

/** What a schedule starts. */
export const Scheduled = z.enum(['ingest', 'verify', 'drill', 'fleet']);
export type Scheduled = z.infer<typeof Scheduled>;

/** `*`: all repositories together. */
const ScheduledName = z.union([RepositoryName, z.literal('*')]);

/** The fields that say which schedule is meant: of a repository, of all, or of a source. */
export const Which = {
  repository: ScheduledName.optional().describe('A repository that was backed up once; "*": all together, for drills and verifications.'),
  source: SourceName.optional().describe('A source, all of whose repositories are backed up. Instead of `repository`.'),
  what: Scheduled.optional().describe('What each start does. Default: `ingest` for a repository, `fleet` for a source.'),
};

type WhichInput = { repository?: string | undefined; source?: string | undefined; what?: Scheduled | undefined };

/** The rules over the fields of `Which`, each with its sentence. */
export const WHICH_RULES: readonly (readonly [(which: WhichInput) => boolean, string])[] = [
  [({ repository, source }) => (repository === undefined) !== (source === undefined), 'name either a repository or a source'],
  [({ source, what = 'fleet' }) => source === undefined || what === 'fleet', 'what is started of a source is always `fleet`'],
  [({ repository, what }) => repository === undefined || what !== 'fleet', '`fleet` is for a source, not for a repository'],
  [({ repository, what = 'ingest' }) => repository !== '*' || what !== 'ingest', 'name the repository to back up'],
];

/** The schema of an input that names a schedule, with those rules. */
export function whichInput<Shape extends z.ZodRawShape>(more: Shape): z.ZodObject<typeof Which & Shape, z.core.$strict> {
  return WHICH_RULES.reduce((schema, [rule, message]) => schema.refine((input) => rule(input as WhichInput), message), z.strictObject({ ...Which, ...more }));
}

/** Which schedule: what it starts, and of whom. One of the two names is null. */
export interface ScheduleOf {
  /** `*`: all. */
  repository: string | null;
  source: string | null;
  what: Scheduled;
}

export function ofInput({ repository = null, source = null, what = source === null ? 'ingest' : 'fleet' }: { [Name in keyof WhichInput]: WhichInput[Name] | null }): ScheduleOf {
  return { repository, source, what: what ?? 'ingest' };
}

const idOf = ({ repository, source, what }: ScheduleOf): string => scheduleId(source ?? repository ?? '', what);

/** The schedule that an id is of; null when it is not one of ours. */
export function ofId(id: string): ScheduleOf | null {
  const [, what, name] = /^(ingest|verify|drill|fleet)-schedule:(.+)$/.exec(id) ?? [];
  if (name === undefined) return null;
  return what === 'fleet' ? { repository: null, source: name, what } : { repository: name, source: null, what: Scheduled.parse(what) };
}

/** As people say it. */
export const nameOf = ({ repository, source }: Pick<ScheduleOf, 'repository' | 'source'>): string => (source !== null ? `source ${source}` : repository === '*' ? 'all repositories' : (repository ?? ''));

export function scheduleOf(client: Client, of: ScheduleOf): ScheduleHandle {
  return client.schedule.getHandle(idOf(of));
}

/** The flags that name a schedule on the command line. */
function flagsOf({ repository, source, what }: ScheduleOf): string {
  const who = source !== null ? `--source ${source}` : repository === '*' ? '--all' : repository;
  return `${who}${what === 'drill' || what === 'verify' ? ` --${what}` : ''}`;
}

/** INVALID_ARGUMENT of gRPC's status codes. */
const INVALID_ARGUMENT = 3;

/** The schedule's own failures as kinds; `of` says whose it is, null: the schedules as such were asked for. */
export function scheduleFailure(error: unknown, of: ScheduleOf | null): PivoError {
  if (error instanceof PivoError) return error;
  const { name, message } = error as { name?: string; message?: string };
  const who = of === null ? 'the repositories' : nameOf(of);
  if (of !== null && name === 'ScheduleNotFoundError') return new PivoError('NotFound', `${who} has no schedule`, { hint: `Make one: pivo schedule add ${flagsOf(of)} --every ${of.source === null ? '6h' : '1d'}`, cause: error });
  if (of !== null && name === 'ScheduleAlreadyRunning') return new PivoError('Exists', `${who} has a schedule already`, { hint: `Remove it first (pivo schedule remove ${flagsOf(of)}), or edit it in the Temporal UI.`, cause: error });
  const { code, details } = (error as { cause?: { code?: number; details?: string } }).cause ?? (error as { code?: number; details?: string });
  const said = details ?? message ?? String(error);
  if (error instanceof TypeError || code === INVALID_ARGUMENT) return new PivoError('InvalidInput', `the schedule of ${who}: ${said}`, { hint: 'A cron expression has five fields: minute hour day month weekday.', cause: error });
  return new PivoError('Unavailable', `Temporal could not be asked about the schedule of ${who}: ${said}`, { hint: 'See `pivo status`.', cause: error });
}

/** Does one thing with a schedule. Fails with NotFound when there is none. */
export async function withSchedule<T>(context: OperationContext, input: WhichInput, act: (schedule: ScheduleHandle, client: Client, of: ScheduleOf) => Promise<T>): Promise<T> {
  const client = await context.temporal();
  const of = ofInput(input);
  try {
    return await act(scheduleOf(client, of), client, of);
  } catch (error) {
    throw scheduleFailure(error, of);
  }
}
