// Temporal's runtime in this process: its log goes to ours, and it leaves the signals to the entry.
import { Runtime, makeTelemetryFilterString, type LogMetadata, type Logger } from '@temporalio/worker';
import type { Log } from '../contract/log.ts';

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/**
 * The SDK's logger over ours. What its worker says of each act and run is said by the acts and workflows themselves
 * already, so that only its errors are kept; of its core, and of workflow code, warnings too.
 */
export function sdkLogger(log: Log): Logger {
  const write = (level: Level, message: string, meta: LogMetadata = {}): void => {
    const { sdkComponent, error, ...facts } = meta;
    const heard = level === 'error' || (level === 'warn' && (sdkComponent === 'core' || sdkComponent === 'workflow'));
    log[heard ? level : 'debug']({ ...facts, ...(error !== undefined && { error: error instanceof Error ? error.message : error }) }, message);
  };
  return {
    log: (level, message, meta) => write(level.toLowerCase() as Level, message, meta),
    trace: (message, meta) => write('trace', message, meta),
    debug: (message, meta) => write('debug', message, meta),
    info: (message, meta) => write('info', message, meta),
    warn: (message, meta) => write('warn', message, meta),
    error: (message, meta) => write('error', message, meta),
  };
}

/** To be called once in a process, before its first connection. */
export function installRuntime(log: Log): void {
  Runtime.install({
    logger: sdkLogger(log),
    shutdownSignals: [],
    telemetryOptions: { logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) } },
  });
}
