// Bytes as they were before they were compressed: gzip and Zstandard, told by how they begin, as far as they are whole.
import { PivoError } from '../contract/failures.ts';
import { packingOf, unpack } from '../unpacking.ts';

/** How many times its packed size a log may have, once it is large: those that Spark writes have fifty. */
const MOST_TIMES = 300;
const LARGE = 256 * 2 ** 20;

const startsWith = (bytes: Uint8Array, magic: readonly number[]): boolean => magic.every((byte, at) => bytes[at] === byte);
const ascii = (text: string): number[] => [...Buffer.from(text, 'latin1')];

/** What Spark's other codecs begin with; their formats are Java's own. Sources: LZ4BlockOutputStream, SnappyOutputStream, LZFChunk. */
const UNREADABLE = { lz4: ascii('LZ4Block'), snappy: ascii('\x82SNAPPY\0'), lzf: ascii('ZV') } as const;

/** Fails with InvalidInput that says how else the log can be read. */
export function refuseCodec(codec: string): never {
  throw new PivoError('InvalidInput', `the event log is compressed with ${codec}, which only Spark itself reads`, {
    hint: 'Give the address of a history server that has it (`pivo optimize http://HOST:18080 --application ID`); for later runs set spark.eventLog.compression.codec=zstd.',
    facts: { codec },
  });
}

/** The unpacked bytes. What was read before a stream ends early, or is damaged, is given, and `onCut` told. Fails with InvalidInput for other codecs of Spark, and with LimitExceeded for what unpacks without end. */
export async function* unpacked(bytes: AsyncIterable<Uint8Array>, onCut: () => void): AsyncGenerator<Uint8Array> {
  const size = { packed: 0, whole: 0 };
  for await (const chunk of streams(counted(bytes, size), onCut)) {
    size.whole += chunk.length;
    if (size.whole > LARGE && size.whole > MOST_TIMES * size.packed) throw new PivoError('LimitExceeded', `the event log unpacks to more than ${MOST_TIMES} times its size`, { hint: 'Unpack it yourself if it really is a log.' });
    yield chunk;
  }
}

async function* counted(bytes: AsyncIterable<Uint8Array>, size: { packed: number }): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    size.packed += chunk.length;
    yield chunk;
  }
}

async function* streams(chunks: AsyncGenerator<Uint8Array>, onCut: () => void): AsyncGenerator<Uint8Array> {
  const first = await firstBytes(chunks);
  for (const [codec, magic] of Object.entries(UNREADABLE)) if (startsWith(first, magic)) refuseCodec(codec);
  const packing = packingOf(first);
  if (packing !== null) yield* unpack(packing, first, chunks, onCut);
  else {
    yield first;
    yield* chunks;
  }
}

async function firstBytes(chunks: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  let first: Uint8Array = new Uint8Array();
  while (first.length < 8) {
    const next = await chunks.next();
    if (next.done === true) break;
    first = first.length === 0 ? next.value : Buffer.concat([first, next.value]);
  }
  return first;
}
