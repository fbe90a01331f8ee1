// The index of a Hadoop Archive, version 3 (org.apache.hadoop.fs.HarFileSystem, org.apache.hadoop.tools.HadoopArchives).

/** One file of an archive: `bytes` bytes at `offset` of its part file. */
export interface HarFile {
  /** Path from the archive's root, beginning with `/`. */
  path: string;
  part: string;
  offset: number;
  bytes: number;
  /** Permission bits; Hadoop shows those of the part file instead. */
  permission: number;
}

/** What one line of `_index` says. */
export type HarEntry = { kind: 'file'; part: string; offset: number; bytes: number } | { kind: 'folder'; names: string[] };

/** A block of lines of `_index`, as `_masterindex` names it: hashes from `first` to `last` are at `begin` to `end - 1`. */
export interface HarBlock {
  first: number;
  last: number;
  begin: number;
  end: number;
}

/** Lines of `_index` under one line of `_masterindex`: a look-up reads one such block. Hadoop writes 1,000 and reads any number. */
const LINES_PER_BLOCK = 256;

/** java.lang.String.hashCode without its sign, by which entries are sorted. */
export function harHash(path: string): number {
  let hash = 0;
  for (let i = 0; i < path.length; i++) hash = (Math.imul(hash, 31) + path.charCodeAt(i)) | 0;
  return hash & 0x7fffffff;
}

/** java.net.URLEncoder.encode with UTF-8. */
const encoded = (text: string): string => encodeURIComponent(text).replace(/[!'()~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`).replaceAll('%20', '+');
/** java.net.URLDecoder.decode with UTF-8; what nobody encoded stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', '%20'));
  } catch {
    return text;
  }
}

export interface HarIndex {
  /** Content of `_index`. */
  index: Buffer;
  /** Content of `_masterindex`. */
  masterIndex: Buffer;
}

/** The index over `files`, with every folder above them. `time`: milliseconds since 1970, of all entries. */
export function harIndex(files: Iterable<HarFile>, time: number, owner: string): HarIndex {
  const lines: { hash: number; line: Buffer }[] = [];
  const folders = new Map<string, Set<string>>([['/', new Set()]]);
  const properties = (permission: number): string => encoded(`${time} ${permission} ${encoded(owner)} ${encoded(owner)}`);
  const add = (path: string, line: string): void => void lines.push({ hash: harHash(path), line: Buffer.from(`${encoded(path)} ${line} \n`) });
  for (const { path, part, offset, bytes, permission } of files) {
    addToFolder(folders, path);
    add(path, `file ${part} ${offset} ${bytes} ${properties(permission)}`);
  }
  for (const [path, names] of folders) add(path, ['dir', properties(0o555), '0 0', ...[...names].map(encoded)].join(' '));
  lines.sort((a, b) => a.hash - b.hash);
  return { index: Buffer.concat(lines.map(({ line }) => line)), masterIndex: Buffer.from(masterText(blocks(lines))) };
}

const masterText = (blocks: readonly HarBlock[]): string => `3 \n${blocks.map(({ first, last, begin, end }) => `${first} ${last} ${begin} ${end} \n`).join('')}`;

function addToFolder(folders: Map<string, Set<string>>, path: string): void {
  const slash = path.lastIndexOf('/');
  const folder = path.slice(0, slash) || '/';
  const known = folders.get(folder);
  if (known !== undefined) return void known.add(path.slice(slash + 1));
  folders.set(folder, new Set([path.slice(slash + 1)]));
  addToFolder(folders, folder);
}

function blocks(lines: readonly { hash: number; line: Buffer }[]): HarBlock[] {
  const found: HarBlock[] = [];
  let begin = 0;
  for (let at = 0; at < lines.length; at += LINES_PER_BLOCK) {
    const block = lines.slice(at, at + LINES_PER_BLOCK);
    const end = begin + block.reduce((sum, { line }) => sum + line.length, 0);
    found.push({ first: at === 0 ? 0 : (block[0]?.hash ?? 0), last: block.at(-1)?.hash ?? 0, begin, end });
    begin = end;
  }
  return found;
}

/** Reads `_masterindex`; null when it is not one of version 3. */
export function readMasterIndex(text: string): HarBlock[] | null {
  const [version, ...lines] = text.split('\n').filter((line) => line !== '');
  if (version?.trim() !== '3') return null;
  const found = lines.map((line) => line.split(' ').slice(0, 4).map(Number));
  if (found.some((numbers) => numbers.length < 4 || !numbers.every(Number.isSafeInteger))) return null;
  return found.map(([first = 0, last = 0, begin = 0, end = 0]) => ({ first, last, begin, end }));
}

/** The entry of `path` in some lines of `_index`, or null. */
export function findInIndex(text: string, path: string): HarEntry | null {
  const wanted = `${encoded(path)} `;
  const line = text.split('\n').find((line) => line.startsWith(wanted));
  const [, kind, part = '', offset, bytes, ...names] = line?.trimEnd().split(' ') ?? [];
  if (kind === 'dir') return { kind: 'folder', names: names.map(decoded) };
  return kind === 'file' ? { kind: 'file', part, offset: Number(offset), bytes: Number(bytes) } : null;
}

/** Milliseconds since 1970 that most entries of an `_index` bear (all of ours bear the same); where there is none, one of as many digits (13, until the year 2286). */
export function timeOfIndex(text: string): number {
  const counts = new Map<string, number>();
  for (const [, time = ''] of text.matchAll(/ ([1-9]\d{12})\+\d+\+/g)) counts.set(time, (counts.get(time) ?? 0) + 1);
  return Number([...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? 10 ** 12);
}

/** Where an `_index` differs from what it must be, or null. */
export function indexProblem(index: Buffer, expected: Buffer): string | null {
  if (index.equals(expected)) return null;
  const differs = expected.findIndex((byte, i) => index[i] !== byte);
  const at = differs === -1 ? expected.length : differs;
  return `it does not name the files of the commit's tree, first at byte ${at}, ${at === expected.length ? 'behind its last line' : `in the line of ${JSON.stringify(pathOfLineAt(expected, at))}`}`;
}

/** What is wrong with a `_masterindex` of this `_index`, or null: its blocks must follow each other and hold the hashes they say. */
export function masterIndexProblem(masterIndex: Buffer, index: Buffer): string | null {
  const blocks = readMasterIndex(masterIndex.toString('utf8'));
  if (blocks === null) return 'it is not that of a Hadoop Archive of version 3';
  let at = 0;
  for (const { first, last, begin, end } of blocks) {
    const right = begin === at && end > begin && index[end - 1] === NEW_LINE && first === (begin === 0 ? 0 : harHash(pathOfLineAt(index, begin))) && last === harHash(pathOfLineAt(index, end - 1));
    if (!right) return `its block ${first} ${last} ${begin} ${end} is not one of the index`;
    at = end;
  }
  if (at !== index.length) return `its blocks end at byte ${at} of the index, which has ${index.length}`;
  return masterIndex.toString('utf8') === masterText(blocks) ? null : 'it is not what an archive is written with';
}

const NEW_LINE = 10;

/** The path that the line around a byte of `_index` begins with. */
function pathOfLineAt(index: Buffer, at: number): string {
  const begin = at === 0 ? 0 : index.lastIndexOf(NEW_LINE, at - 1) + 1;
  return decoded(index.subarray(begin, index.indexOf(' ', begin)).toString('latin1'));
}
