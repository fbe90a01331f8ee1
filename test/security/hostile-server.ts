// A git server on loopback that sends what a malicious one would: smart HTTP by hand, byte by byte.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deflateSync } from 'node:zlib';

type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export interface HostileServer {
  url: string;
  /** Requests that arrived: method and path. */
  seen: string[];
  close(): Promise<void>;
}

export async function hostileServer(answer: Answer): Promise<HostileServer> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    request.resume();
    response.on('error', () => {});
    void answer(request, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** One pkt-line (gitprotocol-common(5)). */
export const pkt = (text: string): string => (Buffer.byteLength(text, 'latin1') + 4).toString(16).padStart(4, '0') + text;
export const FLUSH = '0000';

export const OID = 'a'.repeat(40);
const CAPABILITIES = 'multi_ack_detailed no-done thin-pack ofs-delta no-progress symref=HEAD:refs/heads/main agent=git/hostile';

/** The head of an advertisement of protocol 0: HEAD, then refs as given. */
export const advertisement = (refs: readonly string[]): string =>
  `${pkt('# service=git-upload-pack\n')}${FLUSH}${pkt(`${OID} HEAD\0${CAPABILITIES}\n`)}${refs.map((name) => pkt(`${OID} ${name}\n`)).join('')}`;

/** Answers refs at once, and the fetch with `NAK` and what `pack` yields. */
export const servesPack = (pack: () => Iterable<Buffer>): Answer => answersFetch((_, response) => {
  response.setHeader('content-type', 'application/x-git-upload-pack-result');
  response.write(pkt('NAK\n'));
  return pour(response, pack());
});

/** Answers refs at once; the fetch is `answer`'s. */
export const answersFetch = (answer: Answer): Answer => (request, response) => {
  if (request.method !== 'GET') return answer(request, response);
  response.setHeader('content-type', 'application/x-git-upload-pack-advertisement');
  return void response.end(advertisement(['refs/heads/main']) + FLUSH);
};

/** Sends as fast as the other side takes it, and stops when that is gone. */
export async function pour(response: ServerResponse, chunks: Iterable<Buffer | string>): Promise<void> {
  let goOn = (): void => {};
  for (const event of ['drain', 'close']) response.on(event, () => goOn());
  for (const chunk of chunks) {
    if (response.destroyed) return;
    if (!response.write(chunk)) await new Promise<void>((resolve) => void (goOn = resolve));
  }
  response.end();
}

/** `PACK`, version 2, number of objects (gitformat-pack(5)). */
export function packHeader(objects: number): Buffer {
  const header = Buffer.from('PACK\0\0\0\u0002\0\0\0\0', 'latin1');
  header.writeUInt32BE(objects, 8);
  return header;
}

export const TYPE = { commit: 1, tree: 2, blob: 3, ofsDelta: 6 } as const;

/** Type and size as written before an object's compressed bytes. */
export function objectHeader(type: number, size: number): Buffer {
  const bytes = [];
  let rest = Math.floor(size / 16);
  bytes.push((rest > 0 ? 0x80 : 0) | (type << 4) | size % 16);
  while (rest > 0) {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push((rest > 0 ? 0x80 : 0) | low);
  }
  return Buffer.from(bytes);
}

/** A number as a delta begins with, seven bits a byte, the low ones first. */
function deltaSize(size: number): number[] {
  const bytes = [];
  let rest = size;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push((rest > 0 ? 0x80 : 0) | low);
  } while (rest > 0);
  return bytes;
}

/** A tree of 64 KiB, and a delta over it whose result is `bytes` long: some bytes on the wire. */
export function deltaBomb(bytes: number): Buffer[] {
  const base = Buffer.alloc(0x10000, 1);
  const first = Buffer.concat([objectHeader(TYPE.tree, base.length), deflateSync(base)]);
  const copies = Buffer.alloc(Math.ceil(bytes / base.length), 0x80); // copy 64 KiB from offset 0
  const delta = Buffer.concat([Buffer.from([...deltaSize(base.length), ...deltaSize(copies.length * base.length)]), copies]);
  const pack = Buffer.concat([packHeader(2), first, objectHeader(TYPE.ofsDelta, delta.length), offset(first.length), deflateSync(delta)]);
  return [pack, createHash('sha1').update(pack).digest()];
}

/** The distance back to a delta's base. */
function offset(distance: number): Buffer {
  const bytes = [distance & 0x7f];
  for (let rest = distance >>> 7; rest > 0; rest >>>= 7) bytes.unshift(0x80 | (--rest & 0x7f));
  return Buffer.from(bytes);
}

/** A deflated stream of stored blocks without an end: bytes that never finish an object. */
export function* endlessObject(type: number): Generator<Buffer> {
  yield packHeader(1);
  yield objectHeader(type, 2 ** 40);
  yield Buffer.from([0x78, 0x01]);
  const block = Buffer.concat([Buffer.from([0, 0xff, 0xff, 0, 0]), Buffer.alloc(0xffff, 7)]);
  for (;;) yield block;
}
