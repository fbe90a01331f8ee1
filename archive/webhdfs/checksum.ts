// HDFS's own checksum of a file, computed while the bytes are sent, so that stored bytes are checked without reading them back.
import { createHash, type Hash } from 'node:crypto';

/** Bytes under one CRC; `dfs.bytes-per-checksum` is 512 unless a cluster says otherwise. */
const PIECE = 512;

/** Tables of the CRC-32C (RFC 3720: Castagnoli, reflected 0x82f63b78): table k is for the byte that k more follow. */
const TABLES = ((): Int32Array[] => {
  const tables = [Int32Array.from({ length: 256 }, (_, n) => eightBits(n))];
  for (let k = 1; k < 16; k++) tables.push((tables[k - 1] as Int32Array).map((crc) => (crc >>> 8) ^ at(tables[0] as Int32Array, crc & 255)));
  return tables;
})();

function eightBits(byte: number): number {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
}

/** An element that is known to be there. */
function at(array: Int32Array | Uint8Array, i: number): number {
  return array[i] as number;
}

type Sixteen<T> = [T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T];
const [T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15] = TABLES as Sixteen<Int32Array>;

/** Goes on with `crc` (start with -1, end with `~`) over the bytes `from` to `to - 1`. */
function crcOfBytes(crc: number, bytes: Uint8Array, from: number, to: number): number {
  for (let i = from; i < to; i++) crc = (crc >>> 8) ^ at(T0, (crc ^ at(bytes, i)) & 255);
  return crc;
}

/** The same over a whole piece in little-endian words, sixteen bytes a step: four times as fast. */
function crcOfPiece(crc: number, words: Int32Array, from: number): number {
  for (let i = from; i < from + PIECE / 4; i += 4) {
    const [a, b, c, d] = [crc ^ at(words, i), at(words, i + 1), at(words, i + 2), at(words, i + 3)];
    crc = at(T15, a & 255) ^ at(T14, (a >>> 8) & 255) ^ at(T13, (a >>> 16) & 255) ^ at(T12, a >>> 24)
      ^ at(T11, b & 255) ^ at(T10, (b >>> 8) & 255) ^ at(T9, (b >>> 16) & 255) ^ at(T8, b >>> 24)
      ^ at(T7, c & 255) ^ at(T6, (c >>> 8) & 255) ^ at(T5, (c >>> 16) & 255) ^ at(T4, c >>> 24)
      ^ at(T3, d & 255) ^ at(T2, (d >>> 8) & 255) ^ at(T1, (d >>> 16) & 255) ^ at(T0, d >>> 24);
  }
  return crc;
}

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
export class HdfsChecksum {
  readonly #blockBytes: number;
  readonly #blocks: Buffer[] = [];
  #block: Hash = createHash('md5');
  #inBlock = 0;
  #crc = -1;
  /** One piece, where its bytes do not begin at a word. */
  readonly #scratch = new Int32Array(PIECE / 4);

  /** `blockBytes`: the block size of the file, a multiple of 512. */
  constructor(blockBytes: number) {
    this.#blockBytes = blockBytes;
  }

  update(bytes: Uint8Array): void {
    const aligned = bytes.byteOffset % 4 === 0 ? new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2) : null;
    const crcs = Buffer.allocUnsafe(4 * (Math.ceil(bytes.length / PIECE) + 1));
    let written = 0;
    for (let from = 0; from < bytes.length; ) {
      const to = Math.min(bytes.length, from + PIECE - (this.#inBlock % PIECE));
      this.#crc = to - from < PIECE ? crcOfBytes(this.#crc, bytes, from, to) : aligned !== null && from % 4 === 0 ? crcOfPiece(this.#crc, aligned, from / 4) : crcOfPiece(this.#crc, this.#aligned(bytes, from), 0);
      this.#inBlock += to - from;
      from = to;
      if (this.#inBlock % PIECE !== 0) continue;
      written = this.#endPiece(crcs, written);
      if (this.#inBlock === this.#blockBytes) {
        this.#endBlock(crcs.subarray(0, written));
        written = 0;
      }
    }
    this.#block.update(crcs.subarray(0, written));
  }

  /** The checksum of everything so far; nothing can follow. */
  digest(): FileChecksum {
    if (this.#inBlock > 0) {
      const last = Buffer.alloc(4);
      this.#endBlock(this.#inBlock % PIECE === 0 ? Buffer.alloc(0) : last.subarray(0, this.#endPiece(last, 0)));
    }
    const perBlock = this.#blocks.length > 1 ? this.#blockBytes / PIECE : 0;
    const answer = Buffer.alloc(28);
    answer.writeInt32BE(PIECE, 0);
    answer.writeBigInt64BE(BigInt(perBlock), 4);
    createHash('md5').update(padded(this.#blocks)).digest().copy(answer, 12);
    return { algorithm: `MD5-of-${perBlock}MD5-of-${PIECE}CRC32C`, bytes: answer.toString('hex') };
  }

  #aligned(bytes: Uint8Array, from: number): Int32Array {
    new Uint8Array(this.#scratch.buffer).set(bytes.subarray(from, from + PIECE));
    return this.#scratch;
  }

  #endPiece(crcs: Buffer, at: number): number {
    crcs.writeInt32BE(~this.#crc, at);
    this.#crc = -1;
    return at + 4;
  }

  #endBlock(crcs: Buffer): void {
    this.#blocks.push(this.#block.update(crcs).digest());
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
export const sameChecksum = (mine: FileChecksum, theirs: FileChecksum): boolean => mine.algorithm === theirs.algorithm && theirs.bytes.startsWith(mine.bytes);
