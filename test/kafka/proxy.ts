// Stands between client and broker, and can swallow answers: what was stored is then not acknowledged.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';

const PRODUCE = 0;

export interface Proxy {
  /** `kafka://…` of the proxy. */
  url: string;
  /** Cuts the connection instead of passing on the answers to the next `count` Produce requests, which the broker did carry out. */
  swallowProduceAnswers(count: number): void;
  /** Passes nothing on any more, and does not say so. */
  freeze(): void;
  /** Passes what comes on again. */
  thaw(): void;
  /** Freezes when the next Produce request comes (`asked`), or when the broker has carried it out (`answered`); resolves then. */
  freezeAtProduce(when: 'asked' | 'answered'): Promise<void>;
  close(): void;
}

/** In front of a broker at `host:port`: brokers tell clients their own address, so that is replaced by the proxy's in every answer. */
export async function proxyOf(broker: string): Promise<Proxy> {
  const [host = '', port = ''] = broker.split(':');
  const sockets = new Set<Socket>();
  let swallow = 0;
  let frozen = false;
  let trap: { when: 'asked' | 'answered'; caught: () => void } | null = null;
  const spring = (when: 'asked' | 'answered'): void => {
    if (trap?.when !== when) return;
    frozen = true;
    trap.caught();
    trap = null;
  };
  const server = createServer((client) => {
    const upstream = connect({ host, port: Number(port) });
    const produces = new Set<number>();
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) sockets.add(socket.on('error', end).on('close', end));
    onFrames(client, (frame) => {
      if (frame.readInt16BE(4) === PRODUCE) {
        spring('asked');
        produces.add(frame.readInt32BE(8));
      }
      if (frozen) return;
      upstream.write(frame);
    });
    onFrames(upstream, (frame) => {
      const produced = produces.delete(frame.readInt32BE(4));
      if (produced) spring('answered');
      if (frozen) return;
      if (produced && swallow > 0) {
        swallow -= 1;
        end();
      } else client.write(withAddress(frame, addressBytes(host, Number(port)), addressBytes(host, (server.address() as AddressInfo).port)));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `kafka://${host}:${(server.address() as AddressInfo).port}`,
    swallowProduceAnswers: (count) => {
      swallow = count;
    },
    freeze: () => {
      frozen = true;
    },
    thaw: () => {
      frozen = false;
    },
    freezeAtProduce: (when) => new Promise((caught) => (trap = { when, caught })),
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Requests and answers are both framed by their length, an int32. */
function onFrames(socket: Socket, take: (frame: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0);
      take(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
  });
}

/** Host (int16 length and bytes) and port (int32) as in Metadata and FindCoordinator answers. */
function addressBytes(host: string, port: number): Buffer {
  const bytes = Buffer.alloc(2 + host.length + 4);
  bytes.writeInt16BE(host.length, 0);
  bytes.write(host, 2);
  bytes.writeInt32BE(port, 2 + host.length);
  return bytes;
}

function withAddress(frame: Buffer, from: Buffer, to: Buffer): Buffer {
  const changed = Buffer.from(frame);
  for (let at = changed.indexOf(from); at >= 0; at = changed.indexOf(from, at + to.length)) to.copy(changed, at);
  return changed;
}
