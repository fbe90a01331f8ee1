// Starts and ends the stack from another process: `up --detach` and `down`.
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromReport, PivoError, type FailureReport } from '../contract/failures.ts';
import type { Config } from '../config.ts';
import { isRunning, signalProcess, waitForEnd } from '../processes/identity.ts';
import { endProcess } from './ending.ts';
import { PART_NAMES, readRecord, runningRecord, writeRecord, emptyRecord, type PartName, type PartRecord, type StackRecord } from './record.ts';

export type StackMessage = { type: 'part'; name: PartName; record: PartRecord } | { type: 'ready' } | { type: 'failed'; failure: FailureReport };

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const READY_WITHIN = 120_000;
const ENDS_WITHIN = 60_000;
const LOOK_AGAIN = 50;

export interface StartOptions {
  config: Config;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  onPart: (name: PartName, record: PartRecord) => void;
}

/**
 * Starts the stack in the background and returns when every part is ready; at once when it is already.
 * Fails as `startStack` and its parts do, and with Cancelled, the started stack being ended, when the signal aborts.
 */
export async function startDetached(options: StartOptions): Promise<{ record: StackRecord; started: boolean }> {
  const { config } = options;
  if (runningRecord(config.paths.run) !== null) return { record: await untilReady(config, options.signal), started: false };
  const child = launch(options);
  try {
    await answerOf(child, options);
  } catch (error) {
    if (child.connected) child.disconnect();
    if (error instanceof PivoError && error.kind === 'Exists') return { record: await untilReady(config, options.signal), started: false }; // another start was faster
    throw error;
  }
  child.unref();
  return { record: readRecord(config.paths.run) ?? emptyRecord(config.home), started: true };
}

function launch({ config, env }: StartOptions): ChildProcess {
  mkdirSync(config.paths.logs, { recursive: true, mode: 0o700 });
  const log = openSync(supervisorLog(config), 'w', 0o600);
  const child = spawn(process.execPath, [MAIN], { env: { ...env, PIVO_HOME: config.home }, cwd: '/', detached: true, stdio: ['ignore', log, log, 'ipc'] });
  closeSync(log);
  return child;
}

/** What the supervisor writes outside its log: why it could not start. */
const supervisorLog = (config: Config): string => join(config.paths.logs, 'supervisor.log');

function answerOf(child: ChildProcess, { config, signal, onPart }: StartOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      child.kill('SIGTERM');
      reject(new PivoError('Cancelled', 'the start was cancelled and PIVO ended again'));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    child.on('message', (message: StackMessage) => {
      if (message.type === 'part') onPart(message.name, message.record);
      else if (message.type === 'ready') resolve();
      else reject(fromReport(message.failure));
    });
    child.once('error', reject);
    child.once('exit', (code, by) => reject(new PivoError('Unavailable', `PIVO ended while it started (${by ?? `exit code ${code}`}): ${lastWords(config)}`, { hint: 'Look at `pivo doctor`.' })));
  });
}

const lastWords = (config: Config): string => readFileSync(supervisorLog(config), 'utf8').trim().split('\n').at(-1) || 'it said nothing';

/** Waits for a stack that another process starts. */
async function untilReady(config: Config, signal: AbortSignal): Promise<StackRecord> {
  const deadline = Date.now() + READY_WITHIN;
  while (Date.now() < deadline) {
    const record = runningRecord(config.paths.run);
    if (record === null) throw new PivoError('Unavailable', `PIVO in ${config.home} ended while it was waited for`, { hint: 'Look at `pivo doctor`.' });
    if (record.state === 'ready') return record;
    await sleep(LOOK_AGAIN, undefined, { signal }).catch(() => {});
    if (signal.aborted) throw new PivoError('Cancelled', 'no longer waiting; PIVO goes on starting');
  }
  throw new PivoError('Unavailable', `PIVO in ${config.home} does not become ready`, { hint: 'Look at `pivo doctor`, or end it with `pivo down`.' });
}

/**
 * Ends the stack of a home: in order by its supervisor, else part by part. Returns false when nothing ran.
 * Only processes that the home's record names, by pid and start time, are ended.
 */
export async function stopStack(config: Config): Promise<boolean> {
  const record = readRecord(config.paths.run);
  if (record === null) return false;
  const processes = PART_NAMES.map((name) => record.parts[name]?.process ?? null);
  const ran = isRunning(record.supervisor) || processes.some((each) => isRunning(each));
  signalProcess(record.supervisor, 'SIGTERM');
  if (!(await waitForEnd([record.supervisor], ENDS_WITHIN))) await endProcess(record.supervisor, 0);
  for (const each of processes) await endProcess(each, ENDS_WITHIN);
  const left = readRecord(config.paths.run);
  if (left !== null && left.state !== 'down') writeRecord(config.paths.run, { ...emptyRecord(config.home), ports: left.ports });
  return ran;
}
