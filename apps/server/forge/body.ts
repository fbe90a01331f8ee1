// The body of a webhook's request: whole, within bounds of bytes, memory and time, whoever sends it.
import type { IncomingMessage } from 'node:http';
import { Refusal } from '../problem.ts';

export interface BodyBounds {
  /** Bytes of one body. */
  bytes: number;
  /** Bytes of all bodies that are held at once. */
  together: number;
  /** Milliseconds that a body may take to come. */
  patience: number;
}

export interface Bodies {
  /** What `use` makes of the body. Fails with a 413, a 408, or a 503 where the bodies of others take all the room. */
  with<T>(incoming: IncomingMessage, use: (body: Buffer) => Promise<T>): Promise<T>;
}

/** The connection is of no use after a body that was not read to its end. */
const refusal = (status: number, kind: 'LimitExceeded' | 'Unavailable', message: string, headers: Record<string, string> = {}): Refusal => new Refusal(status, kind, message, { headers: { connection: 'close', ...headers } });

/** Bodies of one server share its room. */
export function createBodies({ bytes, together, patience }: BodyBounds): Bodies {
  let held = 0;
  const tooLarge = (): Refusal => refusal(413, 'LimitExceeded', `the body is larger than ${bytes} bytes`);
  return {
    async with(incoming, use) {
      if (Number(incoming.headers['content-length'] ?? 0) > bytes) throw tooLarge();
      let size = 0;
      const take = (chunk: Buffer): void => {
        size += chunk.length;
        held += chunk.length;
        if (size > bytes) throw tooLarge();
        if (held > together) throw refusal(503, 'Unavailable', 'there are too many large bodies at this moment', { 'retry-after': '5' });
      };
      try {
        return await use(await whole(incoming, take, patience));
      } finally {
        held -= size;
      }
    },
  };
}

/** The body, as long as `take` does not throw. The stream is left as it is: what ends it early would end the answer with it. */
function whole(incoming: IncomingMessage, take: (chunk: Buffer) => void, patience: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  const late = setTimeout(() => reject(refusal(408, 'LimitExceeded', `the body did not come within ${patience / 1000} s`)), patience);
  const onData = (chunk: Buffer): void => {
    try {
      take(chunk);
      chunks.push(chunk);
    } catch (error) {
      reject(error);
    }
  };
  const onEnd = (): void => {
    incoming.off('close', onGone); // it comes with every end
    const [only = Buffer.alloc(0)] = chunks;
    resolve(chunks.length <= 1 ? only : Buffer.concat(chunks));
  };
  const onGone = (): void => reject(refusal(400, 'Unavailable', 'the body did not come whole'));
  incoming.on('data', onData).once('end', onEnd).once('close', onGone).once('error', onGone);
  return promise.finally(() => {
    clearTimeout(late);
    incoming.off('data', onData).off('end', onEnd).off('close', onGone).pause();
  });
}
