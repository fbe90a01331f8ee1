// Proofs: length and SHA-256 of what was stored, whole and by chunk.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { CHUNK_BYTES, type FileProof, type PackProof } from '../contract/visit.ts';
import { PivoError } from '../contract/failures.ts';

/** Length and SHA-256 of a stream, read once. */
export async function proveStream(content: AsyncIterable<Uint8Array>): Promise<FileProof> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of content) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** As `proveStream`, with the SHA-256 of each chunk of CHUNK_BYTES. */
export async function proveChunks(content: AsyncIterable<Uint8Array>): Promise<PackProof['pack']> {
  const whole = createHash('sha256');
  const chunks: string[] = [];
  let part = createHash('sha256');
  let bytes = 0;
  for await (const piece of content) {
    whole.update(piece);
    for (let from = 0; from < piece.length; ) {
      const room = CHUNK_BYTES - (bytes % CHUNK_BYTES);
      const slice = piece.subarray(from, from + room);
      part.update(slice);
      from += slice.length;
      bytes += slice.length;
      if (bytes % CHUNK_BYTES === 0) {
        chunks.push(part.digest('hex'));
        part = createHash('sha256');
      }
    }
  }
  if (bytes % CHUNK_BYTES !== 0) chunks.push(part.digest('hex'));
  return { bytes, sha256: whole.digest('hex'), chunks };
}

const readLarge = (file: string): AsyncIterable<Uint8Array> => createReadStream(file, { highWaterMark: 1 << 20 });

/**
 * The number of objects in a pack, from its index: the last entry of the fan-out table
 * (gitformat-pack(5), version 2). Fails with Damaged when it is not such an index.
 */
async function objectsInIndex(idx: string): Promise<number> {
  const file = await open(idx);
  try {
    const header = Buffer.alloc(8 + 1024);
    const { bytesRead } = await file.read(header, 0, header.length, 0);
    if (bytesRead < header.length || header.readUInt32BE(0) !== 0xff744f63 || header.readUInt32BE(4) !== 2) {
      throw new PivoError('Damaged', `${idx} is not a pack index of version 2`, { hint: 'Run the ingest again: the pack is fetched anew.' });
    }
    return header.readUInt32BE(8 + 1020);
  } finally {
    await file.close();
  }
}

/** Reads a local pack and its index once and says what they are; `base` is the path without extension; `beside` is shown the pack's bytes as well. Fails with Damaged when either is not whole. */
export async function provePack(base: string, name: string, beside?: { update(bytes: Uint8Array): void }): Promise<PackProof> {
  const [packEnd, idxEnd] = [new EndChecksum(name), new EndChecksum(name)];
  const [pack, idx, objects] = await Promise.all([
    proveChunks(packEnd.through(shown(readLarge(`${base}.pack`), beside))),
    proveStream(idxEnd.through(readLarge(`${base}.idx`))),
    objectsInIndex(`${base}.idx`),
  ]);
  if (!packEnd.fits()) throw notWhole(`${base}.pack`);
  if (!idxEnd.fits()) throw notWhole(`${base}.idx`);
  return { name, objects, pack, idx };
}

async function* shown(content: AsyncIterable<Uint8Array>, beside?: { update(bytes: Uint8Array): void }): AsyncGenerator<Uint8Array> {
  for await (const piece of content) {
    beside?.update(piece);
    yield piece;
  }
}

const notWhole = (file: string): PivoError => new PivoError('Damaged', `${file} is not whole: its bytes do not have the checksum at its end`, { hint: 'Run the ingest again: the pack is fetched anew.', facts: { file } });

/** The checksum that ends a pack and an index (gitformat-pack(5)): of all bytes before it, in the hash that the pack's name has. */
class EndChecksum {
  readonly #hash;
  readonly #bytes: number;
  #end: Buffer = Buffer.alloc(0);

  constructor(name: string) {
    this.#bytes = (name.length - 'pack-'.length) / 2;
    this.#hash = createHash(this.#bytes === 20 ? 'sha1' : 'sha256');
  }

  async *through(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of content) {
      const held = Buffer.concat([this.#end, piece.subarray(-this.#bytes)]);
      const rest = piece.subarray(0, -this.#bytes); // empty when the piece is that short
      const over = Math.max(0, held.length - this.#bytes);
      this.#hash.update(rest.length === 0 ? held.subarray(0, over) : this.#end).update(rest);
      this.#end = held.subarray(over);
      yield piece;
    }
  }

  fits(): boolean {
    return this.#end.equals(this.#hash.digest());
  }
}
