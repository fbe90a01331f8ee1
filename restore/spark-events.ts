// What the jobs for Spark tell on its standard output: one JSON event a line, behind a mark (spark_jobs/pivo_restore/report.py).
import { z } from 'zod';
import { FAILURE_KINDS, type FailureKind, type FailureReport } from '../contract/failures.ts';

const MARK = 'PIVO ';

const Failure = z.object({
  kind: z.string().transform((kind): FailureKind => (kind in FAILURE_KINDS ? (kind as FailureKind) : 'Internal')),
  message: z.string(),
  hint: z.string().optional(),
  facts: z.record(z.string(), z.unknown()).optional(),
}).transform(({ kind, message, hint, facts }): FailureReport => ({ kind, message, ...(hint === undefined ? {} : { hint }), ...(facts === undefined ? {} : { facts }) }));

const Started = z.object({ event: z.literal('started'), application: z.string(), name: z.string(), master: z.string(), ui: z.string().nullable() });
const Told = z.object({ event: z.literal('progress'), phase: z.string(), done: z.number(), total: z.number(), bytes: z.number() });

const SparkEvent = z.discriminatedUnion('event', [
  Started,
  Told,
  z.object({ event: z.literal('pack'), path: z.string(), objects: z.number(), bytes: z.number(), host: z.string(), seconds: z.number() }),
  z.object({
    event: z.literal('end'),
    restores: z.array(z.object({ restoreId: z.string(), failure: Failure.nullable() })),
    /** Why the whole application failed; null when it came to its end. */
    failure: Failure.nullable(),
  }),
]);
export type SparkEvent = z.infer<typeof SparkEvent>;
export type SparkEnd = Extract<SparkEvent, { event: 'end' }>;

/** The event of a line of the restore job, or null for other output. */
export const readEvent = (line: string): SparkEvent | null => readMarked(line, SparkEvent);

export const VerifyEvent = z.discriminatedUnion('event', [
  Started,
  Told,
  z.object({ event: z.literal('pack'), path: z.string(), objects: z.number(), host: z.string(), seconds: z.number() }),
  z.object({ event: z.literal('problem'), pack: z.string(), file: z.string(), offset: z.number().nullable(), problem: z.string() }),
  z.object({ event: z.literal('end'), packs: z.number(), bytes: z.number(), failure: Failure.nullable() }),
]);
export type VerifyEvent = z.infer<typeof VerifyEvent>;

/** What a job tells on a line, or null for other output. */
export function readMarked<S extends z.ZodType>(line: string, schema: S): z.output<S> | null {
  if (!line.startsWith(MARK)) return null;
  try {
    return schema.parse(JSON.parse(line.slice(MARK.length)));
  } catch {
    return null;
  }
}
