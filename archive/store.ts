// Port Store: write-once files. It has no verb to overwrite what was archived, and one that removes: a checkout, which the packs hold too.
import type { FileProof } from '../contract/visit.ts';

export interface StoredFile {
  /** Name within the listed folder. */
  name: string;
  kind: 'file' | 'folder';
  bytes: number;
}

/** Bytes `offset` to `offset + length - 1`; to the end when `length` is missing. */
export interface Range {
  offset: number;
  length?: number;
}

/** What a folder and everything below it take. */
export interface Usage {
  files: number;
  /** The folder itself included. */
  folders: number;
  /** Lengths of the files. */
  bytes: number;
  /** Bytes on the disks: with every replica, and of a file with several hard links its share. */
  stored: number;
  /** Blocks of a NameNode, at most; null where there is none. */
  blocks: number | null;
}

/** One entry of a checkout, as git has it. */
export interface CheckoutEntry {
  /** Path below the checkout, `/` between parts, raw bytes. */
  path: Buffer;
  /** Git's mode: 0o100644, 0o100755, 0o120000 (symlink); gitlinks are not laid out. */
  mode: number;
  oid: string;
  bytes: number;
}

/** The files of one commit, and where each one's content comes from. */
export interface CheckoutSource {
  /** The form that is wanted; missing: as the store does it best. A store without that form uses its own. */
  kind?: CheckoutLaidOut['kind'];
  entries: Iterable<CheckoutEntry>;
  /** The content of entries in the order asked for; each stream is read to its end before the next is asked for. */
  content(entry: CheckoutEntry): Promise<AsyncIterable<Uint8Array>>;
  /** The last checkout of the repository, for links to files that did not change; null when there is none. */
  previous: { path: string; has(path: Buffer, oid: string, mode: number): boolean } | null;
}

export interface CheckoutLaidOut {
  path: string;
  kind: 'files' | 'har';
  files: number;
  bytes: number;
  /** Entries that the store could not hold under their name. */
  renamed: { path: Buffer; stored: string | null; reason: string }[];
}

/** A checksum that is taken piece by piece. */
export interface Checksum {
  update(bytes: Uint8Array): void;
  /** The checksum of everything so far; nothing can follow. */
  digest(): string;
}

/** What a local file must be to be archived. */
export interface LocalProof extends FileProof {
  /** The store's own, taken when the file was read for its proof: it need not be measured again on its way. */
  checksum?: string | undefined;
}

/**
 * Where the archive's bytes live. Paths are relative to the store's root, `/` between parts, and never hold `:`.
 * Every method fails with a PivoError: NotFound, Exists, StorageFull, StorageReadOnly or StorageUnavailable.
 */
export interface Store {
  /** What a person sees, e.g. `file:///home/ada/.pivo/archive`; never a secret. */
  readonly url: string;
  /** Writes a new file and makes it read-only; it is there whole or not at all. Fails with Exists when the path is taken. */
  create(path: string, content: Uint8Array | AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<FileProof>;
  /** As `create`, from a local file that the caller gives up; the stored bytes are checked against `proof`. */
  adopt(path: string, localFile: string, proof: LocalProof, signal?: AbortSignal): Promise<void>;
  /** Begins the checksum that `adopt` compares with what is stored. Missing: the store has none. */
  checksum?(): Checksum;
  /** The bytes of a file, streamed. */
  open(path: string, range?: Range, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** Size, kind and permission bits (0o444: nobody may write), or null when nothing is there. */
  stat(path: string): Promise<{ kind: 'file' | 'folder'; bytes: number; mode: number } | null>;
  /** Entries of a folder in no order; none when the folder is not there. */
  list(path: string): Promise<StoredFile[]>;
  /** What a folder takes with everything below it, also what is still under a temporary name; null when it is not there. On HDFS one question. */
  usage(path: string, signal?: AbortSignal): Promise<Usage | null>;
  /** Says that a folder and everything below it is complete: nothing can be added to it any more. */
  seal(path: string): Promise<void>;
  /** Writes the checkout of one commit at `path`, whole or not at all; success when it is already there. */
  layOut(path: string, source: CheckoutSource, signal?: AbortSignal): Promise<CheckoutLaidOut>;
  /**
   * Removes the checkout at `path` (`backups/{repository}/{commit}` or `….har`): it goes as a whole from under its name, then from the disk.
   * Repeated, it ends what an attempt left; success when nothing is there. Fails with InvalidInput, and removes nothing, for every path that is no checkout's folder.
   */
  removeCheckout(path: string): Promise<void>;
  /** The path of a file or folder in this machine's file system, or null when the store is elsewhere. */
  localPath(path: string): string | null;
}
