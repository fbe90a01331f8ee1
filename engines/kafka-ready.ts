// Asks a Kafka broker two questions over TCP, to know that it serves clients; formats as in https://kafka.apache.org/protocol.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const API_VERSIONS = 18;
const METADATA = 3;
const ANSWERS_WITHIN = 3000;

/**
 * True when the broker tells its API versions and lists itself, at this address, among the brokers that are not fenced.
 * Fails when nobody listens or the answer does not come within 3 s.
 */
export async function brokerAnswers(host: string, port: number): Promise<boolean> {
  const versions = await askBroker(host, port, { api: API_VERSIONS, version: 0, body: Buffer.alloc(0) });
  if (versions.readInt16BE(0) !== 0) return false;
  const noTopics = Buffer.alloc(4);
  const metadata = await askBroker(host, port, { api: METADATA, version: 1, body: noTopics });
  return brokersOf(metadata).includes(`${host}:${port}`);
}

export interface BrokerRequest {
  /** API key, and a version of it from before flexible versions. */
  api: number;
  version: number;
  body: Buffer;
}

/** Sends one request on a connection of its own; the body of the answer. Fails as `brokerAnswers` does. */
export async function askBroker(host: string, port: number, request: BrokerRequest): Promise<Buffer> {
  const socket = connect(port, host);
  socket.setTimeout(ANSWERS_WITHIN, () => socket.destroy(new Error('the broker does not answer')));
  try {
    await once(socket, 'connect');
    socket.write(encode(request));
    return await answerOf(socket);
  } finally {
    socket.destroy();
  }
}

/** Request header v1: key and version of the API, correlation id, client id; all behind the length of what follows. */
function encode({ api, version, body }: BrokerRequest): Buffer {
  const client = Buffer.from('pivo-engines');
  const header = Buffer.alloc(14);
  header.writeInt32BE(10 + client.length + body.length, 0);
  header.writeInt16BE(api, 4);
  header.writeInt16BE(version, 6);
  header.writeInt32BE(api, 8);
  header.writeInt16BE(client.length, 12);
  return Buffer.concat([header, client, body]);
}

/** What follows the length and the correlation id. Fails when the broker hangs up before that is whole. */
async function answerOf(socket: Socket): Promise<Buffer> {
  let answer = Buffer.alloc(0);
  for await (const chunk of socket) {
    answer = Buffer.concat([answer, chunk as Buffer]);
    if (answer.length >= 4 && answer.length >= 4 + answer.readInt32BE(0)) return answer.subarray(8);
  }
  throw new Error('the broker hung up');
}

/** `host:port` of each broker in a Metadata answer v1: int32 count, then node id, host, port and a nullable rack each. */
function brokersOf(answer: Buffer): string[] {
  const brokers: string[] = [];
  let at = 4;
  for (let left = answer.readInt32BE(0); left > 0; left--) {
    const host = answer.subarray(at + 6, at + 6 + answer.readInt16BE(at + 4));
    at += 6 + host.length;
    brokers.push(`${host.toString()}:${answer.readInt32BE(at)}`);
    at += 6 + Math.max(0, answer.readInt16BE(at + 4));
  }
  return brokers;
}
