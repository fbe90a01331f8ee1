// Entry of the stack in the background: as `pivo up`, without a terminal; reports its start over IPC and lives on.
import { join } from 'node:path';
import { homedir } from 'node:os';
import { loadConfig } from '../config.ts';
import { PivoError } from '../contract/failures.ts';
import { secretFilter } from '../log.ts';
import type { StackMessage } from './detached.ts';
import { openLogFile } from './log-file.ts';
import { startStack, type Stack } from './supervisor.ts';

const tell = (message: StackMessage): void => void (process.connected && process.send?.(message));

async function run(): Promise<void> {
  const config = loadConfig();
  const write = openLogFile(config.paths.logs);
  const hide = secretFilter(config.paths.credentials);
  const stack = await startStack({
    config,
    env: process.env,
    cacheHome: process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'),
    onLine: (line) => write(hide(line)),
    onPart: (name, record) => tell({ type: 'part', name, record }),
  });
  endOnSignal(stack);
  await stack.ready;
  tell({ type: 'ready' });
  if (process.connected) process.disconnect();
}

function endOnSignal(stack: Stack): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stack.stop().then(() => process.exit(0)));
}

process.on('SIGHUP', () => {}); // the terminal it was started from may close
await run().catch((error: unknown) => {
  const failure = error instanceof PivoError ? error : new PivoError('Internal', error instanceof Error ? (error.stack ?? error.message) : String(error));
  tell({ type: 'failed', failure: failure.report() });
  process.exitCode = 1;
  if (process.connected) process.disconnect();
});
