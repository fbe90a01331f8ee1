// HDFS: packs and checkouts through our store beside Hadoop's own shell, the start of its Java not counted.
import { execFile } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, rm, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eachAtOnce } from '../archive/at-once.ts';
import { proveStream } from '../archive/proof.ts';
import type { CheckoutEntry, CheckoutSource, Checksum, Store } from '../archive/store.ts';
import { webHdfsStore } from '../archive/webhdfs/store.ts';
import { enginePlaces, startHdfs, type Hdfs } from '../engines/index.ts';
import { median, timed, type Bench, type Row } from './bench.ts';

const ROUNDS = 3;
/** So much in one round that the start of Java is a small part of it. */
const BYTES = 2 ** 30;
/** As the activity that archives packs does it. */
const AT_ONCE = 2;
const PIECE_BYTES = 2 ** 20;
const FILES = 5_000;
const FILE_BYTES = 4 * 2 ** 10;
const FILES_PER_FOLDER = 100;

export const hdfsBench: Bench = {
  name: 'hdfs',
  title: `HDFS on loopback beside \`hdfs dfs -put\` without the start of its Java, median of ${ROUNDS} rounds`,
  run: async ({ scratch }) => {
    const hdfs = await startHdfs({ ...enginePlaces(process.env, join(scratch, 'hdfs')), separate: true, optimized: true });
    try {
      const store = webHdfsStore(`${hdfs.webhdfs}/bench`, { user: userInfo().username });
      return [...(await packs(hdfs, store, scratch, 1)), ...(await packs(hdfs, store, scratch, 4)), await checkouts(hdfs, store, scratch)];
    } finally {
      await hdfs.stop();
    }
  },
};

/** One of Hadoop's own commands, with Java as `hdfs dfs` starts it: the helper of the engines' tests turns its optimizing compiler off. */
async function shell(hdfs: Hdfs, ...args: string[]): Promise<void> {
  await promisify(execFile)('java', ['-cp', hdfs.classpath, 'org.apache.hadoop.fs.FsShell', ...args], { env: { ...process.env, LC_ALL: 'C.UTF-8' } });
}

/** Bytes that cannot be compressed, as packs' are; each way writes the same ones, in turn, and ours checks what HDFS has. */
async function packs(hdfs: Hdfs, store: Store, scratch: string, count: number): Promise<Row[]> {
  const files = Array.from({ length: count }, (_, n) => join(scratch, `pack-${n}`));
  const [first = ''] = files;
  await writeFile(first, pieces(BYTES / count));
  for (const file of files.slice(1)) await link(first, file);
  const checksum = store.checksum?.();
  const proof = { ...(await proveStream(shownTo(checksum, createReadStream(first, { highWaterMark: PIECE_BYTES })))), checksum: checksum?.digest() };
  const seconds = { ours: [] as number[], bare: [] as number[], theirs: [] as number[], starts: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    const folder = `/bench/${count}-${round}`;
    await shell(hdfs, '-mkdir', '-p', `${folder}/put`);
    const ways = {
      ours: () => eachAtOnce([...files.entries()], AT_ONCE, ([n, file], signal) => store.adopt(`${count}-${round}/ours/${n}`, file, proof, signal)),
      bare: () => eachAtOnce([...files.entries()], AT_ONCE, ([n, file]) => curl(hdfs, file, `${folder}/curl/${n}`)),
      theirs: () => shell(hdfs, '-put', ...files, `${folder}/put`),
      starts: () => shell(hdfs, '-touchz', `${folder}/empty`),
    };
    for (const way of ['ours', 'starts', 'theirs', 'bare', 'starts'] as const) seconds[way].push((await timed(ways[way])).seconds);
    await shell(hdfs, '-rm', '-r', '-skipTrash', folder); // room for the next one
  }
  for (const file of files) await rm(file);
  const start = median(seconds.starts);
  const rate = (needed: number[]): number => BYTES / 1e6 / median(needed);
  const checked = (await timed(() => Promise.resolve(checksumOf(store)))).seconds;
  const beside = { name: 'hdfs dfs -put', value: rate(seconds.theirs.map((each) => each - start)) };
  const what = count === 1 ? 'a pack of 1 GiB' : `${count} packs of ${BYTES / count / 2 ** 20} MiB, ${AT_ONCE} at a time`;
  return [
    { what: `${what} (with ${checked.toFixed(2)} s for HDFS's checksum; start of Java: ${start.toFixed(2)} s)`, unit: 'MB per second', pivo: rate(seconds.ours.map((each) => each + checked)), beside, allowed: 0.9 * beside.value },
    { what: 'the same by curl -T, which checks nothing', unit: 'MB per second', pivo: rate(seconds.bare), beside },
  ];
}

async function* shownTo(checksum: Checksum | undefined, content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of content) {
    checksum?.update(piece);
    yield piece;
  }
}

/** The store's checksum of so many bytes, and nothing else. */
function checksumOf(store: Store): void {
  const checksum = store.checksum?.();
  const piece = randomFillSync(Buffer.alloc(PIECE_BYTES));
  for (let left = BYTES; left > 0; left -= PIECE_BYTES) checksum?.update(piece);
  checksum?.digest();
}

/** WebHDFS by a client that neither hashes nor reads back: as fast as it can be. */
async function curl(hdfs: Hdfs, file: string, path: string): Promise<void> {
  const url = `${hdfs.webhdfs.replace('webhdfs', 'http')}/webhdfs/v1${path}?op=CREATE&overwrite=false&blocksize=${2 ** 27}&user.name=${userInfo().username}`;
  await promisify(execFile)('curl', ['--silent', '--show-error', '--fail', '--location', '--upload-file', file, url]);
}

function* pieces(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= 2 ** 20) yield randomFillSync(Buffer.alloc(Math.min(left, 2 ** 20)));
}

/** The folder is put once: that takes a minute and more. */
async function checkouts(hdfs: Hdfs, store: Store, scratch: string): Promise<Row> {
  const folder = join(scratch, 'tree');
  await shell(hdfs, '-mkdir', '-p', '/put');
  const { source, write } = manyFiles();
  await write(folder);
  const ours: number[] = [];
  for (let round = 0; round < ROUNDS; round++) ours.push((await timed(() => store.layOut(`backups/bench/${round}`, source))).seconds);
  const start = (await timed(() => shell(hdfs, '-touchz', '/put/empty'))).seconds;
  const put = (await timed(() => shell(hdfs, '-put', folder, '/put/tree'))).seconds - start;
  return { what: `a checkout of ${FILES} files of ${FILE_BYTES / 1024} KiB as a Hadoop Archive`, unit: 's', pivo: median(ours), beside: { name: 'hdfs dfs -put of the folder', value: put }, allowed: put / 50 };
}

function manyFiles(): { source: CheckoutSource; write: (folder: string) => Promise<void> } {
  const contents = new Map<string, Buffer>();
  const entries = Array.from({ length: FILES }, (_, n): CheckoutEntry => {
    const content = randomFillSync(Buffer.alloc(FILE_BYTES));
    const oid = createHash('sha1').update(`blob ${FILE_BYTES}\0`).update(content).digest('hex');
    contents.set(oid, content);
    return { path: Buffer.from(`d${Math.floor(n / FILES_PER_FOLDER)}/file-${n}`), mode: 0o100644, oid, bytes: FILE_BYTES };
  });
  const contentOf = ({ oid }: CheckoutEntry): Buffer => contents.get(oid) ?? Buffer.alloc(0);
  return {
    source: { entries, previous: null, content: async (entry) => oneOf(contentOf(entry)) },
    write: async (folder) => {
      for (let n = 0; n * FILES_PER_FOLDER < FILES; n++) await mkdir(join(folder, `d${n}`), { recursive: true });
      for (const entry of entries) await writeFile(join(folder, entry.path.toString()), contentOf(entry));
    },
  };
}

// oxlint-disable-next-line require-await -- contents come as streams
async function* oneOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
