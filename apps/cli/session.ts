// One run of one command: its configuration, its output, its cancellation, and the way to operations.
import type { Config, Unusable } from '../../config.ts';
import { useColour } from '../../colour.ts';
import type { Tracing } from '../../stack/tracing.ts';
import { callOperation, type CallOptions } from './call.ts';
import { progressDisplay, type ProgressDisplay } from './progress.ts';

export interface Session {
  config: Config;
  /** What of the configuration was left out, as it cannot be used; none unless the command goes on then. */
  unusable: readonly Unusable[];
  /** Whether the person asked for JSON. */
  json: boolean;
  /** Aborted by the first Ctrl-C. */
  signal: AbortSignal;
  progress: ProgressDisplay;
  /** Colours and weights that do nothing where no colour is wanted. */
  style: Style;
  /** Writes to stdout and waits until it is taken. */
  print(text: string | Uint8Array): Promise<void>;
  /** Writes to stderr: what is not the answer. */
  note(text: string): void;
  /** Prints `value` as JSON when JSON is asked for, else what `text` makes of it. */
  answer<T>(value: T, text: (value: T) => string): Promise<void>;
  /** Runs an operation, at the running PIVO where there is one; ends with the session's signal, or its own. */
  call<T>(operation: string, input: object, own?: Partial<CallOptions>): Promise<T>;
}

type Paint = (text: string) => string;

export interface Style {
  bold: Paint;
  dim: Paint;
  green: Paint;
  yellow: Paint;
  red: Paint;
}

function styleFor(colour: boolean): Style {
  const paint = (code: number) => (text: string) => (colour && text !== '' ? `\u001B[${code}m${text}\u001B[0m` : text);
  return { bold: paint(1), dim: paint(2), green: paint(32), yellow: paint(33), red: paint(31) };
}

export interface SessionOptions {
  json?: boolean | undefined;
  /** What a command does where engines that are configured do not run, or the model is set wrongly: it goes on with a warning, or says itself what is wrong. Default: it fails. */
  unusable?: 'warn' | 'tell';
}

/** Opens the session of a command. Fails with InvalidInput when the configuration is wrong. */
export async function openSession(options: SessionOptions, signal: AbortSignal): Promise<Session> {
  const { loadConfig } = await import('../../config.ts');
  const unusable: Unusable[] = [];
  const config = options.unusable === undefined ? loadConfig() : loadConfig(process.env, (each) => unusable.push(each));
  if (options.unusable === 'warn') unusable.forEach(warn);
  const json = options.json === true;
  const progress = progressDisplay(process.stderr, json, useColour(process.stderr));
  const print = (text: string | Uint8Array): Promise<void> => {
    progress.clear();
    return write(process.stdout, text);
  };
  return {
    config,
    unusable,
    json,
    signal,
    progress,
    style: styleFor(useColour(process.stdout)),
    print,
    note: (text) => {
      progress.clear();
      process.stderr.write(text);
    },
    answer: (value, text) => print(json ? `${JSON.stringify(value)}\n` : text(value)),
    call: async <T>(operation: string, input: object, own: Partial<CallOptions> = {}) => {
      const options: CallOptions = { signal, onProgress: (each) => progress.show(each), ...own };
      try {
        return await traced(config, operation, (headers) => callOperation<T>(config.paths.serverSocket, operation, input, { ...options, headers }, () => runHere<T>(config, operation, input, options)));
      } finally {
        progress.clear();
      }
    },
  };
}

/** Started by the first call, where tracing is on. */
let tracing: Tracing | undefined;

/** As the first span of a trace, where tracing is on. */
async function traced<T>({ telemetry }: Config, operation: string, run: (headers: Record<string, string>) => Promise<T>): Promise<T> {
  if (telemetry.otlp === undefined) return run({});
  const { startTracing } = await import('../../stack/tracing.ts');
  tracing ??= startTracing(telemetry.otlp, 'pivo-cli');
  try {
    return await tracing.first(`pivo ${operation}`, run);
  } finally {
    await tracing.flush();
  }
}
const warn = ({ failure: { message, hint } }: Unusable): void => void process.stderr.write(`warning: ${message}\nhint: ${hint}\n`);

/** Runs the operation in this process: reading works with the stack down, starting fails with Unavailable. */
async function runHere<T>(config: Config, name: string, input: object, options: CallOptions): Promise<T> {
  const { callInProcess } = await import('./in-process.ts');
  return callInProcess<T>(config, name, input, options);
}

function write(stream: NodeJS.WriteStream, text: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => stream.write(text, (error) => (error == null ? resolve() : reject(error))));
}
