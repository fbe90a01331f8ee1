// Lets the bytes of an object through only if they are the ones that its pointer means.
import { createHash } from 'node:crypto';
import { PivoError } from '../contract/failures.ts';
import type { LfsPointer } from '../contract/lfs.ts';

/** `content`, piece by piece; fails with Damaged at the end of what has another length or SHA-256, and as soon as it is too long. */
export async function* wholeObject(content: AsyncIterable<Uint8Array>, { oid, size }: LfsPointer): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of content) {
    bytes += piece.length;
    if (bytes > size) throw new PivoError('Damaged', `more bytes came than the ${size} that its pointer says`);
    hash.update(piece);
    yield piece;
  }
  if (bytes < size) throw new PivoError('Damaged', `${bytes} bytes came, and its pointer says ${size}`);
  if (hash.digest('hex') !== oid) throw new PivoError('Damaged', 'other content came: its SHA-256 is not the one of the pointer');
}
