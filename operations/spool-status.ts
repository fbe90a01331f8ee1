// Operation `spool-status`: what waits and lies in the spool, and which segments failed and why.
import { z } from 'zod';
import { SpoolKind, type SpoolDepth } from '../contract/spool.ts';
import { openSpool, type Spool } from '../spool/folders.ts';
import { defineOperation } from './operation.ts';

/** A failed segment, as doors tell of it. */
export interface FailedSegmentRow {
  kind: SpoolKind;
  name: string;
  bytes: number;
  reason: string;
  /** ISO 8601 UTC; null where it is not known. */
  failed: string | null;
  /** The batch that it was taken by; null for what is no segment by its name. */
  tag: string | null;
}

export interface SpoolStatus {
  kinds: SpoolDepth[];
  /** The newest. */
  failed: FailedSegmentRow[];
  /** How many failed segments are not among them. */
  more: number;
}

const SpoolStatusInput = z.strictObject({ kind: SpoolKind.optional(), limit: z.number().int().min(1).max(1_000).default(50).describe('Most failed segments.') });

export const spoolStatus = defineOperation({
  name: 'spool-status',
  description: 'Tells what waits in the spool, is being stored, was archived or has failed, by kind, and why each failed segment did.',
  kind: 'reads',
  input: SpoolStatusInput,
  async run({ paths }, { kind, limit }): Promise<SpoolStatus> {
    const spool = spoolAt(paths.spool);
    const asked = kind === undefined ? SpoolKind.options : [kind];
    const [kinds, failures] = await Promise.all([Promise.all(asked.map((each) => spool.depth(each))), Promise.all(asked.map((each) => spool.failed(each)))]);
    const failed = failures.flat().map(({ kind, name, bytes, reason, failed, tag }): FailedSegmentRow => ({ kind, name, bytes, reason, failed, tag }));
    failed.sort((a, b) => ((a.failed ?? '') < (b.failed ?? '') ? 1 : -1));
    return { kinds, failed: failed.slice(0, limit), more: Math.max(0, failed.length - limit) };
  },
});

/** By folder: what was read of archived batches is known the next time. */
const spools = new Map<string, Spool>();

function spoolAt(folder: string): Spool {
  const known = spools.get(folder) ?? openSpool(folder);
  spools.set(folder, known);
  return known;
}
