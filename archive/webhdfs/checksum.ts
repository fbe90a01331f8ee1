// HDFS's own checksum of a file, computed while the bytes are sent, so that stored bytes are checked without reading them back.
import { createHash, type Hash } from 'node:crypto';
import type { Checksum } from '../store.ts';
import { PIECE, crcOfBytes, crcsOfPieces } from './crc32c.ts';

/** What GETFILECHECKSUM answers. */
export interface FileChecksum {
  algorithm: string;
  /** Hex. */
  bytes: string;
}

/**
 * MD5-of-MD5-of-CRC32C (org.apache.hadoop.fs.MD5MD5CRC32FileChecksum): the CRCs of each 512 bytes, an MD5 over those
 * of each block, an MD5 over the blocks' MD5s. That last one is taken over the whole buffer that Hadoop gathers them
 * in, zeros at its end included, whose length is 32 doubled until they fit (DataOutputBuffer).
 */
export class HdfsChecksum implements Checksum {
  readonly #blockBytes: number;
  readonly #blocks: Buffer[] = [];
  #block: Hash = createHash('md5');
  #inBlock = 0;
  #crc = -1;

  /** `blockBytes`: the block size of the file, a multiple of 512. */
  constructor(blockBytes: number) {
    this.#blockBytes = blockBytes;
  }

  update(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      const room = Math.min(bytes.length - from, this.#blockBytes - this.#inBlock);
      const taken = this.#inBlock % PIECE === 0 && room >= PIECE ? this.#takePieces(bytes, from, room - (room % PIECE)) : this.#takePart(bytes, from, Math.min(room, PIECE - (this.#inBlock % PIECE)));
      from += taken;
      this.#inBlock += taken;
      if (this.#inBlock === this.#blockBytes) this.#endBlock();
    }
  }

  /** `{algorithm}:{hex}`. */
  digest(): string {
    if (this.#inBlock % PIECE > 0) this.#endPiece();
    if (this.#inBlock > 0) this.#endBlock();
    const perBlock = this.#blocks.length > 1 ? this.#blockBytes / PIECE : 0;
    const answer = Buffer.alloc(28);
    answer.writeInt32BE(PIECE, 0);
    answer.writeBigInt64BE(BigInt(perBlock), 4);
    createHash('md5').update(padded(this.#blocks)).digest().copy(answer, 12);
    return `MD5-of-${perBlock}MD5-of-${PIECE}CRC32C:${answer.toString('hex')}`;
  }

  #takePieces(bytes: Uint8Array, from: number, count: number): number {
    this.#block.update(crcsOfPieces(bytes.subarray(from, from + count)));
    return count;
  }

  /** Some bytes of a piece, which may end with them. */
  #takePart(bytes: Uint8Array, from: number, count: number): number {
    this.#crc = crcOfBytes(this.#crc, bytes, from, from + count);
    if ((this.#inBlock + count) % PIECE === 0) this.#endPiece();
    return count;
  }

  #endPiece(): void {
    const crc = Buffer.alloc(4);
    crc.writeInt32BE(~this.#crc);
    this.#block.update(crc);
    this.#crc = -1;
  }

  #endBlock(): void {
    this.#blocks.push(this.#block.digest());
    this.#block = createHash('md5');
    this.#inBlock = 0;
  }
}

function padded(blocks: readonly Buffer[]): Buffer {
  let length = 32;
  while (length < blocks.length * 16) length *= 2;
  return Buffer.concat([...blocks, Buffer.alloc(length - blocks.length * 16)]);
}

/** Hex of HDFS may have zeros after the 28 bytes that count. */
export const sameChecksum = (mine: string, { algorithm, bytes }: FileChecksum): boolean => `${algorithm}:${bytes}`.startsWith(mine);
