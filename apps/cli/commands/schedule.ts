// `schedule`: back repositories up again and again, as Temporal Schedules.
import type { Command } from 'commander';
import type { ScheduleView } from '../../../operations/schedule.ts';
import { duration, fields, instant, safeLine, table } from '../format.ts';
import { example, JSON_OPTION } from '../help.ts';
import type { Act } from '../program.ts';
import type { Style } from '../session.ts';

interface AddOptions {
  every?: string;
  cron?: string;
  jitter?: string;
  catchUp?: string;
  credential?: string;
  checkout?: string;
}

export function addScheduleCommands(program: Command, act: Act): void {
  const schedule = program.command('schedule').description('back repositories up again and again');
  schedule
    .command('add')
    .description('back a repository up every so often, or at the times of a cron expression')
    .argument('<repo>', 'a repository that was backed up once')
    .option('--every <span>', 'a number and a unit: 90s, 30m, 6h, 1d, 2w')
    .option('--cron <expression>', 'minute hour day month weekday, in UTC unless it starts with CRON_TZ=Zone')
    .option('--jitter <span>', 'start up to this much later, by chance (default: 1m)')
    .option('--catch-up <span>', 'make up for starts missed by less than this (default: 1d)')
    .option('-c, --credential <name>', 'a credential stored with `pivo credential add`')
    .option('--checkout <policy>', 'lay out the files of HEAD: auto, files, har or none (default: auto)')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo schedule add execa --every 6h', 'pivo schedule add execa --cron "30 3 * * 1-5"'))
    .action(act(async (session, repository: string, { every, cron, jitter, catchUp, credential, checkout }: AddOptions) => {
      const given = Object.entries({ every, cron, jitter, catchUp, credential, checkout }).filter(([, value]) => value !== undefined);
      const view = await session.call<ScheduleView>('schedule-add', { repository, ...Object.fromEntries(given) });
      await session.answer(view, () => viewText('is backed up', view, session.style));
    }));
  addOn(schedule, act, 'pause', 'hold a schedule until it is resumed', 'is paused');
  addOn(schedule, act, 'resume', 'let a paused schedule start runs again', 'is backed up again');
  addOn(schedule, act, 'run', 'start the scheduled backup now', 'is being backed up now');
  schedule
    .command('list')
    .description('the schedules, with their next and last start (UTC)')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo schedule list'))
    .action(act(async (session) => {
      const views = await session.call<ScheduleView[]>('schedule-list', {});
      await session.answer(views, () => listText(views, session.style));
    }));
  schedule
    .command('remove')
    .description('remove a schedule; what was backed up stays')
    .argument('<repo>')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo schedule remove execa'))
    .action(act(async (session, repository: string) => {
      const removed = await session.call<{ repository: string }>('schedule-remove', { repository });
      await session.answer(removed, () => `${session.style.green('✓')} ${repository} has no schedule any more\n`);
    }));
}

function addOn(schedule: Command, act: Act, verb: 'pause' | 'resume' | 'run', description: string, done: string): void {
  schedule
    .command(verb)
    .description(description)
    .argument('<repo>')
    .option(...JSON_OPTION)
    .addHelpText('after', example(`pivo schedule ${verb} execa`))
    .action(act(async (session, repository: string) => {
      const view = await session.call<ScheduleView>(`schedule-${verb}`, { repository });
      await session.answer(view, () => viewText(done, view, session.style));
    }));
}

function viewText(done: string, view: ScheduleView, style: Style): string {
  return `${style.green('✓')} ${style.bold(view.repository)} ${done}\n${fields([['When', whenText(view)], ['Next', nextText(view)], ['Last', instant(view.last)]], '  ')}`;
}

function listText(views: readonly ScheduleView[], style: Style): string {
  if (views.length === 0) return 'no schedules\n';
  return table(views, [
    { title: 'REPOSITORY', value: ({ repository }) => repository },
    { title: 'WHEN', value: whenText },
    { title: 'NEXT', value: nextText },
    { title: 'LAST', value: ({ last }) => instant(last) },
    { title: 'ORIGIN', value: ({ origin }) => safeLine(origin) },
  ], style.dim);
}

/** The server says `every 21600 s`. */
const whenText = ({ when }: ScheduleView): string => when.map((each) => safeLine(each.replace(/^every (\d+) s$/, (_all, seconds: string) => `every ${duration(Number(seconds))}`))).join(', ');

const nextText = ({ paused, next }: ScheduleView): string => (paused ? 'paused' : instant(next));
