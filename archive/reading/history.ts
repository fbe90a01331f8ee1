// What all visits of a repository say together, in brief: kept in the cache so that a question need not read them all.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ObjectFormat, ObjectId } from '../../contract/snapshot.ts';
import { FileProof, hasGaps, type Visit } from '../../contract/visit.ts';
import { replaceFile } from '../../whole-file.ts';
import type { Store } from '../store.ts';
import { listVisitNumbers, readVisitFile } from '../visits.ts';

const VisitSummary = z.strictObject({
  seq: z.number(),
  time: z.string(),
  snapshot: z.string(),
  snapshotPath: z.string(),
  head: ObjectId.nullable(),
});
export type VisitSummary = z.infer<typeof VisitSummary>;

const History = z.strictObject({
  formatVersion: z.literal(1),
  /** The archive it was read from. */
  store: z.string(),
  objectFormat: ObjectFormat,
  /** SHA-256 of the file of the last visit: says whether this is still the same archive. */
  sha256: z.string(),
  /** Ascending, all from the first. */
  visits: z.array(VisitSummary),
  /** Every pack that a visit names, but for those that a repair replaced. */
  packs: z.record(z.string(), z.strictObject({ pack: FileProof, idx: FileProof })),
  replaced: z.array(z.string()),
  /** Some commits may lack their parents: an origin was shallow, or came over in part. */
  gaps: z.boolean(),
});
export type History = z.infer<typeof History>;

const FILE = 'history.json';

/** The history kept in `folder`, or null when there is none that is of this archive. */
export async function keptHistory(folder: string, store: Store, repository: string): Promise<History | null> {
  const text = await readFile(join(folder, FILE), 'utf8').catch(() => null);
  const parsed = text === null ? null : History.safeParse(safeJson(text));
  const last = parsed?.data?.visits.at(-1);
  if (parsed?.success !== true || last === undefined || parsed.data.store !== store.url) return null;
  const now = await readVisitFile(store, repository, last.seq).catch(() => null);
  return now?.sha256 === parsed.data.sha256 ? parsed.data : null;
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Keeps a history in `folder`, in place of the one before. */
export async function keepHistory(folder: string, history: History): Promise<void> {
  await replaceFile(join(folder, FILE), JSON.stringify(history));
}

/** `history` with the visits that came since; the same object when none did, null when there is no visit at all. */
export async function extendHistory(history: History | null, store: Store, repository: string): Promise<History | null> {
  const known = history?.visits.at(-1)?.seq ?? 0;
  let extended: History | null = null;
  for (const seq of await listVisitNumbers(store, repository)) {
    if (seq <= known) continue;
    const { visit, sha256 } = await readVisitFile(store, repository, seq);
    extended ??= history === null ? emptyHistory(store, visit) : structuredClone(history);
    addVisit(extended, visit, sha256);
  }
  return extended ?? history;
}

const emptyHistory = (store: Store, { objectFormat }: Visit): History => ({ formatVersion: 1, store: store.url, objectFormat, sha256: '', visits: [], packs: {}, replaced: [], gaps: false });

function addVisit(history: History, visit: Visit, sha256: string): void {
  const { seq, time, snapshot, snapshotPath, head } = visit;
  history.visits.push({ seq, time, snapshot, snapshotPath, head });
  for (const { name, pack, idx } of visit.packs) history.packs[name] = { pack: { bytes: pack.bytes, sha256: pack.sha256 }, idx };
  history.replaced = [...new Set([...history.replaced, ...Object.keys(visit.replaces)])];
  for (const name of history.replaced) delete history.packs[name];
  history.gaps ||= hasGaps(visit) || snapshotPath.includes('-shallow-');
  history.sha256 = sha256;
}
