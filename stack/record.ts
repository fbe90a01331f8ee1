// run/stack.json: what runs in a home, where, and on which ports; read by every way in.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isRunning } from '../processes/identity.ts';

const Identity = z.object({ pid: z.number().int(), started: z.string() });

export const PartState = z.enum(['starting', 'ready', 'restarting', 'stopping', 'stopped']);
export type PartState = z.infer<typeof PartState>;

const PartRecord = z.object({
  state: PartState,
  process: Identity.nullable(),
  /** How often it was started again after it ended by itself. */
  restarts: z.number().int(),
  /** Since when it is in this state, ISO 8601. */
  since: z.string(),
  /** How it ended last, e.g. `signal SIGKILL`; null when it never did. */
  lastExit: z.string().nullable(),
});
export type PartRecord = z.infer<typeof PartRecord>;

export const PART_NAMES = ['temporal', 'metadata', 'worker', 'server'] as const;
export type PartName = (typeof PART_NAMES)[number];

const StackRecord = z.object({
  formatVersion: z.literal(1),
  home: z.string(),
  state: z.enum(['starting', 'ready', 'stopping', 'down']),
  supervisor: Identity.nullable(),
  startedAt: z.string().nullable(),
  temporal: z.object({ address: z.string(), ui: z.string().nullable(), external: z.boolean() }).nullable(),
  /** Ports of PIVO's own Temporal server: kept over restarts, so that its addresses stay the same. */
  ports: z.object({ temporal: z.number().int(), ui: z.number().int() }).nullable(),
  parts: z.partialRecord(z.enum(PART_NAMES), PartRecord),
});
export type StackRecord = z.infer<typeof StackRecord>;

const recordFile = (run: string): string => join(run, 'stack.json');

export function emptyRecord(home: string): StackRecord {
  return { formatVersion: 1, home, state: 'down', supervisor: null, startedAt: null, temporal: null, ports: null, parts: {} };
}

/** The record of a home as it was last written; null when there is none or it cannot be read. */
export function readRecord(run: string): StackRecord | null {
  try {
    const parsed = StackRecord.safeParse(JSON.parse(readFileSync(recordFile(run), 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** The record when its supervisor still runs, else null. */
export function runningRecord(run: string): StackRecord | null {
  const record = readRecord(run);
  return record !== null && isRunning(record.supervisor) ? record : null;
}

/** Replaces the record as a whole; readers see the old or the new one. */
export function writeRecord(run: string, record: StackRecord): void {
  mkdirSync(run, { recursive: true, mode: 0o700 });
  const temporary = `${recordFile(run)}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, recordFile(run));
}
