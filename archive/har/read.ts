// Reads one entry of a Hadoop Archive through a store: two small reads find it, a third one has its bytes.
import { PivoError } from '../../contract/failures.ts';
import { readSmall } from '../read.ts';
import type { Range, Store } from '../store.ts';
import { findInIndex, harHash, readMasterIndex, type HarBlock, type HarEntry } from './format.ts';

/**
 * The entry at `path` (as stored, without a leading `/`; the root is '') of the archive folder `har`, or null.
 * Two reads of the store. Fails with NotFound when there is no such archive, and with Damaged.
 */
export async function findInHar(store: Store, har: string, path: string, signal?: AbortSignal): Promise<HarEntry | null> {
  const blocks = readMasterIndex((await readSmall(store, `${har}/_masterindex`)).toString('utf8'));
  if (blocks === null) throw new PivoError('Damaged', `${har}/_masterindex is not that of a Hadoop Archive of version 3`, { hint: 'Run `pivo verify`.', facts: { path: har } });
  const range = rangeOf(blocks, harHash(`/${path}`));
  if (range === null) return null;
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.open(`${har}/_index`, range, signal)) chunks.push(chunk);
  const entry = findInIndex(Buffer.concat(chunks).toString('utf8'), `/${path}`);
  if (entry?.kind === 'file' && !isPlace(entry)) throw new PivoError('Damaged', `${har}/_index has a line that cannot be read, of ${JSON.stringify(`/${path}`)}`, { hint: 'Run `pivo verify`.', facts: { path: har } });
  return entry;
}

const isPlace = ({ part, offset, bytes }: Extract<HarEntry, { kind: 'file' }>): boolean => /^part-[0-9]+$/.test(part) && [offset, bytes].every((number) => Number.isSafeInteger(number) && number >= 0);

/** Where lines of this hash are: blocks are sorted, and one hash can end a block and begin the next. */
function rangeOf(blocks: readonly HarBlock[], hash: number): Required<Range> | null {
  const holding = blocks.filter(({ first, last }) => first <= hash && hash <= last);
  const [first, last] = [holding[0], holding.at(-1)];
  return first === undefined || last === undefined ? null : { offset: first.begin, length: last.end - first.begin };
}

/** The bytes of one file of the archive, or null when it has none of this name: three reads of the store in all. */
export async function openInHar(store: Store, har: string, path: string, signal?: AbortSignal): Promise<{ bytes: number; content: AsyncIterable<Uint8Array> } | null> {
  const entry = await findInHar(store, har, path, signal);
  if (entry?.kind !== 'file') return null;
  return { bytes: entry.bytes, content: store.open(`${har}/${entry.part}`, { offset: entry.offset, length: entry.bytes }, signal) };
}
