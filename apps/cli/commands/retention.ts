// `retention`: which checkouts may go, and letting go of exactly those.
import type { Command } from 'commander';
import type { RetentionPlan, RetentionRecord, RetentionSummary } from '../../../contract/retention.ts';
import { oneOrAll } from '../arguments.ts';
import { example, JSON_OPTION } from '../help.ts';
import type { Act } from '../program.ts';
import { planText, recordsText, summaryText } from '../retention-text.ts';
import type { Session } from '../session.ts';

/** Exit code where some repositories failed, and the others were done. */
const SOME_FAILED = 11;

/** Answer of a start that nobody waits for. */
interface Started {
  workflowId: string;
}

export function addRetentionCommands(program: Command, act: Act): void {
  const retention = program.command('retention').description('which checkouts the policy of config.toml lets go of; packs and visits always stay');
  retention
    .command('plan')
    .description('what would go, and the hash that `apply` takes; changes nothing')
    .argument('[repo]', 'one repository')
    .option('--all', 'all repositories')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo retention plan --all', 'pivo retention plan execa --json'))
    .action(act(async (session, repository: string | undefined, { all }: { all?: boolean }) => {
      if ((repository === undefined) !== (all === true)) throw oneOrAll();
      session.progress.begin('planning');
      const plan = await session.call<RetentionPlan>('retention-plan', repository === undefined ? {} : { repository });
      await session.answer(plan, () => planText(plan, session.style));
    }));
  retention
    .command('apply')
    .description('remove exactly the checkouts of a plan; exit code 10 when it is another one by now, 11 when some repositories failed')
    .argument('<hash>', 'as `pivo retention plan` shows it, of all repositories or of one')
    .argument('[repo]', 'look at this repository only')
    .option('--no-wait', 'return when it has started')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo retention apply 5c0f…', 'pivo retention apply 5c0f… execa'))
    .action(act(async (session, hash: string, repository: string | undefined, { wait }: { wait: boolean }) => apply(session, { hash, ...(repository === undefined ? {} : { repository }), wait })));
  retention
    .command('list')
    .description('what was removed, when and by whom, the last first')
    .argument('[repo]', 'one repository (default: all)')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo retention list', 'pivo retention list execa'))
    .action(act(async (session, repository: string | undefined) => {
      const records = await session.call<RetentionRecord[]>('retentions', repository === undefined ? {} : { repository });
      await session.answer(records, () => recordsText(records, session.style));
    }));
}

async function apply(session: Session, input: { hash: string; repository?: string; wait: boolean }): Promise<number> {
  if (!input.wait) {
    await session.answer(await session.call<Started>('retention-apply', input), ({ workflowId }) => `started ${workflowId}\n`);
    return 0;
  }
  session.progress.begin('removing checkouts');
  const summary = await session.call<RetentionSummary>('retention-apply', input);
  await session.answer(summary, () => summaryText(summary, session.style));
  return summary.failures === 0 ? 0 : SOME_FAILED;
}
