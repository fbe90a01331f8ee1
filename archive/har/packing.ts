// Where each entry of a tree lies in a Hadoop Archive: its stored name, its part file and its offset there.
import { Places } from '../places.ts';
import type { CheckoutEntry, CheckoutLaidOut } from '../store.ts';
import type { HarFile } from './format.ts';

/** A part file takes no new entry when it has this many bytes; one entry is never cut. */
const PART_BYTES = 2 * 2 ** 30;
export const OWNER = 'pivo';

export interface Packed {
  entry: CheckoutEntry;
  file: HarFile;
}

export interface Packing {
  packed: Packed[];
  renamed: CheckoutLaidOut['renamed'];
}

/** Follows from the entries and their order alone, so that a reader of the tree can tell what an archive must hold. */
export function packEntries(entries: Iterable<CheckoutEntry>): Packing {
  const packing: Packing = { packed: [], renamed: [] };
  const places = new Places(false);
  let [part, offset] = [0, 0];
  for (const entry of entries) {
    const place = places.next(entry);
    if (place.reason !== null) packing.renamed.push({ path: entry.path, stored: place.path, reason: place.reason });
    if (place.path === null) continue;
    if (offset >= PART_BYTES) [part, offset] = [part + 1, 0];
    packing.packed.push({ entry, file: { path: `/${place.path}`, part: `part-${part}`, offset, bytes: entry.bytes, permission: entry.mode === 0o100755 ? 0o555 : 0o444 } });
    offset += entry.bytes;
  }
  return packing;
}

/** The part files of an archive with their entries, in order; one that holds nothing has an empty part all the same. */
export function partsOf(packed: readonly Packed[]): Map<string, Packed[]> {
  return packed.length === 0 ? new Map([['part-0', []]]) : Map.groupBy(packed, ({ file }) => file.part);
}
