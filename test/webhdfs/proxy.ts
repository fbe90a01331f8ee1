// A proxy in front of NameNode and DataNode that breaks what it is told to break.
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';

/** `lost`: the server did it, and its answer never came. `half`: the answer ends in the middle. `late`: silence. `login`: another server's redirect, with a path alone. */
export const FAULTS = ['503', 'reset', 'lost', 'half', 'late', 'false', 'html', 'login', 'cut upload'] as const;
export type Fault = (typeof FAULTS)[number];

export interface Rule {
  /** `flip`: one byte of what is sent changes on the way. */
  fault: Fault | 'standby' | 'flip' | 'other checksum';
  operation: string;
  /** Which of the two steps; both when missing. */
  at?: 'namenode' | 'datanode';
  /** How often; for ever when missing. */
  times?: number;
}

/** A request: method, operation, which step, path and query. */
export interface Seen {
  method: string;
  operation: string;
  at: 'namenode' | 'datanode';
  url: string;
}

export interface Proxy {
  /** `host:port` to be taken for a NameNode. */
  address: string;
  /** Requests as they came. */
  seen: Seen[];
  break(rule: Rule | null): void;
  close(): Promise<void>;
}

export interface ProxyOptions {
  /** The proxy speaks TLS. */
  tls?: { key: Buffer; cert: Buffer };
  /** Lets redirects lead to the DataNode itself, without TLS. */
  downgrade?: boolean;
  /** A request goes on when this resolves. */
  hold?: (request: Seen) => Promise<void>;
}

/** A path that begins with `/-/host:port/` is for that DataNode; all others are for the NameNode. */
export async function startProxy(nameNode: string, options: ProxyOptions = {}): Promise<Proxy> {
  let rule: Rule | null = null;
  const seen: Proxy['seen'] = [];
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const [, dataNode, path = ''] = /^\/-\/([^/]+)(\/.*)$/.exec(request.url ?? '') ?? [undefined, undefined, request.url];
    const at = dataNode === undefined ? 'namenode' : 'datanode';
    const operation = new URLSearchParams(path.split('?')[1]).get('op') ?? '';
    const asked: Seen = { method: request.method ?? '', operation, at, url: path };
    seen.push(asked);
    const hit = rule !== null && rule.operation === operation && (rule.at ?? at) === at && (rule.times ?? 1) > 0 ? rule : null;
    if (hit?.times !== undefined) hit.times -= 1;
    request.on('error', () => {});
    response.on('error', () => {});
    const goOn = (): void => {
      if (hit !== null && instead(hit.fault, response)) request.resume();
      else forward(request, response, dataNode ?? nameNode, path, hit?.fault ?? null, options.downgrade === true ? null : self);
    };
    if (options.hold === undefined) goOn();
    else void options.hold(asked).then(goOn);
  };
  const server = options.tls === undefined ? http.createServer(handle) : https.createServer(options.tls, handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const self = `${options.tls === undefined ? 'http' : 'https'}://${address}`;
  return {
    address,
    seen,
    break: (next) => (rule = next),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers without asking the server; false when the fault needs it. */
function instead(fault: Rule['fault'], response: ServerResponse): boolean {
  const json = (status: number, value: unknown): boolean => (response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value)), true);
  if (fault === '503') return (response.writeHead(503).end('busy'), true);
  if (fault === 'reset') return (response.socket?.resetAndDestroy(), true);
  if (fault === 'late') return true;
  if (fault === 'false') return json(200, { boolean: false });
  if (fault === 'html') return (response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Login</h1>'), true);
  if (fault === 'login') return (response.writeHead(307, { location: '/login?next=canary', 'content-length': 0 }).end(), true);
  if (fault === 'standby') return json(403, { RemoteException: { exception: 'StandbyException', javaClassName: 'org.apache.hadoop.ipc.StandbyException', message: 'Operation category READ is not supported in state standby' } });
  if (fault === 'other checksum') return json(200, { FileChecksum: { algorithm: 'COMPOSITE-CRC32C', bytes: '0badcafe', length: 4 } });
  return false;
}

function forward(request: IncomingMessage, response: ServerResponse, server: string, path: string, fault: Rule['fault'] | null, self: string | null): void {
  const { host: _, ...headers } = request.headers;
  const onward = http.request(`http://${server}`, { method: request.method, path, headers, agent: false });
  onward.on('error', () => response.destroy());
  onward.on('response', (answer) => {
    const location = answer.headers.location?.replace(/^http:\/\/([^/]+)\//, (all, dataNode: string) => (self === null ? all : `${self}/-/${dataNode}/`));
    const back = { ...answer.headers, ...(location === undefined ? {} : { location }) };
    if (fault === 'lost') answer.resume().on('end', () => response.socket?.resetAndDestroy());
    else if (fault === 'half') half(answer, response, back);
    else answer.pipe(response.writeHead(answer.statusCode ?? 502, back));
  });
  if (fault === 'cut upload') request.once('data', () => (onward.destroy(), response.socket?.resetAndDestroy()));
  if (fault === 'flip') request.once('data', (chunk: Buffer) => (chunk[0] = (chunk[0] ?? 0) ^ 1));
  request.pipe(onward);
}

/** Status and headers, half of the body, and the end of the connection; an answer without a body loses its headers' end. */
function half(answer: IncomingMessage, response: ServerResponse, headers: http.OutgoingHttpHeaders): void {
  const chunks: Buffer[] = [];
  answer.on('data', (chunk: Buffer) => chunks.push(chunk));
  answer.on('end', () => {
    const body = Buffer.concat(chunks);
    if (body.length === 0) response.socket?.end(`HTTP/1.1 ${answer.statusCode} `);
    else response.writeHead(answer.statusCode ?? 502, headers).write(body.subarray(0, body.length >> 1), () => response.socket?.destroy());
  });
}
