// `up`, `down`, `worker`, `metadata`, `serve`, `console`, `status`, `doctor`, `temporal`: PIVO's own processes.
import type { Command } from 'commander';
import type { Act } from '../program.ts';
import { example, JSON_OPTION } from '../help.ts';

export function addStackCommands(program: Command, act: Act): void {
  program
    .command('up')
    .description('start PIVO: Temporal with its UI, the worker, the metadata service and the server with the console')
    .option('-d, --detach', 'start in the background and return when everything is ready')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo up --detach', 'pivo up          # in the foreground; Ctrl-C ends it cleanly'))
    .action(act(async (session, options: { detach?: boolean }) => {
      const { upDetached, upForeground } = await import('../stack/up.ts');
      await (options.detach === true ? upDetached(session) : upForeground(session));
    }));
  program
    .command('down')
    .description('end PIVO; runs that were under way go on when it starts again')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo down'))
    .action(act(async (session) => (await import('../stack/down.ts')).down(session), { unusable: 'warn' }));
  program
    .command('worker')
    .description('run the worker alone, in the foreground, for a Temporal that is configured')
    .option(...JSON_OPTION)
    .addHelpText('after', example('TEMPORAL_ADDRESS=temporal.internal:7233 pivo worker'))
    .action(act(async ({ json }) => (await import('../../../stack/foreground.ts')).runForeground('worker', { env: process.env, json })));
  program
    .command('metadata')
    .description('run the metadata service alone, in the foreground: the only writer of this home\'s index')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo metadata'))
    .action(act(async ({ json }) => (await import('../../../stack/foreground.ts')).runForeground('metadata', { env: process.env, json })));
  program
    .command('serve')
    .description('run the server alone, in the foreground: the console, REST, MCP and the git remote')
    .option(...JSON_OPTION)
    .addHelpText('after', example('TEMPORAL_ADDRESS=temporal.internal:7233 PIVO_LISTEN=0.0.0.0:7420 pivo serve'))
    .action(act(async (session) => (await import('../stack/serve.ts')).serve(session)));
  program
    .command('console')
    .description('print the address of the console, with the owner\'s token in it')
    .option(...JSON_OPTION)
    .addHelpText('after', example('xdg-open "$(pivo console)"'))
    .action(act(async (session) => (await import('../stack/console.ts')).consoleAddress(session)));
  program
    .command('status')
    .alias('health')
    .description('what runs, where, and in which state')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo status', 'pivo status --json | jq -r .temporal.ui'))
    .action(act(async (session) => (await import('../stack/status.ts')).status(session), { unusable: 'warn' }));
  program
    .command('doctor')
    .description('check every part and say what to do; exit code 1 when something is wrong')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo doctor'))
    .action(act(async (session) => (await import('../stack/doctor.ts')).doctor(session), { unusable: 'tell' }));
  program
    .command('temporal')
    .description('run the Temporal CLI that PIVO found, with the address of PIVO\'s Temporal')
    .argument('[args...]', 'passed on as they are')
    .allowUnknownOption()
    .passThroughOptions()
    .helpOption(false)
    .addHelpText('after', example('pivo temporal workflow list', 'pivo temporal workflow start --type ingest --task-queue pivo --input \'{"url":"https://…"}\''))
    .action(act(async (session, args: string[]) => (await import('../stack/temporal.ts')).temporal(session, args)));
}
