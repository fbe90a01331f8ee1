// CRC-32C of many short pieces at WebAssembly's speed: three times that of the same loop in JavaScript, which a pack's way into HDFS waited for.

/** Bytes under one CRC; `dfs.bytes-per-checksum` is 512 unless a cluster says otherwise. */
export const PIECE = 512;

/** Tables of the CRC-32C (RFC 3720: Castagnoli, reflected 0x82f63b78), one after the other: table k is for the byte that k more follow. */
const TABLES = ((): Int32Array => {
  const tables = new Int32Array(16 * 256);
  for (let n = 0; n < 256; n++) tables[n] = eightBits(n);
  for (let n = 256; n < tables.length; n++) tables[n] = shifted(tables[n - 256] ?? 0, tables);
  return tables;
})();

function eightBits(byte: number): number {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
}

function shifted(crc: number, tables: Int32Array): number {
  return (crc >>> 8) ^ (tables[crc & 255] ?? 0);
}

/** Goes on with `crc` (start with -1, end with `~`) over the bytes `from` to `to - 1`. */
export function crcOfBytes(crc: number, bytes: Uint8Array, from: number, to: number): number {
  let now = crc;
  for (let i = from; i < to; i++) now = shifted(now ^ (bytes[i] ?? 0), TABLES);
  return now;
}

/** The CRCs of whole pieces one after the other, big-endian, four bytes each. `bytes.length` is a multiple of PIECE. */
export function crcsOfPieces(bytes: Uint8Array): Buffer {
  const crcs = Buffer.allocUnsafe((bytes.length / PIECE) * 4);
  for (let from = 0; from < bytes.length; from += SLICE) {
    const slice = bytes.subarray(from, from + SLICE);
    memory.set(slice, DATA);
    pieces(DATA, DATA + slice.length, CRCS);
    crcs.set(memory.subarray(CRCS, CRCS + (slice.length / PIECE) * 4), (from / PIECE) * 4);
  }
  return crcs.swap32();
}

/** Places in the module's memory: the tables, the bytes of one call, their CRCs. */
const SLICE = 128 * PIECE;
const DATA = TABLES.byteLength;
const CRCS = DATA + SLICE;
const PAGES = Math.ceil((CRCS + (SLICE / PIECE) * 4) / 65_536);

// The module, in WebAssembly's binary format (webassembly.github.io/spec/core/binary). Its one function takes the first byte,
// the byte behind the last, and where the CRCs go.
const [AT, END, OUT, CRC, PIECE_END, WORD] = [0, 1, 2, 3, 4, 5];

const unsigned = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, ...unsigned(n >>> 7)]);
const signed = (n: number): number[] => (n >= -64 && n < 64 ? [n & 127] : [(n & 127) | 128, ...signed(n >> 7)]);
const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const constant = (n: number): number[] => [0x41, ...signed(n)];
const load = (offset: number): number[] => [0x28, 2, ...unsigned(offset)];
const STORE = [0x36, 2, 0];
const [ADD, AND, XOR, SHIFT_LEFT, SHIFT_RIGHT, LESS] = [0x6a, 0x71, 0x73, 0x74, 0x76, 0x49];
const advance = (local: number, by: number): number[] => [...get(local), ...constant(by), ADD, ...set(local)];
/** Does `body` at least once, and again while one local is below another. */
const loop = (body: number[], below: number, limit: number): number[] => [0x03, 0x40, ...body, ...get(below), ...get(limit), LESS, 0x0d, 0, 0x0b];

/** The entry of table `table` for the byte of WORD that lies `bits` up. */
const lookUp = (table: number, bits: number): number[] => [...get(WORD), ...constant(bits), SHIFT_RIGHT, ...constant(255), AND, ...constant(2), SHIFT_LEFT, ...load(table * 1024)];
/** Four bytes of sixteen; the first word is that of the bytes and the CRC so far. */
const word = (n: number): number[] => [...get(AT), ...load(4 * n), ...(n === 0 ? [...get(CRC), XOR] : []), ...set(WORD), ...[0, 1, 2, 3].flatMap((byte) => [...lookUp(15 - 4 * n - byte, 8 * byte), ...(n + byte === 0 ? [] : [XOR])])];
const sixteenBytes = [...[0, 1, 2, 3].flatMap(word), ...set(CRC), ...advance(AT, 16)];
const onePiece = [...constant(-1), ...set(CRC), ...get(AT), ...constant(PIECE), ADD, ...set(PIECE_END), ...loop(sixteenBytes, AT, PIECE_END), ...get(OUT), ...get(CRC), ...constant(-1), XOR, ...STORE, ...advance(OUT, 4)];

const I32 = 0x7f;
const section = (id: number, content: number[]): number[] => [id, ...unsigned(content.length), ...content];
const code = [1, 3, I32, ...loop(onePiece, AT, END), 0x0b]; // three locals besides the parameters
const moduleBytes = Uint8Array.from([
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
  ...section(1, [1, 0x60, 3, I32, I32, I32, 0]),
  ...section(3, [1, 0]),
  ...section(5, [1, 0, ...unsigned(PAGES)]),
  ...section(7, [2, 1, 0x6d, 2, 0, 1, 0x66, 0, 0]), // its memory as `m`, its function as `f`
  ...section(10, [1, ...unsigned(code.length), ...code]),
]);

interface Exports {
  m: { buffer: ArrayBuffer };
  f: (from: number, to: number, out: number) => void;
}
/** The language's types have it among those of browsers. */
declare const WebAssembly: { Module: new (bytes: Uint8Array) => object; Instance: new (module: object) => { exports: Exports } };

const { m, f: pieces } = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes)).exports;
const memory = new Uint8Array(m.buffer);
new Int32Array(m.buffer).set(TABLES);
