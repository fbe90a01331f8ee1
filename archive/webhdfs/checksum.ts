// HDFS's own checksum of a file, computed while the bytes are sent, so that stored bytes are checked without reading them back.
import { createHash, type Hash } from 'node:crypto';

/** Bytes under one CRC; `dfs.bytes-per-checksum` is 512 unless a cluster says otherwise. */
const PIECE = 512;

/** A CRC-32C (RFC 3720, Castagnoli, reflected 0x82f63b78) by eight tables, eight bytes a step. */
const TABLES = ((): Int32Array[] => {
  const tables = Array.from({ length: 8 }, () => new Int32Array(256));
  for (let n = 0; n < 256; n++) {
    let crc = n;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    at(tables, 0)[n] = crc;
  }
  for (let n = 0; n < 256; n++) for (let k = 1; k < 8; k++) at(tables, k)[n] = (byte(at(tables, k - 1), n) >>> 8) ^ byte(at(tables, 0), byte(at(tables, k - 1), n) & 255);
  return tables;
})();

function at(tables: Int32Array[], k: number): Int32Array {
  return tables[k] as Int32Array;
}
function byte(table: Int32Array | Uint8Array, i: number): number {
  return table[i] as number;
}

const [T0, T1, T2, T3, T4, T5, T6, T7] = TABLES as [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array];

/** Goes on with `crc` (start with -1, end with `~`) over the bytes `from` to `to - 1`. */
function crc32c(crc: number, bytes: Uint8Array, from: number, to: number): number {
  let i = from;
  for (; i + 8 <= to; i += 8) {
    const low = crc ^ (byte(bytes, i) | (byte(bytes, i + 1) << 8) | (byte(bytes, i + 2) << 16) | (byte(bytes, i + 3) << 24));
    crc = byte(T7, low & 255) ^ byte(T6, (low >>> 8) & 255) ^ byte(T5, (low >>> 16) & 255) ^ byte(T4, low >>> 24) ^ byte(T3, byte(bytes, i + 4)) ^ byte(T2, byte(bytes, i + 5)) ^ byte(T1, byte(bytes, i + 6)) ^ byte(T0, byte(bytes, i + 7));
  }
  for (; i < to; i++) crc = (crc >>> 8) ^ byte(T0, (crc ^ byte(bytes, i)) & 255);
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

  /** `blockBytes`: the block size of the file, a multiple of 512. */
  constructor(blockBytes: number) {
    this.#blockBytes = blockBytes;
  }

  update(bytes: Uint8Array): void {
    const crcs = Buffer.allocUnsafe(4 * (Math.ceil(bytes.length / PIECE) + 1));
    let written = 0;
    for (let from = 0; from < bytes.length; ) {
      const to = Math.min(bytes.length, from + PIECE - (this.#inBlock % PIECE));
      this.#crc = crc32c(this.#crc, bytes, from, to);
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
