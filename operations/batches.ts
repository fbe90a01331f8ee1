// Operations `batches` and `batch`: the manifest of what the spool gates took into the records.
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';
import { SpoolBatch, SpoolKind, type SegmentEnd } from '../contract/spool.ts';
import { defineOperation } from './operation.ts';
import { readRecords, withRecordStore } from './record-store.ts';

export type BatchOfSegments = SpoolBatch & { ends: SegmentEnd[] };

export const batches = defineOperation({
  name: 'batches',
  description: 'Lists the latest batches that the spool gates took into the records: status, reason, segments, records, duplicates, bytes and times.',
  kind: 'reads',
  input: z.strictObject({ kind: SpoolKind.optional(), status: SpoolBatch.shape.status.optional(), before: SpoolBatch.shape.tag.optional().describe('Only those opened before the batch of this tag.'), limit: z.number().int().positive().max(10_000).default(50) }),
  run: (context, filter): Promise<SpoolBatch[]> => readRecords(context, [], (records) => records.batches(filter)),
});

export const batch = defineOperation({
  name: 'batch',
  description: 'Tells one batch of the spool by its tag, and what became of each of its segments.',
  kind: 'reads',
  input: z.strictObject({ tag: SpoolBatch.shape.tag }),
  run: (context, { tag }): Promise<BatchOfSegments> =>
    withRecordStore(context, async (records) => {
      const [found] = await records.batches({ tag, limit: 1 });
      if (found === undefined) throw new PivoError('NotFound', `no batch has the tag ${tag}`, { hint: '`pivo batches` lists them.' });
      return { ...found, ends: await records.segmentsOf(tag) };
    }),
});
