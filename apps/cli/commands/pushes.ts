// `pushes`: the backups that pushes asked for.
import type { Command } from 'commander';
import type { PushBackup, PushesView } from '../../../contract/push.ts';
import { count, instant, many, safeLine, table } from '../format.ts';
import { example, JSON_OPTION } from '../help.ts';
import { wholeNumber } from '../numbers.ts';
import type { Act } from '../program.ts';
import type { Style } from '../session.ts';

export function addPushesCommand(program: Command, act: Act): void {
  program
    .command('pushes')
    .description('the backups that pushes asked for: what waits, runs, failed and is done')
    .option('--limit <n>', 'at most so many of each', wholeNumber)
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo pushes', 'pivo pushes --json'))
    .action(act(async (session, { limit }: { limit?: number }) => {
      const view = await session.call<PushesView>('pushes', limit === undefined ? {} : { limit });
      await session.answer(view, (shown) => textOf(shown, session.style));
    }));
}

function textOf(view: PushesView, style: Style): string {
  const head = `${count(view.waiting)} wait, ${count(view.running)} run, ${count(view.failed)} failed; ${view.atOnce} at once, each at most every ${view.every} s\n`;
  return [head, backupsText(view, style), doneText(view, style), ignoredText(view, style)].filter((part) => part !== '').join('\n');
}

const nameOf = ({ repository, origin }: PushBackup): string => safeLine(repository ?? origin);

function backupsText({ backups, waiting, running, failed }: PushesView, style: Style): string {
  if (backups.length === 0) return '';
  const more = waiting + running + failed - backups.length;
  const rows = table(backups, [
    { title: 'REPOSITORY', value: nameOf },
    { title: 'STATE', value: ({ state }) => (state === 'failed' ? style.red(state) : state) },
    { title: 'PUSHES', value: ({ pushes }) => count(pushes), align: 'right' },
    { title: 'SINCE (UTC)', value: ({ first }) => instant(first) },
    { title: 'DUE (UTC)', value: ({ due }) => (due === null ? '-' : instant(due)) },
    { title: '', value: ({ failure, attempts }) => (failure === null ? '' : style.yellow(`${many(attempts, 'failure')}: ${safeLine(failure.message)}`)) },
  ], style.dim);
  return more > 0 ? `${rows}${style.dim(`and ${count(more)} more`)}\n` : rows;
}

function doneText({ done }: PushesView, style: Style): string {
  if (done.length === 0) return '';
  return table(done, [
    { title: 'DONE', value: ({ repository }) => safeLine(repository) },
    { title: 'VISIT', value: ({ visit }) => String(visit), align: 'right' },
    { title: 'PUSHES', value: ({ pushes }) => count(pushes), align: 'right' },
    { title: 'TIME (UTC)', value: ({ time }) => instant(time) },
    { title: 'PUSH TO VISIT', value: ({ seconds }) => `${seconds} s`, align: 'right' },
  ], style.dim);
}

function ignoredText({ ignored }: PushesView, style: Style): string {
  if (ignored.length === 0) return '';
  return table(ignored, [
    { title: 'IGNORED', value: ({ repository }) => safeLine(repository) },
    { title: 'WEBHOOK', value: ({ source }) => safeLine(source) },
    { title: 'PUSHES', value: ({ count: times }) => count(times), align: 'right' },
    { title: 'LAST (UTC)', value: ({ last }) => instant(last) },
  ], style.dim);
}
