// An operation: one thing PIVO can do, described once for every way in.
import type { Client } from '@temporalio/client';
import type { z } from 'zod';
import type { Progress } from '../contract/ingest.ts';
import type { Log } from '../contract/log.ts';
import type { RetentionPolicy } from '../contract/retention.ts';
import type { TextWriter } from '../contract/writer.ts';
import type { Library } from '../archive/reading/library.ts';
import type { Store } from '../archive/store.ts';
import type { ForgeSettings } from '../forges/settings.ts';
import type { EmbeddingSettings } from '../logs/vectors/settings.ts';
import type { NotifyTarget } from '../notify/settings.ts';
import type { RecordSettings } from '../records/settings.ts';
import type { StackStatus } from '../stack/status.ts';
import type { OpenVault } from '../vault/open.ts';
import type { VaultRules } from '../vault/settings.ts';

/** Who calls, as authenticated by the door; never taken from the request itself. */
export interface Caller {
  user: string;
  via: 'cli' | 'server' | 'agent' | 'mcp' | 'schedule';
  /** True only for the person who owns PIVO_HOME: may start without approval and approve. */
  owner: boolean;
}

/** True for a caller that may repeat a stranger's words: a model, or a program that speaks for one. */
export const isMachine = ({ via }: Pick<Caller, 'via'>): boolean => via === 'agent' || via === 'mcp';

/** The vault of a home; its file is opened when somebody has to be hidden or shown. */
export interface VaultDoor {
  rules: VaultRules;
  /** Where its key comes from. */
  key: string;
  /** Reads the key anew. Fails with CredentialMissing or InvalidInput. */
  checkKey(): void;
  /** Fails as `openVault` does. */
  open(): Promise<OpenVault>;
}

/** What operations work with; opened when first asked for, so that a question never loads Temporal. */
export interface OperationContext {
  readonly store: Store;
  /** Readers of the archive's repositories, kept open between operations. */
  readonly library: Library;
  /** Whose worker shares this home, and with it these paths. */
  readonly workerId: string;
  /** Paths of PIVO_HOME that operations read. */
  readonly paths: { index: string; state: string; cache: string; metadataSocket: string; credentials: string; logIndex: string; /** Folder of the spool. */ spool: string };
  /** After how many days without a proven drill a repository is red. */
  readonly drill: { maxAge: number };
  /** Which checkouts may go; missing: none. */
  readonly retention?: RetentionPolicy | undefined;
  /** Who is told of what happens; missing: nobody is. */
  readonly notify?: readonly NotifyTarget[] | undefined;
  /** Where records are kept; missing: nowhere. */
  readonly records?: RecordSettings | undefined;
  readonly git: { protocols: readonly string[] };
  /** `[[forges]]` of the configuration; missing: the two that everybody knows. */
  readonly forges?: readonly ForgeSettings[] | undefined;
  /** URL prefixes: of the origins that an agent may back up without a person's approval, and of the targets that it may have a plan made for. */
  readonly agent: { origins: readonly string[]; targets: readonly string[] };
  /** `historyServer`: the one that the owner configured, which anybody may ask. */
  readonly spark?: { historyServer?: string | undefined };
  /** Puts facts into words; none where no model is configured, and the facts then stand for themselves. */
  readonly writer?: TextWriter | undefined;
  /** Who makes the vectors of questions to the logs; missing: they are hashed. */
  readonly embeddings?: EmbeddingSettings | undefined;
  readonly log: Log;
  readonly caller: Caller;
  /** Who people are; missing: the vault is off. */
  readonly vault?: VaultDoor | undefined;
  /** A connected Temporal client; fails with Unavailable and the hint to run `pivo up`. */
  temporal(): Promise<Client>;
  /** The state of every part of this home. */
  status(): Promise<StackStatus>;
}

export interface RunOptions {
  signal: AbortSignal;
  onProgress(progress: Progress): void;
  /** Bytes that came with the request, for the operations that read some. */
  body?: AsyncIterable<Uint8Array>;
  /** Names the request for ever: what it starts is started once, however often it is sent. */
  request?: string;
}

/** `reads` changes nothing; `starts` starts work; `decides` is for people only, never offered to agent or MCP. */
export type OperationKind = 'reads' | 'starts' | 'decides';

export interface Operation<Input extends z.ZodType = z.ZodType, Output = unknown> {
  name: string;
  /** One sentence, for `--help`, the agent and OpenAPI. */
  description: string;
  kind: OperationKind;
  input: Input;
  run(context: OperationContext, input: z.output<Input>, options: RunOptions): Promise<Output>;
}

/** Keeps the types of one operation together where it is written. */
export function defineOperation<Input extends z.ZodType, Output>(operation: Operation<Input, Output>): Operation<Input, Output> {
  return operation;
}
