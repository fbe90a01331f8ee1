// The content of a log file: unpacked where it is gzip or Zstandard, refused where it is no text or a bomb.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { PivoError } from '../contract/failures.ts';
import { packingOf, unpack, type Packing } from '../unpacking.ts';

/** Bytes that one source may have, unpacked. */
const MAX_CONTENT = 16 * 2 ** 30;
/** How many times its packed size a file may have, once it is large. */
const MAX_RATIO = 300;
const LARGE = 256 * 2 ** 20;
const CHUNK = 512 * 1024;
/** Bytes at the start in which a zero byte tells that this is no text. */
const LOOKED_AT = 8_192;

/** What else packs and must be unpacked first, by its first bytes. */
const REFUSED: Readonly<Record<string, readonly number[]>> = { 'a zip archive': [0x50, 0x4b, 3, 4], bzip2: [0x42, 0x5a, 0x68], xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a], 'an lz4 frame': [0x04, 0x22, 0x4d, 0x18], 'a SQLite file': [0x53, 0x51, 0x4c, 0x69, 0x74, 0x65], 'text in UTF-16': [0xff, 0xfe], 'text in UTF-16 ': [0xfe, 0xff] };

const begins = (bytes: Uint8Array, magic: readonly number[]): boolean => magic.every((byte, i) => bytes[i] === byte);

async function firstBytes(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/**
 * The bytes of a file, unpacked. Fails with InvalidInput for what is no text or is damaged, with LimitExceeded past
 * 16 GiB or when a large file unpacks to more than 300 times its size.
 */
export async function* contentOf(path: string, packed: number, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const first = await firstBytes(path);
  const other = Object.entries(REFUSED).find(([, magic]) => begins(first, magic))?.[0];
  if (other !== undefined) throw new PivoError('InvalidInput', `${other.trim()}, not a log`, { hint: 'Unpack or convert it first; text, gzip and Zstandard are read as they are.' });
  const raw = createReadStream(path, { highWaterMark: CHUNK, signal });
  const packing = packingOf(first);
  if (packing === null) yield* checked(raw, Number.MAX_SAFE_INTEGER);
  else yield* checked(unpacked(raw, packing), packed * MAX_RATIO);
}

/** A damaged stream is the file's fault, not the reader's. */
async function* unpacked(raw: AsyncIterable<Buffer>, packing: Packing): AsyncGenerator<Buffer> {
  let cut: Error | undefined;
  yield* unpack(packing, new Uint8Array(), raw[Symbol.asyncIterator](), (error) => (cut = error));
  if (cut !== undefined) throw new PivoError('InvalidInput', `it cannot be unpacked: ${cut.message}`, { hint: 'The file is damaged or was cut off; copy it again.', cause: cut });
}

async function* checked(stream: AsyncIterable<Buffer>, bomb: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of stream) {
    if (bytes === 0 && chunk.subarray(0, LOOKED_AT).includes(0)) throw new PivoError('InvalidInput', 'it holds zero bytes, so it is no text', { hint: 'A tar archive must be unpacked first.' });
    bytes += chunk.length;
    if (bytes > MAX_CONTENT) throw new PivoError('LimitExceeded', `it has more than ${MAX_CONTENT / 2 ** 30} GiB`, { hint: 'Split it and upload the parts.' });
    if (bytes > LARGE && bytes > bomb) throw new PivoError('LimitExceeded', `it unpacks to more than ${MAX_RATIO} times its size`, { hint: 'Unpack it yourself if it really is a log.' });
    yield chunk;
  }
}

/** The source's name: the first 16 hex digits of the SHA-256 of the unpacked content; with the content's length. Fails as `contentOf` does. */
export async function identify(path: string, packed: number, signal: AbortSignal): Promise<{ id: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of contentOf(path, packed, signal)) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { id: hash.digest('hex').slice(0, 16), bytes };
}
