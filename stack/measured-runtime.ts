// Temporal's runtime with its own measures at a port of this machine, and where that is, for the server to read.
import { PivoError } from '../contract/failures.ts';
import type { Log } from '../contract/log.ts';
import { recordAddress, type Addressed } from './address.ts';
import { freePort } from './ports.ts';
import { installRuntime } from './temporal-runtime.ts';

const LOOPBACK = '127.0.0.1';

export interface Measured {
  log: Log;
  /** `PIVO_HOME/run`. */
  run: string;
  name: Exclude<Addressed, 'server'>;
  /** Where a person wants it; none: a free port of loopback. */
  listen?: { host: string; port: number } | undefined;
}

/** A free port may be taken by another process just then. */
const TRIES = 3;

/** To be called once in a process, before its first connection. The result takes the address back. Fails with Exists when a chosen port is taken. */
export async function installMeasuredRuntime({ log, run, name, listen = { host: LOOPBACK, port: 0 } }: Measured): Promise<() => void> {
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  for (let tried = 1; ; tried++) {
    const port = listen.port === 0 ? await freePort(listen.host) : listen.port;
    try {
      installRuntime(log, `${host}:${port}`);
      return recordAddress(run, name, `http://${reachable(host)}:${port}/metrics`);
    } catch (error) {
      if (listen.port === 0 && tried < TRIES) continue;
      throw new PivoError('Exists', `Prometheus cannot be answered at ${host}:${port}: ${(error as Error).message}`, { hint: 'Choose another ip:port with `metrics` of [telemetry] in config.toml or PIVO_METRICS_LISTEN.', cause: error });
    }
  }
}

const reachable = (host: string): string => (host === '0.0.0.0' ? LOOPBACK : host === '[::]' ? '[::1]' : host);
