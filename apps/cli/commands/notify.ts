// `notify`: who is told of what happens, and what became of it.
import type { Command } from 'commander';
import type { Deliveries } from '../../../operations/deliveries.ts';
import type { Retried } from '../../../operations/notify-retry.ts';
import type { TargetState } from '../../../operations/notify-targets.ts';
import type { TestedTarget } from '../../../operations/notify-test.ts';
import { fields, instant, many, safeLine, table } from '../format.ts';
import { example, JSON_OPTION } from '../help.ts';
import { wholeNumber } from '../numbers.ts';
import type { Act } from '../program.ts';
import type { Style } from '../session.ts';

/** Exit code of a test that some receiver did not take. */
const NOT_TAKEN = 8;

interface DeliveriesOptions {
  status?: string;
  target?: string;
  limit?: number;
}

export function addNotifyCommands(program: Command, act: Act): void {
  const notify = program.command('notify').description('tell other systems of what happens, and see what became of it');
  notify
    .command('test')
    .description('send a test notification now, and say what the receiver answered')
    .argument('[target]', 'one target (default: all)')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo notify test', 'pivo notify test chat'))
    .action(act(async (session, target: string | undefined) => {
      const tested = await session.call<TestedTarget[]>('notify-test', target === undefined ? {} : { target });
      await session.answer(tested, () => tested.map((each) => testedText(each, session.style)).join(''));
      return tested.every(({ delivered }) => delivered) ? 0 : NOT_TAKEN;
    }));
  notify
    .command('targets')
    .description('who is told of what, and what is wrong with their settings')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo notify targets'))
    .action(act(async (session) => {
      const targets = await session.call<TargetState[]>('notify-targets', {});
      await session.answer(targets, () => targets.map((each) => targetText(each, session.style)).join('\n') || 'nobody is told: config.toml has no [[notify]]\n');
    }));
  notify
    .command('deliveries')
    .description('what was delivered, waits or was given up, the latest first')
    .option('--status <status>', 'pending, delivered or dead')
    .option('--target <name>', 'of one target')
    .option('-n, --limit <n>', 'how many (default: 50)', wholeNumber)
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo notify deliveries', 'pivo notify deliveries --status dead --target chat'))
    .action(act(async (session, { status, target, limit }: DeliveriesOptions) => {
      const given = Object.entries({ status, target, limit }).filter(([, value]) => value !== undefined);
      const found = await session.call<Deliveries>('deliveries', Object.fromEntries(given));
      await session.answer(found, () => deliveriesText(found, session.style));
    }));
  notify
    .command('retry')
    .description('try dead deliveries again, from the first attempt on')
    .argument('[id]', 'one delivery')
    .option('--all-dead', 'every dead delivery')
    .option('--target <name>', 'with --all-dead: those of one target')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo notify retry 5f1c0d2e9a8b7c6d5e4f3a2b1c0d9e8f', 'pivo notify retry --all-dead --target chat'))
    .action(act(async (session, id: string | undefined, { allDead, target }: { allDead?: true; target?: string }) => {
      const retried = await session.call<Retried>('notify-retry', { ...(id === undefined ? {} : { id }), ...(allDead === true && { allDead }), ...(target === undefined ? {} : { target }) });
      await session.answer(retried, ({ deliveries }) => `${session.style.green('✓')} ${many(deliveries, 'delivery', 'deliveries')} will be tried again\n`);
    }));
}

function testedText({ target, place, delivered, answer, said, failure, hint, milliseconds }: TestedTarget, style: Style): string {
  const name = `${style.bold(target)} (${place === null ? 'its URL is a secret' : safeLine(place)})`;
  if (delivered) return `${style.green('✓')} ${name} took it: ${said === null ? answer : safeLine(said)} in ${milliseconds} ms\n`;
  return `${style.red('✗')} ${name}: ${safeLine(failure ?? '')}\n${hint === null ? '' : `  ${safeLine(hint)}\n`}`;
}

function targetText({ target, place, to, events, template, token, signed, rate, attempts, problem }: TargetState, style: Style): string {
  return `${style.bold(target)}\n${fields([
    ['At', place === null ? 'a URL that is a secret' : safeLine(place)],
    ['To', to.length === 0 ? null : to.map(safeLine).join(', ')],
    ['Told of', events.join(', ')],
    ['Template', template === null ? 'the default' : safeLine(template)],
    ['Proves itself by', [token ? (to.length === 0 ? 'a bearer token' : 'user and password') : '', signed ? 'a signature' : ''].filter((each) => each !== '').join(' and ') || 'nothing'],
    ['Limits', `${rate} a minute, ${many(attempts, 'attempt')}`],
    ['Problem', problem === null ? null : style.red(safeLine(problem.message))],
    ['', problem?.hint === undefined || problem.hint === null ? null : safeLine(problem.hint)],
  ], '  ')}`;
}

function deliveriesText({ counts, deliveries }: Deliveries, style: Style): string {
  if (deliveries.length === 0) return 'no deliveries\n';
  const colour = { pending: style.yellow, delivered: style.green, dead: style.red };
  const rows = table(deliveries, [
    { title: 'ID', value: ({ id }) => id },
    { title: 'TIME (UTC)', value: ({ created }) => instant(created) },
    { title: 'TARGET', value: ({ target }) => safeLine(target) },
    { title: 'EVENT', value: ({ event }) => event },
    { title: 'REPOSITORY', value: ({ repository }) => (repository === null ? '-' : safeLine(repository)) },
    { title: 'STATUS', value: ({ status }) => colour[status](status) },
    { title: 'TRIED', value: ({ attempts }) => String(attempts), align: 'right' },
    { title: '', value: ({ failure }) => (failure === null ? '' : safeLine(failure)) },
  ], style.dim);
  return `${rows}\n${counts.map(({ target, status, deliveries: count }) => `${safeLine(target)}: ${count} ${status}`).join(', ')}\n`;
}
