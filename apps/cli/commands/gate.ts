// `gate`: what was destroyed upstream, and which visit is current because of it.
import type { Command } from 'commander';
import type { Destruction, GateState } from '../../../operations/gate.ts';
import type { Decided } from '../../../operations/gate-decide.ts';
import { count, fields, instant, many, safeLine, shortId, table } from '../format.ts';
import { example, JSON_OPTION } from '../help.ts';
import { wholeNumber } from '../numbers.ts';
import type { Act } from '../program.ts';
import type { Session, Style } from '../session.ts';

export function addGateCommands(program: Command, act: Act): void {
  const gate = program.command('gate').description('what was destroyed upstream, and which visit `REPO@current` means');
  gate
    .command('list', { isDefault: true })
    .description('what is held, and every destruction that was found, last first')
    .argument('[repo]', 'one repository (default: those where something was destroyed or is held)')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo gate', 'pivo gate execa'))
    .action(act(async (session, repository: string | undefined) => {
      const states = await session.call<GateState[]>('gate', repository === undefined ? {} : { repository });
      const shown = repository === undefined ? states.filter(({ held, gone, destructions }) => held.length > 0 || gone !== null || destructions.length > 0) : states;
      await session.answer(shown, () => shown.map((state) => stateText(state, session.style)).join('\n') || 'nothing was destroyed upstream\n');
    }));
  gate
    .command('accept')
    .description('let `current` move on: a held visit and every one before it are held no more')
    .argument('<repo>')
    .argument('[visit]', 'up to this visit (default: the last)', wholeNumber)
    .option('--reason <text>', 'why, for those who ask later')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo gate accept execa', 'pivo gate accept execa 12 --reason "main was rewritten on purpose"'))
    .action(act(async (session, repository: string, visit: number | undefined, { reason }: { reason?: string }) => decide(session, 'gate-accept', { repository, visit, reason })));
  gate
    .command('hold')
    .description('keep `current` before a visit until somebody accepts it')
    .argument('<repo>')
    .argument('<visit>', 'the first visit that is not to be current', wholeNumber)
    .option('--reason <text>', 'why, for those who ask later')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo gate hold execa 12'))
    .action(act(async (session, repository: string, visit: number, { reason }: { reason?: string }) => decide(session, 'gate-hold', { repository, visit, reason })));
}

async function decide(session: Session, operation: string, { repository, visit, reason }: { repository: string; visit: number | undefined; reason: string | undefined }): Promise<void> {
  const decided = await session.call<Decided>(operation, { repository, ...(visit === undefined ? {} : { visit }), ...(reason === undefined ? {} : { reason }) });
  await session.answer(decided, ({ decision, current, latest }) => `${session.style.green('✓')} visit ${decision.visit} of ${repository} is ${decision.decision === 'hold' ? 'held' : 'accepted'}; current is visit ${current} of ${latest}\n`);
}

function stateText({ repository, latest, current, gone, held, destructions }: GateState, style: Style): string {
  const head = fields([
    ['Current', current === latest ? `visit ${current}, the last` : style.yellow(`visit ${current} of ${latest}`)],
    ['Held', held.length === 0 ? null : held.map(({ visit, reason, by }) => `visit ${visit} by ${safeLine(by)}${reason === '' ? '' : `: ${safeLine(reason)}`}`).join('; ')],
    ['Origin', gone === null ? null : style.red(`gone since ${instant(gone.time)}: ${safeLine(gone.reason)}`)],
  ], '  ');
  return `${style.bold(repository)}\n${head}${table(destructions.flatMap(rowsOf), [
    { title: '  VISIT', value: ({ visit }) => `  ${visit}`, align: 'right' },
    { title: 'TIME (UTC)', value: ({ time }) => instant(time) },
    { title: 'WHAT', value: ({ what }) => what },
    { title: 'REF', value: ({ ref }) => safeLine(ref) },
    { title: 'HELD', value: ({ was }) => shortId(was) },
    { title: '', value: ({ note }) => style.yellow(note) },
  ], style.dim)}`;
}

interface Row {
  visit: number;
  time: string;
  what: string;
  ref: string;
  was: string | null;
  note: string;
}

const SHOWN_REFS = 10;

function rowsOf({ visit, time, destroyed: { refs, total, emptied, commits } }: Destruction): Row[] {
  const rows = refs.slice(0, SHOWN_REFS).map((ref): Row => ({ visit, time, what: ref.kind, ref: ref.name, was: ref.old, note: '' }));
  const more = total - rows.length;
  const all = [...(emptied ? [{ visit, time, what: 'emptied', ref: '-', was: null, note: '' }] : []), ...rows, ...(more > 0 ? [{ visit, time, what: `${count(more)} more`, ref: '-', was: null, note: '' }] : [])];
  return all.map((row, i) => (i === 0 && commits !== 0 ? { ...row, note: commits === null ? 'commits lost upstream' : `${many(commits, 'commit')} lost upstream` } : row));
}
