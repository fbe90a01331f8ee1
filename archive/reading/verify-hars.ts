// Checks checkouts that are Hadoop Archives: the index against the commit's tree, and every file's bytes against its blob id.
import { createHash, type Hash } from 'node:crypto';
import type { Progress } from '../../contract/ingest.ts';
import type { ObjectFormat } from '../../contract/snapshot.ts';
import type { ReadFile } from '../../contract/verification.ts';
import type { Visit } from '../../contract/visit.ts';
import { harIndex, indexProblem, masterIndexProblem, timeOfIndex } from '../har/format.ts';
import { OWNER, packEntries, partsOf, type Packed } from '../har/packing.ts';
import { repositoryPath } from '../layout.ts';
import { openObjectView } from '../object-view.ts';
import { readSmall } from '../read.ts';
import type { Store } from '../store.ts';
import { listTree } from '../tree-listing.ts';
import type { Flaw } from './findings.ts';
import { whyUnreadable } from './verify-packs.ts';

export interface HarCheck {
  store: Store;
  repository: string;
  visits: readonly Visit[];
  /** A folder of git objects of this machine that has these packs in `pack/`. */
  objects: (packs: Visit['packs']) => Promise<string>;
  /** Which archives to read, by their folder. */
  includes: (path: string) => boolean;
  onRead: (file: ReadFile) => void;
  /** Packs that are not whole: a tree that lies in one is not walked. */
  damaged: ReadonlySet<string>;
  findings: Flaw[];
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}

/** How many damaged files of a part are named. */
const NAMED = 5;
export const CHECKOUT_HINT = 'The packs hold these files too: nothing is lost while they verify. Bring the checkout back from a copy.';

/** Reads each Hadoop Archive that a visit names once. */
export async function verifyHars(check: HarCheck): Promise<void> {
  const named = Map.groupBy(check.visits.filter(({ checkout }) => checkout.kind === 'har' && checkout.path !== null), ({ checkout }) => checkout.path ?? '');
  let done = 0;
  for (const [path, visits] of named) {
    check.onProgress({ phase: `checking checkouts of ${check.repository}`, done: done++, total: named.size });
    const har = `${repositoryPath(check.repository)}/${path}`;
    if (!check.includes(har)) continue;
    const whole = visits.find(({ packs }) => !packs.some(({ name }) => check.damaged.has(name)));
    if (whole === undefined) continue;
    await verifyHar(check, har, whole, visits.map(({ seq }) => seq));
    check.onRead({ kind: 'checkout', file: har, bytes: whole.checkout.bytes });
  }
}

async function verifyHar(check: HarCheck, har: string, visit: Visit, visits: number[]): Promise<void> {
  const { packed } = packEntries(await blobsOf(check, visit));
  const compare = async (file: string, read: () => Promise<PartProblem | string | null>): Promise<void> => {
    const found = await read().catch((error: unknown) => whyUnreadable(error, check.signal));
    if (found !== null) check.findings.push({ file: `${har}/${file}`, ...(typeof found === 'string' ? { problem: found } : found), hint: CHECKOUT_HINT, visits });
  };
  const index = await readSmall(check.store, `${har}/_index`).catch(() => null);
  const expected = harIndex(packed.map(({ file }) => file), timeOfIndex(index?.toString('latin1') ?? ''), OWNER);
  await compare('_index', async () => indexProblem(index ?? (await readSmall(check.store, `${har}/_index`)), expected.index));
  await compare('_masterindex', async () => masterIndexProblem(await readSmall(check.store, `${har}/_masterindex`), expected.index));
  for (const [part, entries] of partsOf(packed)) await compare(part, async () => partProblem(check.store.open(`${har}/${part}`, undefined, check.signal), entries, visit.objectFormat));
}

async function blobsOf({ objects, signal }: HarCheck, { checkout, packs, objectFormat }: Visit): Promise<Packed['entry'][]> {
  await using view = await openObjectView(await objects(packs), packs.map(({ name }) => name), objectFormat);
  const blobs: Packed['entry'][] = [];
  for await (const entry of listTree(view.gitDir, checkout.commit ?? '', signal)) if (entry.kind === 'blob') blobs.push(entry);
  return blobs;
}

interface PartProblem {
  problem: string;
  /** Of the first damaged file. */
  offset?: number;
}

/** What is wrong with a part file, or null; it is read once, from its begin to its end. */
async function partProblem(content: AsyncIterable<Uint8Array>, entries: readonly Packed[], objectFormat: ObjectFormat): Promise<PartProblem | null> {
  const blobs = new Blobs(entries, objectFormat);
  for await (const chunk of content) blobs.update(chunk);
  const { bytes, damaged } = blobs.end();
  const due = entries.reduce((sum, { entry }) => sum + entry.bytes, 0);
  const problems = damaged.slice(0, NAMED).map(({ entry, file }) => `its bytes ${file.offset} to ${file.offset + file.bytes} are not ${JSON.stringify(file.path.slice(1))}, blob ${entry.oid}`);
  if (damaged.length > NAMED) problems.push(`and ${damaged.length - NAMED} more`);
  if (bytes !== due) problems.unshift(`${bytes} bytes, ${due} were archived`);
  const offset = damaged[0]?.file.offset;
  return problems.length === 0 ? null : { problem: problems.join('; '), ...(offset === undefined ? {} : { offset }) };
}

/** Cuts a stream into the blobs that should lie in it one after the other, and recomputes their ids (gitformat-pack(5): `blob SP size NUL content`). */
class Blobs {
  readonly #entries: readonly Packed[];
  readonly #algorithm: ObjectFormat;
  readonly #damaged: Packed[] = [];
  #at = 0;
  #hash: Hash;
  #left: number;
  #bytes = 0;

  constructor(entries: readonly Packed[], objectFormat: ObjectFormat) {
    this.#entries = entries;
    this.#algorithm = objectFormat;
    [this.#hash, this.#left] = this.#begin();
    this.#endWhole();
  }

  update(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    for (let from = 0; from < chunk.length && this.#at < this.#entries.length; ) {
      const slice = chunk.subarray(from, from + this.#left);
      this.#hash.update(slice);
      from += slice.length;
      this.#left -= slice.length;
      this.#endWhole();
    }
  }

  /** A blob that the stream broke off in is damaged as those are that never came. */
  end(): { bytes: number; damaged: Packed[] } {
    return { bytes: this.#bytes, damaged: [...this.#damaged, ...this.#entries.slice(this.#at)] };
  }

  #begin(): [Hash, number] {
    const bytes = this.#entries[this.#at]?.entry.bytes ?? 0;
    return [createHash(this.#algorithm).update(`blob ${bytes}\0`), bytes];
  }

  /** Ends the blob that has all its bytes, and empty ones behind it. */
  #endWhole(): void {
    for (let packed = this.#entries[this.#at]; this.#left === 0 && packed !== undefined; packed = this.#entries[this.#at]) {
      if (this.#hash.digest('hex') !== packed.entry.oid) this.#damaged.push(packed);
      this.#at += 1;
      [this.#hash, this.#left] = this.#begin();
    }
  }
}
