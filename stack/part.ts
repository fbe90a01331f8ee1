// One part of the stack as a supervised process: started, watched, started again after a crash, ended.
import { fork, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { PivoError } from '../contract/failures.ts';
import { identify, type ProcessIdentity } from '../processes/identity.ts';
import type { PartRecord, PartState } from './record.ts';

/** A process that has been started; `ended` resolves with how it ended. */
export interface Running {
  process: ProcessIdentity;
  ended: Promise<string>;
  stop(): Promise<void>;
}

export interface PartOptions {
  name: string;
  /** Starts the process and returns when it is ready; fails when it cannot become ready. */
  start: (signal: AbortSignal) => Promise<Running>;
  /** Called at each change of state. */
  onChange: (record: PartRecord) => void;
  /** Told why a start failed or that a process ended by itself. */
  onTrouble: (message: string, error?: unknown) => void;
}

/** Milliseconds before the first, second, … new start; the last one repeats. */
const BACKOFF = [50, 250, 1_000, 3_000, 10_000];
/** A part that lived this long, in milliseconds, starts over with the shortest wait. */
const STEADY = 60_000;

/** A supervised part. `ready` resolves at the first time it is ready and fails when the first start fails. */
export class Part {
  readonly ready: Promise<void>;
  readonly #options: PartOptions;
  readonly #stop = new AbortController();
  readonly #loop: Promise<void>;
  #record: PartRecord = { state: 'starting', process: null, restarts: 0, since: new Date().toISOString(), lastExit: null };

  constructor(options: PartOptions) {
    this.#options = options;
    const first = Promise.withResolvers<void>();
    this.ready = first.promise;
    this.ready.catch(() => {}); // whoever awaits it sees it
    this.#loop = this.#run(first);
  }

  get record(): PartRecord {
    return this.#record;
  }

  /** Ends the process and stays ended. */
  async stop(): Promise<void> {
    if (!this.#stop.signal.aborted) {
      this.#change('stopping');
      this.#stop.abort();
    }
    await this.#loop;
  }

  #change(state: PartState, facts: Partial<PartRecord> = {}): void {
    this.#record = { ...this.#record, ...facts, state, since: new Date().toISOString() };
    this.#options.onChange(this.#record);
  }

  async #run(first: PromiseWithResolvers<void>): Promise<void> {
    let failures = 0;
    while (!this.#stop.signal.aborted) {
      const began = Date.now();
      try {
        await this.#live(first);
      } catch (error) {
        if (this.#stop.signal.aborted) break;
        first.reject(error);
        this.#options.onTrouble(`${this.#options.name} did not start`, error);
      }
      if (this.#stop.signal.aborted) break;
      failures = Date.now() - began > STEADY ? 0 : failures + 1;
      this.#change('restarting', { process: null, restarts: this.#record.restarts + 1 });
      await pause(BACKOFF[Math.min(failures, BACKOFF.length) - 1] ?? BACKOFF[0] ?? 0, this.#stop.signal);
    }
    first.reject(new PivoError('Cancelled', `${this.#options.name} was stopped before it was ready`));
    this.#change('stopped', { process: null });
  }

  /** One life of the process, from its start to its end. */
  async #live(first: PromiseWithResolvers<void>): Promise<void> {
    const running = await this.#options.start(this.#stop.signal);
    this.#change('ready', { process: running.process });
    first.resolve();
    const stopped = Promise.withResolvers<null>();
    const onStop = (): void => stopped.resolve(null);
    this.#stop.signal.addEventListener('abort', onStop, { once: true });
    if (this.#stop.signal.aborted) onStop();
    const how = await Promise.race([running.ended, stopped.promise]);
    this.#stop.signal.removeEventListener('abort', onStop);
    if (how === null) {
      this.#change('stopping');
      await running.stop();
      return;
    }
    this.#record = { ...this.#record, lastExit: how };
    this.#options.onTrouble(`${this.#options.name} ended (${how}) and is started again`);
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
}

export interface NodePartOptions {
  name: string;
  /** Absolute path of the entry file. */
  entry: string;
  env: NodeJS.ProcessEnv;
  /** Each line that the process writes, without its newline. */
  onLine: (line: string) => void;
  /** Milliseconds that it may take to send `ready`. */
  readyWithin: number;
  /** Milliseconds that it may take to end after SIGTERM. */
  endsWithin: number;
}

/**
 * Starts a Node entry of ours with an IPC channel and waits for its message `{ type: 'ready' }`.
 * The process ends itself when the channel closes, so it never outlives the supervisor.
 * Fails with Unavailable when it ends or stays silent before it is ready.
 */
export async function startNodePart(options: NodePartOptions, signal: AbortSignal): Promise<Running> {
  // a process group of its own: Ctrl-C in the terminal reaches the supervisor alone, which then ends the parts in order
  const child = fork(options.entry, [], { env: options.env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], cwd: '/', detached: true });
  const ended = endOf(child);
  const said: string[] = [];
  forwardLines(child, (line) => {
    said.push(line);
    if (said.length > LINES_KEPT) said.shift();
    options.onLine(line);
  });
  const stop = (): Promise<void> => stopChild(child, ended, options.endsWithin);
  try {
    await readyOf(child, ended, options, signal);
  } catch (error) {
    await stop();
    throw withLastWords(error, said);
  }
  const process = child.pid === undefined ? null : identify(child.pid);
  if (process === null) throw new PivoError('Unavailable', `${options.name} ended as soon as it was ready`);
  return { process, ended, stop };
}

const LINES_KEPT = 20;

/** Adds what a process said last to the failure of its start. */
function withLastWords(error: unknown, said: readonly string[]): unknown {
  if (!(error instanceof PivoError) || said.length === 0) return error;
  return new PivoError(error.kind, error.message, { hint: `It said: ${wordsOf(said)}`, facts: { said: [...said] }, cause: error });
}

/** The message of the last log record, else the line that names an error, else the last line. */
function wordsOf(said: readonly string[]): string {
  const last = said.at(-1) ?? '';
  if (last.startsWith('{')) {
    const record = JSON.parse(last) as { msg?: string; error?: { message?: string } };
    return [record.msg, record.error?.message].filter((text) => text !== undefined).join(': ');
  }
  return said.findLast((line) => /^\S*Error\b/.test(line)) ?? last;
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
}

function forwardLines(child: ChildProcess, onLine: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) if (stream !== null) createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', onLine);
}

function readyOf(child: ChildProcess, ended: Promise<string>, options: NodePartOptions, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new PivoError('Unavailable', `${options.name} was not ready within ${options.readyWithin / 1000} seconds`)), options.readyWithin);
    const onAbort = (): void => reject(new PivoError('Cancelled', `${options.name} was stopped before it was ready`));
    signal.addEventListener('abort', onAbort, { once: true });
    void ended.then((how) => reject(new PivoError('Unavailable', `${options.name} ended before it was ready (${how})`)));
    child.on('message', (message: unknown) => {
      if (message !== 'ready' && (message as { type?: unknown } | null)?.type !== 'ready') return;
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    void ended.then(() => clearTimeout(timer));
    if (signal.aborted) onAbort();
  });
}

async function stopChild(child: ChildProcess, ended: Promise<string>, endsWithin: number): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), endsWithin);
  await ended;
  clearTimeout(timer);
  if (child.connected) child.disconnect();
}
