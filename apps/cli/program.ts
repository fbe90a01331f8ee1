// The command line: every command with its arguments, help and example.
import { Command } from 'commander';
import { useColour } from '../../colour.ts';
import { addAgentCommands } from './commands/agent.ts';
import { addBatchesCommand } from './commands/batches.ts';
import { addCostCommand } from './commands/cost.ts';
import { addCredentialCommands } from './commands/credential.ts';
import { addDebugCommand } from './commands/debug.ts';
import { addDocsCommand } from './commands/docs.ts';
import { addForgeCommands } from './commands/forge.ts';
import { addFleetCommands } from './commands/fleet.ts';
import { addGateCommands } from './commands/gate.ts';
import { addIngestCommand } from './commands/ingest.ts';
import { addNotifyCommands } from './commands/notify.ts';
import { addOptimizeCommand } from './commands/optimize.ts';
import { addPipelineCommands } from './commands/pipeline.ts';
import { addQueryCommands } from './commands/query.ts';
import { addPushesCommand } from './commands/pushes.ts';
import { addProofCommands } from './commands/proof.ts';
import { addReadingCommands } from './commands/reading.ts';
import { addRestoreCommands } from './commands/restore.ts';
import { addSearchCommand } from './commands/search.ts';
import { addRetentionCommands } from './commands/retention.ts';
import { addScheduleCommands } from './commands/schedule.ts';
import { addShellCommand } from './commands/shell.ts';
import { addSourceCommands } from './commands/source.ts';
import { addSpoolCommands } from './commands/spool.ts';
import { addStackCommands } from './commands/stack.ts';
import { addTopKCommand } from './commands/top-k.ts';
import { addUploadCommand } from './commands/upload.ts';
import { addVaultCommands } from './commands/vault.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';
import { version } from '../version.ts';

/** Wraps what a command does: gives it a session, and the exit code that it returns to the entry. */
export type Act = <Args extends unknown[]>(action: (session: Session, ...args: Args) => Promise<number | void>, needs?: Pick<SessionOptions, 'unusable'>) => (...args: Args) => Promise<void>;

const EXAMPLES = `
Examples:
  $ pivo up --detach                          start PIVO in the background
  $ pivo ingest https://github.com/sindresorhus/execa
  $ pivo ls execa@2026-11-01                  any state that was ever backed up
  $ pivo restore execa --to ./execa.git --yes
  $ pivo ask "who committed most to execa last month?"
  $ pivo query "SELECT repo_name, count(*) FROM repo_snapshots GROUP BY 1"

Everything lives in PIVO_HOME (default ~/.pivo). Every command takes --json.
Exit codes: 0 done, 1 internal, 2 wrong input, 3 not found, 4 origin, 5 limit, 6 storage, 7 damaged,
8 target, 9 proof failed, 10 plan not approved, 11 some of many repositories failed or are held,
69 not running, 130 cancelled.
`;

/** The program. `exit` is told the exit code of a command that did what it should. Nothing but the chosen command's code is loaded. */
export function createProgram(signal: AbortSignal, exit: (code: number) => void): Command {
  const act: Act = (action, needs = {}) => async (...args) => {
    const options = args.at(-2) as { json?: boolean } | undefined; // commander: …arguments, options, command
    exit((await action(await openSession({ json: options?.json, ...needs }, signal), ...args)) ?? 0);
  };
  const program = new Command('pivo')
    .description('Keeps git repositories recoverable and answers questions about them.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ outputError: () => {}, getOutHasColors: () => useColour(process.stdout), getErrHasColors: () => useColour(process.stderr) })
    .configureHelp({ styleTitle: (title) => `\u001B[1m${title}\u001B[0m` })
    .addHelpText('after', EXAMPLES);
  program.commandsGroup('Back up and restore:');
  addIngestCommand(program, act);
  addRestoreCommands(program, act);
  addScheduleCommands(program, act);
  addSourceCommands(program, act);
  addFleetCommands(program, act);
  addPushesCommand(program, act);
  addCredentialCommands(program, act);
  program.commandsGroup('Look at what is there:');
  addReadingCommands(program, act);
  addGateCommands(program, act);
  addForgeCommands(program, act);
  addCostCommand(program, act);
  addRetentionCommands(program, act);
  addVaultCommands(program, act);
  addQueryCommands(program, act);
  program.commandsGroup('Prove that it is whole:');
  addProofCommands(program, act);
  program.commandsGroup('Read and search logs:');
  addUploadCommand(program, act);
  addSearchCommand(program, act);
  addTopKCommand(program, act);
  program.commandsGroup('Keep what other programs tell:');
  addSpoolCommands(program, act);
  addBatchesCommand(program, act);
  addNotifyCommands(program, act);
  program.commandsGroup('Ask in plain words:');
  addDebugCommand(program, act);
  addAgentCommands(program, act);
  addShellCommand(program, act);
  addOptimizeCommand(program, act);
  addDocsCommand(program, act);
  addPipelineCommands(program, act);
  program.commandsGroup('PIVO itself:');
  addStackCommands(program, act);
  return program;
}
