// `verify`, `drill`, `repair`: is every file as it was written, does every repository come back, and what to do when not.
import { InvalidArgumentError, type Command } from 'commander';
import { FAILURE_KINDS } from '../../../contract/failures.ts';
import { oneOrAll } from '../arguments.ts';
import { example, JSON_OPTION } from '../help.ts';
import { coverageText, drillText, repairText, runText, verdictText, type Coverage, type DrillEnded, type RepairEnded, type RunEnded, type Verdict } from '../proof-text.ts';
import type { Act } from '../program.ts';
import type { Session } from '../session.ts';

interface VerifyOptions {
  all?: boolean;
  part?: { part: number; of: number };
  engine?: string;
  run?: boolean;
  wait: boolean;
  coverage?: boolean;
}

/** Answer of a start that nobody waits for. */
interface Started {
  workflowId: string;
}

export function addProofCommands(program: Command, act: Act): void {
  program
    .command('verify')
    .description('check every visit, snapshot, pack, checkout, object and export of forge data against what was written; exit code 7 when something is damaged')
    .argument('[repo]', 'one repository (default: all)')
    .option('--all', 'all repositories')
    .option('--part <k/n>', 'only part K of N of all files, as a durable run: N runs read everything', parsePart)
    .option('--engine <engine>', 'who reads packs: local, or spark as a durable run (default: local)')
    .option('--run', 'as a durable run, which goes on without this command')
    .option('--wait', 'wait for the durable run', true)
    .option('--no-wait', 'return when the durable run has started')
    .option('--coverage', 'only tell how much was ever read, and how long ago')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo verify execa', 'pivo verify --all --part 3/30 --no-wait', 'pivo verify --coverage'))
    .action(act(async (session, repository: string | undefined, options: VerifyOptions) => verify(session, repository, options)));
  program
    .command('drill')
    .description('restore to a scratch path, compare everything, remove it: proves that a repository comes back, and how fast; exit code 9 when one does not')
    .argument('[repo]', 'one repository')
    .option('--all', 'all repositories, one after the other')
    .option('--no-wait', 'return when the drill has started')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo drill execa', 'pivo drill --all --no-wait', 'pivo schedule add --drill --all --every 1w'))
    .action(act(async (session, repository: string | undefined, { all, wait }: { all?: boolean; wait: boolean }) => drill(session, repository, all === true, wait)));
  program
    .command('repair')
    .description('replace damaged packs by new ones, from other packs or the origin; nothing is overwritten; exit code 7 when objects are lost')
    .argument('<repo>')
    .option('-c, --credential <name>', 'for the origin: a credential stored with `pivo credential add`')
    .option('--no-wait', 'return when the repair has started')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo repair execa'))
    .action(act(async (session, repository: string, options: { credential?: string; wait: boolean }) => repair(session, repository, options)));
}

function parsePart(text: string): { part: number; of: number } {
  const [, part, of] = /^(\d{1,5})\/(\d{1,5})$/.exec(text) ?? [];
  if (part === undefined || of === undefined) throw new InvalidArgumentError('a part is written K/N, such as 3/30');
  return { part: Number(part), of: Number(of) };
}

async function verify(session: Session, repository: string | undefined, options: VerifyOptions): Promise<number> {
  const { all, part, engine, run, wait, coverage } = options;
  if (repository !== undefined && all === true) throw oneOrAll();
  const named = repository === undefined ? {} : { repository };
  if (coverage === true) {
    const covered = await session.call<Coverage[]>('verify-coverage', named);
    await session.answer(covered, () => coverageText(covered, session.style));
    return 0;
  }
  if (part === undefined && engine === undefined && run !== true && wait) {
    const verdict = await session.call<Verdict>('verify', named);
    await session.answer(verdict, () => verdictText(verdict, session.style));
    return verdict.ok ? 0 : FAILURE_KINDS.Damaged.exitCode;
  }
  const input = { ...named, ...(part === undefined ? {} : { part }), ...(engine === undefined ? {} : { engine }), wait };
  if (!wait) return started(session, 'verify-run', input);
  session.progress.begin('verifying');
  const ended = await session.call<RunEnded>('verify-run', input);
  await session.answer(ended, () => runText(ended, session.style));
  return ended.ok ? 0 : FAILURE_KINDS.Damaged.exitCode;
}

async function drill(session: Session, repository: string | undefined, all: boolean, wait: boolean): Promise<number> {
  if ((repository === undefined) !== all) throw oneOrAll();
  const input = { ...(repository === undefined ? {} : { repository }), wait };
  if (!wait) return started(session, 'drill', input);
  session.progress.begin('drilling');
  const ended = await session.call<DrillEnded>('drill', input);
  await session.answer(ended, () => drillText(ended, session.style));
  return ended.failed === 0 ? 0 : FAILURE_KINDS.ProofFailed.exitCode;
}

async function repair(session: Session, repository: string, { credential, wait }: { credential?: string; wait: boolean }): Promise<number> {
  const input = { repository, ...(credential === undefined ? {} : { credential }), wait };
  if (!wait) return started(session, 'repair', input);
  session.progress.begin('repairing');
  const ended = await session.call<RepairEnded>('repair', input);
  await session.answer(ended, () => repairText(ended, session.style));
  return ended.lost.length === 0 ? 0 : FAILURE_KINDS.Damaged.exitCode;
}

async function started(session: Session, operation: string, input: object): Promise<number> {
  await session.answer(await session.call<Started>(operation, input), ({ workflowId }) => `started ${workflowId}\n`);
  return 0;
}
