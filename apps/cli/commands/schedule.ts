// `schedule`: back repositories and sources up, drill or verify them again and again, as Temporal Schedules.
import type { Command } from 'commander';
import { PivoError } from '../../../contract/failures.ts';
import type { Backfill } from '../../../operations/schedule-backfill.ts';
import type { ScheduleDetails } from '../../../operations/schedule-list.ts';
import type { ScheduleView } from '../../../operations/schedule-view.ts';
import { many } from '../format.ts';
import { example, JSON_OPTION } from '../help.ts';
import { wholeNumber } from '../numbers.ts';
import type { Act } from '../program.ts';
import { DONE, detailsText, listText, nameOf, viewText } from '../schedule-text.ts';

interface AddOptions {
  every?: string;
  cron?: string;
  timeZone?: string;
  jitter?: string;
  catchUp?: string;
  overlap?: string;
  credential?: string;
  checkout?: string;
  parts?: number;
}

/** Which schedule is meant. */
interface WhichOptions {
  source?: string;
  all?: boolean;
  drill?: boolean;
  verify?: boolean;
}

const WHICH = [
  ['--source <name>', 'all repositories of a source (`pivo source list`)'],
  ['--all', 'all repositories together, for --drill and --verify'],
  ['--drill', 'restore drills instead of backups'],
  ['--verify', 'verifications instead of backups'],
] as const;

/** The input that names a schedule. Fails with InvalidInput. */
function which(repository: string | undefined, { source, all, drill, verify }: WhichOptions): { repository?: string; source?: string; what?: ScheduleView['what'] } {
  if ([repository !== undefined, source !== undefined, all === true].filter(Boolean).length !== 1) throw new PivoError('InvalidInput', 'name one repository, or give --source NAME or --all', { hint: '`pivo repos` lists repositories, `pivo source list` sources.' });
  if (drill === true && verify === true) throw new PivoError('InvalidInput', 'give either --drill or --verify', { hint: 'Each has a schedule of its own.' });
  const what = drill === true ? { what: 'drill' as const } : verify === true ? { what: 'verify' as const } : {};
  return source === undefined ? { repository: repository ?? '*', ...what } : { source, ...what };
}

const withWhich = (command: Command): Command => WHICH.reduce((each, [flag, text]) => each.option(flag, text), command.argument('[repo]', 'a repository that was backed up once'));

export function addScheduleCommands(program: Command, act: Act): void {
  const schedule = program.command('schedule').description('back repositories and sources up, drill or verify them again and again');
  addAdd(schedule, act);
  addLooks(schedule, act);
  addOn(schedule, act, 'pause', 'hold a schedule until it is resumed', 'is paused');
  addOn(schedule, act, 'resume', 'let a paused schedule start runs again', 'goes on');
  addOn(schedule, act, 'run', 'start what is scheduled now', 'is started now');
  addBackfill(schedule, act);
  withWhich(schedule.command('remove').description('remove a schedule; what was backed up stays'))
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo schedule remove execa', 'pivo schedule remove --source acme'))
    .action(act(async (session, repository: string | undefined, of: WhichOptions) => {
      const removed = await session.call<Parameters<typeof nameOf>[0]>('schedule-remove', which(repository, of));
      await session.answer(removed, () => `${session.style.green('✓')} ${nameOf(removed)} has no schedule any more\n`);
    }));
}

function addAdd(schedule: Command, act: Act): void {
  withWhich(schedule.command('add').description('back a repository or a source up, drill or verify, every so often or at the times of a cron expression'))
    .option('--every <span>', 'a number and a unit: 90s, 30m, 6h, 1d, 2w; counted in UTC')
    .option('--cron <expression>', 'minute hour day month weekday, or @daily and the like')
    .option('--time-zone <name>', 'the zone that --cron is meant in, such as Europe/Paris (default: UTC)')
    .option('--jitter <span>', 'start up to this much later, by chance; 0s: on time (default: 1m)')
    .option('--catch-up <span>', 'make up for starts missed by less than this (default: 1d)')
    .option('--overlap <policy>', 'a start while a run goes on: skip, buffer-one, buffer-all, cancel-other (default: skip)')
    .option('-c, --credential <name>', 'a credential stored with `pivo credential add`; a source has its own')
    .option('--parts <n>', 'with --verify: read one of so many parts at each start (default: 1)', wholeNumber)
    .option('--checkout <policy>', 'lay out the files of HEAD: auto, files, har or none (default: auto; of a source: none)')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo schedule add execa --every 6h', 'pivo schedule add --source acme --cron "30 3 * * *" --time-zone Europe/Paris --jitter 20m', 'pivo schedule add --all --drill --every 1w', 'pivo schedule add --all --verify --parts 30 --every 1d --overlap buffer-one'))
    .action(act(async (session, repository: string | undefined, { source, all, drill, verify, ...given }: AddOptions & WhichOptions) => {
      const { every, cron, timeZone, jitter, catchUp, overlap, credential, checkout, parts } = given;
      const named = Object.entries({ every, cron, timeZone, jitter, catchUp, overlap, credential, checkout, parts }).filter(([, value]) => value !== undefined);
      const of = which(repository, { ...(source === undefined ? {} : { source }), ...(all === true && { all }), ...(drill === true && { drill }), ...(verify === true && { verify }) });
      const view = await session.call<ScheduleView>('schedule-add', { ...of, ...Object.fromEntries(named) });
      await session.answer(view, () => viewText(`is ${DONE[view.what]}`, view, session.style));
    }));
}

function addLooks(schedule: Command, act: Act): void {
  schedule
    .command('list')
    .description('the schedules: next and last start (UTC), and how many starts were missed')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo schedule list'))
    .action(act(async (session) => {
      const views = await session.call<ScheduleView[]>('schedule-list', {});
      await session.answer(views, () => listText(views, session.style));
    }));
  withWhich(schedule.command('show').description('one schedule: its next starts, its last runs and what became of them, what was missed'))
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo schedule show execa', 'pivo schedule show --source acme'))
    .action(act(async (session, repository: string | undefined, of: WhichOptions) => {
      const details = await session.call<ScheduleDetails>('schedule-show', which(repository, of));
      await session.answer(details, () => detailsText(details, session.style));
    }));
}

function addOn(schedule: Command, act: Act, verb: 'pause' | 'resume' | 'run', description: string, done: string): void {
  withWhich(schedule.command(verb).description(description))
    .option(...JSON_OPTION)
    .addHelpText('after', example(`pivo schedule ${verb} execa`, `pivo schedule ${verb} --source acme`))
    .action(act(async (session, repository: string | undefined, of: WhichOptions) => {
      const view = await session.call<ScheduleView>(`schedule-${verb}`, which(repository, of));
      await session.answer(view, () => viewText(done, view, session.style));
    }));
}

const BACKFILL_HELP = `
A backup finds what the origin is now, not what it was when a start was missed. So one run stands for all of them; --each
starts one for each start that was due in the span, also for those that happened then, one after another. That is of use
where each run does a further part: verifications with --parts.
`;

function addBackfill(schedule: Command, act: Act): void {
  withWhich(schedule.command('backfill').description('make up for starts that were due in a past span'))
    .requiredOption('--from <instant>', 'ISO 8601, UTC without a zone; a date alone is its beginning')
    .requiredOption('--to <instant>', 'a date alone is its end; not after now')
    .option('--each', 'a run for each start that was due, instead of one for all')
    .option(...JSON_OPTION)
    .addHelpText('after', `${BACKFILL_HELP}${example('pivo schedule backfill --source acme --from 2026-11-01 --to 2026-11-07', 'pivo schedule backfill --all --verify --from 2026-11-01 --to 2026-11-07 --each')}`)
    .action(act(async (session, repository: string | undefined, { from, to, each, ...of }: WhichOptions & { from: string; to: string; each?: true }) => {
      const filled = await session.call<Backfill>('schedule-backfill', { ...which(repository, of), from, to, ...(each === true && { each }) });
      const { due, runs, schedule: view } = filled;
      const started = runs === due.length && each === true ? `${many(runs, 'run')}, one after another` : 'one run, which stands for all of them, unless one is going on';
      await session.answer(filled, () => viewText(`was due ${many(due.length, 'time')} then; started now: ${started}`, view, session.style));
    }));
}
