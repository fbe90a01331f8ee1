// `cost`: what the archive takes, and what a year adds.
import type { Command } from 'commander';
import { oneOrAll } from '../arguments.ts';
import { costText, type CostReport } from '../cost-text.ts';
import { example, JSON_OPTION } from '../help.ts';
import { wholeNumber } from '../numbers.ts';
import type { Act } from '../program.ts';

export function addCostCommand(program: Command, act: Act): void {
  program
    .command('cost')
    .description('what the archive takes: bytes, files, objects of the NameNode, by part and visit, and what a year adds at this rate')
    .argument('[repo]', 'one repository, with what each visit added')
    .option('--all', 'all repositories, the dearest first')
    .option('--limit <visits>', 'most visits of one repository (default: 50)', wholeNumber)
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo cost --all', 'pivo cost execa --limit 10', 'pivo cost --all --json'))
    .action(act(async (session, repository: string | undefined, { all, limit }: { all?: boolean; limit?: number }) => {
      if ((repository === undefined) !== (all === true)) throw oneOrAll();
      session.progress.begin('measuring');
      const report = await session.call<CostReport>('cost', { ...(repository === undefined ? {} : { repository }), ...(limit === undefined ? {} : { limit }) });
      await session.answer(report, () => costText(report, session.style));
    }));
}
