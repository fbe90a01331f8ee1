// Port Listing: the repositories of an owner on a forge, a page a call, asking only for what changed.
import type { ListedRepository, ListingCursor } from '../contract/source.ts';

export interface ListingPage {
  repositories: ListedRepository[];
  cursor: ListingCursor;
}

/** The repositories of one owner. */
export interface Listing {
  /**
   * The page at `cursor`; null: the first. Fails with Unavailable (with `retryAfter` seconds in its facts where the forge says so), CredentialMissing,
   * NotAllowed, NotFound (no such owner, or none that the token may see), LimitExceeded or InvalidInput, and with the reason of a signal that is aborted.
   */
  page(cursor: ListingCursor, signal?: AbortSignal): Promise<ListingPage>;
}

/** Answers of the forge that are kept, by URL: what has not changed since is not sent again, and costs nothing of GitHub's rate limit. */
export interface AnswerMemory {
  kept(url: string): { etag: string; body: string } | null;
  keep(url: string, answer: { etag: string; body: string }): void;
}

/** Whose repositories, and how git reaches them. */
export interface ListingOwner {
  /** Organisation, user or group with its path. */
  owner: string;
  transport: 'https' | 'ssh';
}
