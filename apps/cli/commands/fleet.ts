// `fleet`: back up everything that a source holds, and see what became of each repository.
import { Option, type Command } from 'commander';
import type { FleetOutcome } from '../../../contract/fleet.ts';
import type { FleetEnded } from '../../../operations/fleet-run.ts';
import type { FleetEntryOfList, FleetState } from '../../../operations/fleet-status.ts';
import { listText, reportText, statusText } from '../fleet-text.ts';
import { example, JSON_OPTION } from '../help.ts';
import { wholeNumber } from '../numbers.ts';
import type { Act } from '../program.ts';
import type { Session } from '../session.ts';

/** Exit code when a repository failed or is held, or the forge could not be asked. */
const SOME_NOT_WHOLE = 11;

const OUTCOMES: readonly FleetOutcome[] = ['done', 'unchanged', 'held', 'failed', 'vanished', 'nothing'];

interface RunOptions {
  atOnce?: number;
  checkout?: string;
  discover: boolean;
  wait: boolean;
}

interface StatusOptions {
  source?: string;
  outcome?: string;
  after?: string;
  limit?: number;
}

export function addFleetCommands(program: Command, act: Act): void {
  const fleet = program.command('fleet').description('back up every repository of a source (pivo source), and see what became of each');
  addRun(fleet, act);
  addStatus(fleet, act);
  addList(fleet, act);
}

function addRun(fleet: Command, act: Act): void {
  fleet
    .command('run')
    .description(`look what the source holds and back all of it up, or join the run that does; exit code ${SOME_NOT_WHOLE} when a repository failed or is held`)
    .argument('<source>', 'a source (pivo source list)')
    .option('--at-once <n>', 'so many backups at once from each host (default: as the source says)', wholeNumber)
    .addOption(new Option('--checkout <policy>', 'lay out files of HEAD too').choices(['auto', 'files', 'har', 'none']).default('none'))
    .option('--no-discover', 'do not ask the forge: back up what was found last time')
    .option('--no-wait', 'return when it has started')
    .option(...JSON_OPTION)
    .addHelpText('after', `${example('pivo fleet run acme', 'pivo fleet run acme --at-once 8', 'pivo fleet run acme --no-wait && pivo fleet status')}
Ctrl-C cancels the run that you started, with the backups that it began; of a run that went on before, it only stops watching.
`)
    .action(act(run));
}

async function run(session: Session, source: string, { atOnce, checkout, discover, wait }: RunOptions): Promise<number> {
  const input = { source, checkout, discover, wait, ...(atOnce === undefined ? {} : { atOnce }) };
  if (!wait) {
    const started = await session.call<{ workflowId: string; joined: boolean }>('fleet-run', input);
    await session.answer(started, ({ workflowId, joined }) => `${joined ? 'runs already' : 'started'}: ${workflowId}\nhow it is: pivo fleet status --source ${source}\n`);
    return 0;
  }
  session.progress.begin('starting');
  const ended = await session.call<FleetEnded>('fleet-run', input);
  await session.answer(ended, (report) => reportText(report, session.style));
  return ended.whole ? 0 : SOME_NOT_WHOLE;
}

function addStatus(fleet: Command, act: Act): void {
  fleet
    .command('status')
    .description('what became of each repository in a run')
    .argument('[id]', 'a run, as `pivo fleet list` names it (default: the latest)')
    .option('--source <source>', 'the latest run of this source')
    .addOption(new Option('--outcome <outcome>', 'only these').choices(OUTCOMES))
    .option('--after <repository>', 'those behind this one, by name')
    .option('--limit <n>', 'at most so many (default: 200)', wholeNumber)
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo fleet status', 'pivo fleet status --source acme --outcome failed', 'pivo fleet status acme-20261122-020000-3f2a --json'))
    .action(act(async (session, id: string | undefined, { source, outcome, after, limit }: StatusOptions) => {
      const state = await session.call<FleetState>('fleet-status', { ...(id === undefined ? {} : { fleet: id }), ...(source === undefined ? {} : { source }), ...(outcome === undefined ? {} : { outcome }), ...(after === undefined ? {} : { after }), ...(limit === undefined ? {} : { limit }) });
      await session.answer(state, (shown) => statusText(shown, session.style, outcome));
    }));
}

function addList(fleet: Command, act: Act): void {
  fleet
    .command('list')
    .description('the runs, the latest first')
    .argument('[source]', 'of this source')
    .option('--limit <n>', 'at most so many (default: 50)', wholeNumber)
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo fleet list', 'pivo fleet list acme'))
    .action(act(async (session, source: string | undefined, { limit }: { limit?: number }) => {
      const runs = await session.call<FleetEntryOfList[]>('fleet-list', { ...(source === undefined ? {} : { source }), ...(limit === undefined ? {} : { limit }) });
      await session.answer(runs, (shown) => listText(shown, session.style));
    }));
}
