// Under which name an entry of a git tree is kept on HDFS: its own, or one with what Hadoop refuses escaped.
import type { CheckoutEntry } from './store.ts';

export interface Place {
  /** Path to store it at, `/` between parts; null when it cannot be stored. */
  path: string | null;
  /** Why the path is not its own, or null. */
  reason: string | null;
}

/** dfs.namenode.fs-limits.max-component-length, and HDFS's longest path (8,000 characters) with room for what is above. */
const NAME_BYTES = 255;
const PATH_CHARACTERS = 7_000;

/**
 * A part that leaves the folder, or that git would take for a repository, where the checkout is copied to: `.git` in every spelling that
 * some file system takes for it. HFS+ skips some characters, NTFS what follows `:` and trailing dots and spaces, and parts end at `\` there
 * (git's path.c, is_ntfs_dotgit, and utf8.c, is_hfs_dotgit).
 */
export const isGitName = (part: string): boolean =>
  part
    .replace(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, '')
    .split('\\')
    .some((each, _, all) => /^(\.git|git~1)[. ]*$/i.test(each.replace(/:.*$/, '')) || (all.length > 1 && each === '..'));

/** The part with its first character and each `\` escaped, byte by byte, as `%XX`. */
export function escapeGitName(part: Buffer): Buffer {
  const first = Buffer.byteLength(String.fromCodePoint(part.toString('utf8').codePointAt(0) ?? 0));
  const bytes = part.toString('latin1');
  return Buffer.from((bytes.slice(0, first).replace(/[^]/g, escaped) + bytes.slice(first)).replaceAll('\\', escaped), 'latin1');
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Places of the entries of one tree. `plain`: names become names of HDFS and have its limits; in an archive they are data. */
export class Places {
  readonly #taken = new Set<string>();
  readonly #plain: boolean;

  constructor(plain: boolean) {
    this.#plain = plain;
  }

  /** A malformed tree can name a path twice, or a file and a folder alike: the first one stays. */
  next(entry: CheckoutEntry): Place {
    const place = placeOf(entry.path);
    const parts = place.path?.split('/') ?? [];
    if (this.#plain && parts.some((part) => Buffer.byteLength(part) > NAME_BYTES)) return { path: null, reason: 'a name is longer than the 255 bytes that HDFS takes' };
    if (this.#plain && (place.path?.length ?? 0) > PATH_CHARACTERS) return { path: null, reason: 'the path is longer than HDFS takes' };
    return this.#take(place, parts) ? place : { path: null, reason: 'another entry of the tree has this name' };
  }

  #take({ path }: Place, parts: readonly string[]): boolean {
    const folders = parts.slice(0, -1).map((_, i) => parts.slice(0, i + 1).join('/'));
    if (path === null || this.#taken.has(path) || this.#taken.has(`${path}/`) || folders.some((folder) => this.#taken.has(folder))) return false;
    this.#taken.add(path);
    for (const folder of folders) this.#taken.add(`${folder}/`);
    return true;
  }
}

function placeOf(path: Buffer): Place {
  const reasons = new Set<string>();
  const parts = path.toString('latin1').split('/').map((part) => stored(Buffer.from(part, 'latin1'), reasons));
  return { path: parts.join('/'), reason: reasons.size === 0 ? null : [...reasons].join('; ') };
}

/** One part of a path; a reason is added where it differs from the name in git. */
function stored(bytes: Buffer, reasons: Set<string>): string {
  let part = decoded(bytes);
  if (part === null) {
    reasons.add('the name is not UTF-8');
    part = escapeBytes(bytes);
  }
  if (part === '') {
    reasons.add('HDFS has no empty names');
    return '%';
  }
  if (part === '.' || part === '..' || part === '.snapshot') {
    reasons.add('HDFS gives this name a meaning of its own');
    return part.replaceAll('.', '%2E');
  }
  if (part.includes(':') || part.includes('\0')) {
    reasons.add('HDFS allows no ":" in names');
    part = part.replace(/[:\0]/g, escaped);
  }
  if (isGitName(part)) {
    reasons.add('git would take this name for a repository');
    part = escapeGitName(Buffer.from(part)).toString();
  }
  return part;
}

const escaped = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
const escapeBytes = (bytes: Buffer): string => bytes.toString('latin1').replace(/[\x80-\xff]/g, escaped);

function decoded(bytes: Buffer): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}
