// Makes a Kafka client: kafkajs on our log, our TLS and SASL settings, and sockets that we can cut.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import type { ISocketFactory, Kafka, KafkaConfig, LogEntry } from 'kafkajs';
import { PivoError } from '../../contract/failures.ts';
import type { Log } from '../../contract/log.ts';
import type { KafkaSettings } from './settings.ts';

export interface KafkaClient {
  kafka: Kafka;
  /** Closes every connection at once: what waits for an answer fails, and nothing connects any more. */
  cut(): void;
}

export interface KafkaPlace {
  brokers: string[];
  settings: KafkaSettings;
  log: Log;
}

/** Temporal or the reader tries again; kafkajs needs one retry to resend a batch after a lost connection. */
const RETRY = { retries: 1, initialRetryTime: 300, maxRetryTime: 2_000 };
const CONNECT_MS = 5_000;
const KEEP_ALIVE_MS = 60_000;
/** Above the broker's own wait for its replicas (ACKS_MS of publisher.ts). */
const ANSWER_MS = 20_000;

/** Loads kafkajs on first use: whoever has another log never pays for it. */
export async function makeClient({ brokers, settings, log }: KafkaPlace): Promise<KafkaClient> {
  const { Kafka, logLevel } = await import('kafkajs');
  stopIdleTimers();
  const sockets = trackedSockets();
  const config: KafkaConfig = {
    clientId: 'pivo',
    brokers: nextOf(brokers),
    connectionTimeout: CONNECT_MS,
    authenticationTimeout: ANSWER_MS,
    requestTimeout: ANSWER_MS,
    retry: RETRY,
    socketFactory: sockets.factory,
    logLevel: logLevel.INFO,
    logCreator: () => (entry) => tell(log, entry),
    ...tlsOf(settings.tls),
    ...saslOf(settings.sasl),
  };
  return { kafka: new Kafka(config), cut: sockets.cut };
}

let turn = 0;

/** The brokers one after the other, across clients: a new client does not begin with the same dead broker again. */
function nextOf(brokers: string[]): () => string[] {
  return () => [brokers[turn++ % brokers.length] as string];
}

/** kafkajs reports each hiccup as an error of its own; what it cannot cure fails the call, which is told there. */
function tell(log: Log, { namespace, label, log: { message, broker, groupId, error } }: LogEntry): void {
  const facts: Record<string, unknown> = { level: label, broker, groupId, reason: error instanceof Error ? error.message : error };
  for (const [name, value] of Object.entries(facts)) if (value === undefined) delete facts[name];
  log.debug(facts, `kafkajs ${namespace}: ${message}`);
}

function tlsOf(tls: KafkaSettings['tls']): { ssl?: ConnectionOptions | boolean } {
  if (typeof tls === 'boolean') return tls ? { ssl: true } : {};
  const files = { ca: tls.caFile, cert: tls.certFile, key: tls.keyFile };
  return { ssl: Object.fromEntries(Object.entries(files).flatMap(([name, file]) => (file === undefined ? [] : [[name, readPem(file)]]))) };
}

function readPem(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new PivoError('Unavailable', `a file of [kafka.tls] cannot be read: ${(error as Error).message}`, { hint: 'Correct kafka.tls in config.toml.', cause: error });
  }
}

/** The password is read when a connection needs it. */
function saslOf(sasl: KafkaSettings['sasl']): Pick<KafkaConfig, 'sasl'> {
  if (sasl === undefined) return {};
  const { mechanism, username } = sasl;
  return {
    sasl: {
      mechanism: mechanism as 'plain',
      username,
      get password() {
        return sasl.password();
      },
    },
  };
}

/** As kafkajs opens sockets by itself, and remembers them. */
function trackedSockets(): { factory: ISocketFactory; cut: () => void } {
  const open = new Set<Socket>();
  let ended = false;
  const end = (socket: Socket): void => void socket.destroy(new Error('the connection was closed from this side'));
  return {
    factory: ({ host, port, ssl, onConnect }) => {
      const socket = (ssl as unknown) ? connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...(ssl as unknown as object) }, onConnect) : connectPlain({ host, port }, onConnect);
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      if (ended) end(socket);
      return socket;
    },
    cut: () => {
      ended = true;
      for (const socket of open) end(socket);
    },
  };
}

interface RequestQueue {
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  pending: unknown[];
  checkPendingRequests(): void;
}

const CHECK_AGAIN_MS = 10;

/**
 * kafkajs 2.2.4 looks for waiting requests a millisecond after each look, for as long as a connection lives, by a timer
 * with a negative delay (which Node warns of). Here it looks only while requests wait; a request that comes later looks itself.
 */
function stopIdleTimers(): void {
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js') as { prototype: RequestQueue & { scheduleCheckPendingRequests(): void } };
  prototype.scheduleCheckPendingRequests = function schedule(this: RequestQueue): void {
    if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return;
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null;
        this.checkPendingRequests();
      },
      Math.max(CHECK_AGAIN_MS, this.throttledUntil - Date.now()),
    );
  };
}
