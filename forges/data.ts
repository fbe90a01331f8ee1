// Port ForgeData: a repository's issues, merge requests, releases and so on, page by page, what changed since.
import type { ForgeDataKind, ForgeExport, ForgeRecord, ForgeStep } from '../contract/forge-data.ts';

/** The record of another kind that a page is about. */
export type RecordAsked = Pick<ForgeRecord, 'id' | 'number'>;

export interface PageAsked {
  step: ForgeDataKind;
  /** ISO 8601: records that changed at or after it; some from before may come as well. Null: all. */
  since: string | null;
  /** Where the page before said that it goes on; null: from the start. */
  cursor: string | null;
  /** Of steps that ask about each record of another kind. */
  of?: RecordAsked | undefined;
  /** What the forge called this page when it was asked last. */
  etag?: string | null | undefined;
}

export interface ForgePage {
  records: ForgeRecord[];
  /** Opaque; null: this was the last page. */
  next: string | null;
  etag: string | null;
  /** ISO 8601: when the forge answered, by its own clock; null where it does not say. */
  time: string | null;
}

/**
 * One repository on one forge. Every method fails with Unavailable (with `retryAfter` seconds in its facts where the forge says so),
 * CredentialMissing, NotAllowed, NotFound (also where the repository has switched that kind off), InvalidInput or LimitExceeded,
 * and with the reason of a signal that is aborted. No message holds a token.
 */
export interface ForgeData {
  readonly forge: ForgeExport['forge'];
  /** In this order: a step that asks about each record of a kind stands after that kind's. */
  readonly steps: readonly ForgeStep[];
  /** Fails where the repository is not there or may not be seen. */
  look(signal?: AbortSignal): Promise<void>;
  /** `unchanged`: the page is as it was when it had that etag. */
  page(asked: PageAsked, signal?: AbortSignal): Promise<ForgePage | 'unchanged'>;
  /** The bytes of a file of a release, as they come; fails with LimitExceeded past `most`. Or why the forge does not have them. */
  asset(record: ForgeRecord, most: number, signal?: AbortSignal): AsyncIterable<Uint8Array> | string;
}
