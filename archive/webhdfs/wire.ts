// One HTTP request over kept connections: streamed body, time limits, abort. Knows nothing of HDFS.
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';

export type Content = Uint8Array | AsyncIterable<Uint8Array>;

export interface WireRequest {
  method: 'GET' | 'PUT' | 'DELETE';
  url: URL;
  /** Sent as it comes; an error of its own is what the request fails with. */
  body?: Content | undefined;
  signal?: AbortSignal | undefined;
}

export interface WireOptions {
  /** Certificates (PEM) to trust instead of the system's own list. */
  ca?: Buffer | undefined;
  /** Seconds. */
  connect: number;
  idle: number;
}

/** Connections to one server at a time. */
const SOCKETS = 32;

export interface Wire {
  /**
   * The answer, its body not yet read. Fails with ConnectionLost, the body's own error, or the signal's reason.
   * A request without a body whose kept connection turns out to be closed is sent once more.
   */
  send(request: WireRequest): Promise<IncomingMessage>;
}

/** Connections are kept between requests and do not keep the process alive. */
export function openWire({ ca, connect, idle }: WireOptions): Wire {
  const kept = { keepAlive: true, maxSockets: SOCKETS, scheduling: 'lifo' as const };
  const plain = new http.Agent(kept);
  const secure = new https.Agent({ ...kept, ...(ca === undefined ? {} : { ca }) });
  const once = (request: WireRequest): Promise<IncomingMessage> => exchange(request, request.url.protocol === 'https:' ? secure : plain, { connect, idle });
  return {
    async send(request) {
      try {
        return await once(request);
      } catch (error) {
        if (request.body !== undefined || !(error instanceof ConnectionLost) || !error.stale) throw error;
        return once(request);
      }
    },
  };
}

/** No connection, or it ended before there was an answer. */
export class ConnectionLost extends Error {
  /** It was a kept one, which the server may have closed before it saw the request. */
  readonly stale: boolean;
  /** Nothing of the body was taken from its source: the request can be sent again. */
  readonly unsent: boolean;

  constructor(cause: Error, about: { stale: boolean; unsent: boolean }) {
    super(cause.message || String((cause as NodeJS.ErrnoException).code), { cause });
    this.stale = about.stale;
    this.unsent = about.unsent;
  }
}

const HEADERS = { PUT: { 'content-length': '0' }, GET: {}, DELETE: {} } as const;

function exchange({ method, url, body, signal }: WireRequest, agent: http.Agent, limits: { connect: number; idle: number }): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? HEADERS[method] : { 'content-type': 'application/octet-stream', ...(body instanceof Uint8Array ? { 'content-length': String(body.length) } : {}) };
    const request = (url.protocol === 'https:' ? https : http).request(url, { method, agent, headers, ...(signal === undefined ? {} : { signal }) });
    const sending: Sending = { answer: null, ended: body === undefined, begun: false, atSource: false };
    const gone = (error: NodeJS.ErrnoException): void => {
      const stale = request.reusedSocket && sending.answer === null && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      reject(signal?.aborted === true ? (signal.reason as Error) : new ConnectionLost(error, { stale, unsent: !sending.begun }));
    };
    limitTime(request, sending, limits);
    request.on('error', gone);
    request.on('response', (answer) => {
      sending.answer = answer;
      answer.on('error', () => {}); // whoever reads the answer sees it; one that nobody reads must not end the process
      if (sending.ended || (answer.statusCode ?? 0) >= 300) resolve(answer);
      else request.destroy(new Error('it answered before it had the whole file'));
    });
    if (body === undefined) request.end();
    else
      whenConnected(request, () => {
        pour(request, body, sending).catch((error: Error) => {
          reject(error);
          request.destroy();
        });
      });
  });
}

interface Sending {
  answer: IncomingMessage | null;
  /** The whole body was handed to the connection. */
  ended: boolean;
  /** The body's source was asked for its first bytes. */
  begun: boolean;
  /** Waiting for the body's source, not for the network. */
  atSource: boolean;
}

/** A body is asked for only once there is somebody to take it. */
function whenConnected(request: ClientRequest, act: () => void): void {
  request.on('socket', (socket) => {
    if (socket.connecting) socket.once('encrypted' in socket ? 'secureConnect' : 'connect', act);
    else act();
  });
}

/**
 * Sends a body as fast as the network takes it; stops when the server has answered, or the connection is gone.
 * The next piece is made while the one before is under way.
 */
async function pour(request: ClientRequest, body: Content, sending: Sending): Promise<void> {
  sending.begun = true;
  const source = (body instanceof Uint8Array ? oneOf(body) : body)[Symbol.asyncIterator]();
  try {
    for (let next = take(source, sending); ; ) {
      const { done, value } = await next;
      if (request.destroyed || sending.answer !== null) return;
      if (done === true) break;
      const flowing = request.write(value);
      next = take(source, sending);
      if (!flowing) await drained(request);
    }
    sending.ended = true;
    request.end();
  } finally {
    if (!sending.ended) await source.return?.();
  }
}

async function* oneOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** The next piece; a failure waits until somebody asks for it. */
function take(source: AsyncIterator<Uint8Array>, sending: Sending): Promise<IteratorResult<Uint8Array>> {
  sending.atSource = true;
  const next = source.next();
  const taken = (): void => void (sending.atSource = false);
  next.then(taken, taken);
  return next;
}

function drained(request: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of ['drain', 'close', 'response'] as const) request.off(event, done);
      resolve();
    };
    for (const event of ['drain', 'close', 'response'] as const) request.on(event, done);
  });
}

/** Ends the request when it cannot connect in time, or when the other side is silent while it is its turn. */
function limitTime(request: ClientRequest, sending: Sending, { connect, idle }: { connect: number; idle: number }): void {
  request.on('socket', (socket) => {
    const silent = (): void => {
      if (sending.atSource || (sending.answer !== null && sending.answer.readableLength > 0)) return void socket.setTimeout(idle * 1000); // we are the slow ones: its time begins anew
      const silence = Object.assign(new Error(`silent for ${idle} s`), { code: 'ETIMEDOUT' });
      if (sending.answer === null) request.destroy(silence);
      else sending.answer.destroy(silence);
    };
    socket.on('timeout', silent); // the request itself would hear of it only once
    request.once('close', () => socket.off('timeout', silent));
    if (!socket.connecting) return;
    const timer = setTimeout(() => request.destroy(Object.assign(new Error(`no connection within ${connect} s`), { code: 'ETIMEDOUT' })), connect * 1000);
    for (const event of ['connect', 'close'] as const) socket.once(event, () => clearTimeout(timer));
  });
  request.setTimeout(idle * 1000);
}
