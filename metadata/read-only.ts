// Answers SQL from people and the agent: each statement in a process of its own that can be killed, kept warm between statements.
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { PivoError, fromReport, type FailureReport } from '../contract/failures.ts';
import { QUERY_MEMORY_BYTES, type QueryLimits, type QueryRequest, type QueryResult } from './query-limits.ts';

export const DEFAULT_QUERY_LIMITS: QueryLimits = { rows: 1_000, bytes: 8 * 2 ** 20, milliseconds: 10_000 };

const ENTRY = fileURLToPath(new URL('query-process.ts', import.meta.url));
/** Most processes at once; more statements wait. */
const PROCESSES = 4;

/** SQLite files that statements see beside the index, each as the schema of its name once it is there. */
export type Beside = Readonly<Partial<Record<'records' | 'state', string>>>;

/** Reads one index, and what lies beside it. A process that waits for work never keeps the caller's process alive. */
export class ReadOnlyIndex {
  readonly #path: string;
  readonly #beside: Beside;
  readonly #idle: ChildProcess[] = [];
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(path: string, beside: Beside = {}) {
    this.#path = path;
    this.#beside = beside;
  }

  /**
   * Runs one statement that reads. Fails with InvalidInput for any other statement and for SQL that SQLite refuses,
   * with LimitExceeded past time or memory, with Unavailable without an index, with Cancelled when the signal aborts.
   */
  async query(sql: string, limits: Partial<QueryLimits> = {}, signal?: AbortSignal): Promise<QueryResult> {
    while (this.#running >= PROCESSES) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
    const child = this.#idle.pop() ?? this.#start();
    try {
      const result = await ask(child, { ...DEFAULT_QUERY_LIMITS, ...limits, sql }, signal);
      if ('error' in result) throw fromReport(result.error);
      return result.result;
    } finally {
      if (child.exitCode === null && child.signalCode === null && !child.killed) this.#keep(child);
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  /** Ends the processes that wait for work. */
  close(): void {
    for (const child of this.#idle.splice(0)) child.kill('SIGKILL');
  }

  #start(): ChildProcess {
    const child = fork(ENTRY, [this.#path, JSON.stringify(this.#beside)], { env: {}, execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    child.once('exit', () => {
      const at = this.#idle.indexOf(child);
      if (at !== -1) this.#idle.splice(at, 1);
    });
    return child;
  }

  #keep(child: ChildProcess): void {
    child.unref();
    child.channel?.unref();
    this.#idle.push(child);
  }
}

type Answer = { result: QueryResult } | { error: FailureReport };

function ask(child: ChildProcess, request: QueryRequest, signal: AbortSignal | undefined): Promise<Answer> {
  child.ref();
  child.channel?.ref();
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const kill = (error: PivoError): void => {
    child.kill('SIGKILL');
    reject(error);
  };
  const timer = setTimeout(() => kill(tooLong(request)), request.milliseconds);
  const onAbort = (): void => kill(new PivoError('Cancelled', 'the query was cancelled'));
  const onMessage = (message: Answer | 'ready'): void => {
    if (message !== 'ready') resolve(message);
  };
  const onExit = (code: number | null, ended: NodeJS.Signals | null): void => reject(ended === 'SIGUSR2' ? tooBig() : new PivoError('Unavailable', `the query's process ended (${ended ?? code})`));
  child.on('message', onMessage).once('exit', onExit).once('error', reject);
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted === true) onAbort();
  else child.send(request);
  return promise.finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    child.off('message', onMessage).off('exit', onExit).off('error', reject);
  });
}

const tooLong = ({ milliseconds }: QueryRequest): PivoError =>
  new PivoError('LimitExceeded', `the query took longer than ${milliseconds / 1000} seconds and was ended`, { hint: 'Ask for less: a WHERE on commit_hash, path or commit_time, or a LIMIT.' });

const tooBig = (): PivoError => new PivoError('LimitExceeded', `the query took more than ${QUERY_MEMORY_BYTES / 2 ** 20} MiB of memory and was ended`, { hint: 'Ask for fewer rows or shorter values.' });
