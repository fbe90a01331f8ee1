// `pivo up`: in the foreground with the log, or in the background.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { useColour } from '../../../colour.ts';
import { readableLine, secretFilter } from '../../../log.ts';
import { startDetached } from '../../../stack/detached.ts';
import { logFile, openLogFile } from '../../../stack/log-file.ts';
import { PART_NAMES, type PartName, type PartRecord, type StackRecord } from '../../../stack/record.ts';
import { startStack } from '../../../stack/supervisor.ts';
import { fields } from '../format.ts';
import type { Session } from '../session.ts';
import { recordedAddress } from '../../../stack/address.ts';
import { statusOf } from '../../../stack/status.ts';
import { openAddress } from './console.ts';

/** Starts in the background, says what becomes ready, and returns when all is. */
export async function upDetached(session: Session): Promise<void> {
  const ready = new Set<PartName>();
  const onPart = (name: PartName, record: PartRecord): void => {
    if (record.state === 'ready') ready.add(name);
    const waiting = PART_NAMES.filter((each) => !ready.has(each) && !(each === 'temporal' && session.config.temporal.address !== undefined));
    session.progress.show({ phase: process.stderr.isTTY && waiting.length > 0 ? `starting ${waiting.join(', ')}` : 'starting PIVO' });
  };
  const { record, started } = await startDetached({ config: session.config, env: process.env, signal: session.signal, onPart });
  const status = await statusOf(session.config);
  await session.answer({ ...status, started }, () => welcome(record, started, openAddress(session.config), session));
}

function welcome(record: StackRecord, started: boolean, console: string | null, session: Session): string {
  const { bold, green, dim } = session.style;
  return (
    `${green('●')} ${bold(started ? 'PIVO is up' : 'PIVO is up already')} ${dim(`(process ${record.supervisor?.pid ?? '-'})`)}\n` +
    fields([['Home', record.home], ['Console', console], ['Temporal', record.temporal?.address], ['Temporal UI', record.temporal?.ui], ['Log', logFile(session.config.paths.logs)]], '  ') +
    `${dim('Back up a repository with `pivo ingest URL`; end PIVO with `pivo down`.')}\n`
  );
}

/** Runs until Ctrl-C, SIGTERM or a start that fails; every line of the log is shown, tagged with its part. */
export async function upForeground(session: Session): Promise<void> {
  const { config, signal } = session;
  const write = openLogFile(config.paths.logs);
  const hide = secretFilter(config.paths.credentials);
  const colour = useColour(process.stdout);
  const onLine = (line: string): void => {
    const clean = hide(line);
    write(clean);
    process.stdout.write(process.stdout.isTTY && !session.json ? readableLine(clean, colour) : `${clean.trimEnd()}\n`);
  };
  const say = (message: string, facts: object = {}): void => onLine(JSON.stringify({ level: 30, time: new Date().toISOString(), component: 'STACK', ...facts, msg: message }));
  const stack = await startStack({
    config,
    env: process.env,
    cacheHome: process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'),
    onLine,
    onPart: (name, { state, process: running }) => {
      if (state === 'ready' || state === 'stopped') say(`${name} is ${state}`, running === null ? {} : { process: running.pid });
    },
  });
  process.once('SIGHUP', () => void stack.stop().then(() => process.exit(129)));
  const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  const record = await Promise.race([stack.ready, stopped]).catch(async (error: unknown) => {
    await stack.stop();
    throw error;
  });
  if (record !== undefined) say('PIVO is up; Ctrl-C ends it', { home: record.home, console: recordedAddress(config.paths.run, 'server') ?? undefined, temporal: record.temporal?.address, ui: record.temporal?.ui ?? undefined });
  await stopped;
  await stack.stop();
  say('PIVO has ended');
}
