// `schedule`: back repositories up, drill or verify them again and again, as Temporal Schedules.
import type { Command } from 'commander';
import { PivoError } from '../../../contract/failures.ts';
import type { ScheduleView } from '../../../operations/schedule.ts';
import { duration, fields, instant, safeLine, table } from '../format.ts';
import { example, JSON_OPTION } from '../help.ts';
import { wholeNumber } from '../numbers.ts';
import type { Act } from '../program.ts';
import type { Style } from '../session.ts';

interface AddOptions {
  every?: string;
  cron?: string;
  jitter?: string;
  catchUp?: string;
  credential?: string;
  checkout?: string;
  parts?: number;
}

/** Which schedule is meant. */
interface WhichOptions {
  all?: boolean;
  drill?: boolean;
  verify?: boolean;
}

const WHICH = [['--all', 'all repositories together, for --drill and --verify'], ['--drill', 'restore drills instead of backups'], ['--verify', 'verifications instead of backups']] as const;

/** The input that names a schedule. Fails with InvalidInput. */
function which(repository: string | undefined, { all, drill, verify }: WhichOptions): { repository: string; what: ScheduleView['what'] } {
  if ((repository === undefined) !== (all === true)) throw new PivoError('InvalidInput', 'name one repository, or give --all', { hint: '`pivo repos` lists them.' });
  if (drill === true && verify === true) throw new PivoError('InvalidInput', 'give either --drill or --verify', { hint: 'Each has a schedule of its own.' });
  return { repository: repository ?? '*', what: drill === true ? 'drill' : verify === true ? 'verify' : 'ingest' };
}

const withWhich = (command: Command): Command => WHICH.reduce((each, [flag, text]) => each.option(flag, text), command);

export function addScheduleCommands(program: Command, act: Act): void {
  const schedule = program.command('schedule').description('back repositories up, drill or verify them again and again');
  withWhich(schedule.command('add').description('back a repository up, drill or verify it or all, every so often or at the times of a cron expression'))
    .argument('[repo]', 'a repository that was backed up once')
    .option('--every <span>', 'a number and a unit: 90s, 30m, 6h, 1d, 2w')
    .option('--cron <expression>', 'minute hour day month weekday, in UTC unless it starts with CRON_TZ=Zone')
    .option('--jitter <span>', 'start up to this much later, by chance (default: 1m)')
    .option('--catch-up <span>', 'make up for starts missed by less than this (default: 1d)')
    .option('-c, --credential <name>', 'a credential stored with `pivo credential add`')
    .option('--parts <n>', 'with --verify: read one of so many parts at each start (default: 1)', wholeNumber)
    .option('--checkout <policy>', 'lay out the files of HEAD: auto, files, har or none (default: auto)')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo schedule add execa --every 6h', 'pivo schedule add execa --cron "30 3 * * 1-5"', 'pivo schedule add --all --drill --every 1w', 'pivo schedule add --all --verify --parts 30 --every 1d'))
    .action(act(async (session, repository: string | undefined, { every, cron, jitter, catchUp, credential, checkout, parts, ...of }: AddOptions & WhichOptions) => {
      const given = Object.entries({ every, cron, jitter, catchUp, credential, checkout, parts }).filter(([, value]) => value !== undefined);
      const view = await session.call<ScheduleView>('schedule-add', { ...which(repository, of), ...Object.fromEntries(given) });
      await session.answer(view, () => viewText(`is ${DONE[view.what]}`, view, session.style));
    }));
  addOn(schedule, act, 'pause', 'hold a schedule until it is resumed', 'is paused');
  addOn(schedule, act, 'resume', 'let a paused schedule start runs again', 'goes on');
  addOn(schedule, act, 'run', 'start what is scheduled now', 'is started now');
  schedule
    .command('list')
    .description('the schedules, with their next and last start (UTC)')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo schedule list'))
    .action(act(async (session) => {
      const views = await session.call<ScheduleView[]>('schedule-list', {});
      await session.answer(views, () => listText(views, session.style));
    }));
  withWhich(schedule.command('remove').description('remove a schedule; what was backed up stays'))
    .argument('[repo]')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo schedule remove execa'))
    .action(act(async (session, repository: string | undefined, of: WhichOptions) => {
      const removed = await session.call<{ repository: string }>('schedule-remove', which(repository, of));
      await session.answer(removed, () => `${session.style.green('✓')} ${repository ?? 'all'} has no schedule any more\n`);
    }));
}

function addOn(schedule: Command, act: Act, verb: 'pause' | 'resume' | 'run', description: string, done: string): void {
  withWhich(schedule.command(verb).description(description))
    .argument('[repo]')
    .option(...JSON_OPTION)
    .addHelpText('after', example(`pivo schedule ${verb} execa`))
    .action(act(async (session, repository: string | undefined, of: WhichOptions) => {
      const view = await session.call<ScheduleView>(`schedule-${verb}`, which(repository, of));
      await session.answer(view, () => viewText(done, view, session.style));
    }));
}

function viewText(done: string, view: ScheduleView, style: Style): string {
  return `${style.green('✓')} ${style.bold(nameOf(view))} ${done}\n${fields([['When', whenText(view)], ['Next', nextText(view)], ['Last', instant(view.last)]], '  ')}`;
}

function listText(views: readonly ScheduleView[], style: Style): string {
  if (views.length === 0) return 'no schedules\n';
  return table(views, [
    { title: 'REPOSITORY', value: nameOf },
    { title: 'WHAT', value: ({ what }) => WHAT[what] },
    { title: 'WHEN', value: whenText },
    { title: 'NEXT', value: nextText },
    { title: 'LAST', value: ({ last }) => instant(last) },
    { title: 'ORIGIN', value: ({ origin }) => safeLine(origin) },
  ], style.dim);
}

const WHAT = { ingest: 'backup', drill: 'drill', verify: 'verify' };
const DONE = { ingest: 'backed up', drill: 'drilled', verify: 'verified' };
const nameOf = ({ repository }: ScheduleView): string => (repository === '*' ? 'all' : repository);

/** The server says `every 21600 s`. */
const whenText = ({ when }: ScheduleView): string => when.map((each) => safeLine(each.replace(/^every (\d+) s$/, (_all, seconds: string) => `every ${duration(Number(seconds))}`))).join(', ');

const nextText = ({ paused, next }: ScheduleView): string => (paused ? 'paused' : instant(next));
