// The words of backups that follow the push: what starts them, and what waits, runs and failed.
import { z } from 'zod';
import type { FailureReport } from './failures.ts';
import { CredentialName } from './ingest.ts';
import { RepositoryName } from './names.ts';

/** Tells the workflow `pushBackups` of pushes. */
export const PUSHES_SIGNAL = 'pushes';

/** Table `[push]` of config.toml. */
export const PushSettings = z.strictObject({
  /** Seconds between the starts of two backups of one repository that pushes ask for. */
  every: z.number().nonnegative().max(86_400).default(15),
  /** Backups that pushes ask for at once. */
  atOnce: z.number().int().positive().max(100).default(4),
});
export type PushSettings = z.output<typeof PushSettings>;

/** Whose pushes start backups: one configured webhook, without its secret. */
export interface PushSource {
  name: string;
  /** URL prefixes of the origins that its pushes may make known, and that its credential is for. */
  origins: readonly string[];
  credential?: string | undefined;
}

/** All pushes of one batch that mean one origin. */
export const PushedOrigin = z.strictObject({
  /** The origin as `sameOrigin` writes it: what is equal is one repository. */
  key: z.string().min(1),
  /** What is backed up. */
  url: z.string().min(1),
  /** Null for an origin that no repository has yet. */
  repository: RepositoryName.nullable(),
  /** Who takes turns: host and owner. */
  owner: z.string(),
  credential: CredentialName.nullable(),
  count: z.number().int().positive(),
  /** Milliseconds since 1970. */
  first: z.number().int(),
  last: z.number().int(),
});
export type PushedOrigin = z.infer<typeof PushedOrigin>;

/** Pushes of a repository that nobody asked to back up. */
export const IgnoredPushes = z.strictObject({
  source: z.string(),
  repository: z.string(),
  count: z.number().int().positive(),
  last: z.number().int(),
});
export type IgnoredPushes = z.infer<typeof IgnoredPushes>;

/** One signal: part of what a batch held. */
export const PushesSignal = z.strictObject({
  /** Told twice with the same id, it counts once. */
  id: z.string().min(1),
  settings: PushSettings,
  pushed: z.array(PushedOrigin),
  ignored: z.array(IgnoredPushes),
});
export type PushesSignal = z.infer<typeof PushesSignal>;

/** `waiting`: for its turn or its next try; `joining`: for a backup of the repository that began before; `failed`: until the next push. */
export type PushState = 'waiting' | 'joining' | 'running' | 'failed';

/** A repository that pushes ask to back up. */
export interface PushBackup {
  origin: string;
  /** Null until a first backup has given it a name. */
  repository: string | null;
  state: PushState;
  /** Pushes that are not in any backup yet. */
  pushes: number;
  /** ISO 8601 UTC, of the first and last of them. */
  first: string;
  last: string;
  /** Not before this instant. */
  due: string | null;
  /** Backups in a row that failed. */
  attempts: number;
  failure: FailureReport | null;
}

/** A backup that a push started and that is done. */
export interface PushDone {
  repository: string;
  visit: number;
  pushes: number;
  time: string;
  /** From the first push to the visit. */
  seconds: number;
}

/** Answer of `pushBackups` to the query `status`. */
export interface PushesView extends PushSettings {
  waiting: number;
  running: number;
  failed: number;
  /** Bytes of all that the workflow knows, which travels from run to run. */
  size: number;
  /** Those that run first, then those that wait, then those that failed; the oldest push first. */
  backups: PushBackup[];
  /** Last first. */
  done: PushDone[];
  ignored: (Omit<IgnoredPushes, 'last'> & { last: string })[];
}
