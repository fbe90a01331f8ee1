// The words of debugging: what is asked, and an answer whose every claim stands on a line.
import { z } from 'zod';

const Instant = z.string().datetime({ offset: true });

export const DebugInput = z.strictObject({
  /** What went wrong, in a person's words; words for a time ("last night", "an hour ago") narrow it. */
  question: z.string().min(1).max(2_000),
  /** A workflow id of PIVO, the id of a restore, or an application id. */
  run: z.string().min(1).max(300).optional(),
  /** Only this log, by its 16 hex digits. */
  source: z.string().regex(/^[0-9a-f]{16}$/, 'a log source is named by 16 hex digits').optional(),
  since: Instant.optional(),
  until: Instant.optional(),
  /** Most lines of evidence. */
  limit: z.number().int().min(1).max(50).default(8),
});
export type DebugRequest = z.output<typeof DebugInput>;

/** A span of time that was looked at, ISO 8601 UTC. */
export interface DebugWindow {
  from: string | null;
  to: string | null;
  /** The words of the question that it comes from; null where it was given. */
  words: string | null;
}

export interface EvidenceLine {
  /** `log:{source}:{line}`, `temporal:{workflow id}:{event}` or `index:{table}:{id}`. */
  link: string;
  /** Name of the log, or what else it was read from. */
  from: string;
  /** ISO 8601 UTC. */
  time: string | null;
  text: string;
  /** What the line shows. */
  why: string;
  /** The cause that it proves; null for what followed from it. */
  cause: string | null;
}

/**
 * How sure a cause is, by the evidence alone: `proven`: a line says it, and nothing else competes; `likely`: a line says it
 * and other causes have lines too; `symptom`: only what follows from an unknown cause was found; `none`: no line proves anything.
 */
export type DebugConfidence = 'proven' | 'likely' | 'symptom' | 'none';

export interface DebugAnswer {
  question: string;
  run: string | null;
  window: DebugWindow | null;
  cause: { id: string; title: string; meaning: string } | null;
  confidence: DebugConfidence;
  /** The proof first, then what followed. */
  evidence: EvidenceLine[];
  /** Causes that other lines prove, less likely the one that was asked for. */
  others: { id: string; title: string; link: string }[];
  toCheck: string[];
  /** For a person to run; PIVO never does. */
  toRun: { command: string; why: string }[];
  /** What was looked for and not found, and how to get it. */
  missing: string[];
  /** Markdown that cites the links. */
  text: string;
  /** `pivo`, or the model that put it into words. */
  writtenBy: string;
  /** Why a text of the model was not taken. */
  note?: string;
}
