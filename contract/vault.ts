// The vault's words: tokens that stand for people, who may see whom, and what becomes of a migration.
import { z } from 'zod';

/** Stands for one person wherever the vault is on; a token alone says nothing about who it is. */
export const PersonToken = z.string().regex(/^pii-[0-9a-f]{32}$/, 'a token is "pii-" and 32 hex digits');
/** As it stands in texts. */
export const TOKENS_IN_TEXT = /\bpii-[0-9a-f]{32}\b/g;
/** Domain of the addresses that tokens have where an address is expected; `invalid` never resolves (RFC 2606). */
const TOKEN_DOMAIN = 'vault.invalid';

/** A token as an address, so that whoever reads `Name <address>` still can. */
export const addressOf = (token: string): string => `${token}@${TOKEN_DOMAIN}`;
/** True for an address that `addressOf` made. */
export const isTokenAddress = (address: string): boolean => address.endsWith(`@${TOKEN_DOMAIN}`) && PersonToken.safeParse(address.slice(0, -TOKEN_DOMAIN.length - 1)).success;

/** As what somebody may see a person: themselves, somebody of the repositories of their team, anybody. */
export type VaultRole = 'self' | 'team' | 'operator';

/** Who is behind a token, as far as whoever asks may know. */
export type ResolvedPerson =
  | { person: string; state: 'known'; role: VaultRole; email: string; names: string[]; repositories: string[] }
  /** The key was destroyed: nobody can know any more. */
  | { person: string; state: 'erased'; at: string; by: string }
  | { person: string; state: 'refused' }
  /** No token of this vault. */
  | { person: string; state: 'unknown' };

export interface VaultStatus {
  enabled: boolean;
  /** Where the master key comes from; never the key. */
  key: string;
  people: number;
  erased: number;
  tokens: number;
  /** Generation of the tokens that are minted now, from 1. */
  generation: number;
}

/** What a migration did. */
export interface VaultMigration {
  repositories: number;
  commits: number;
  people: number;
  /** Messages of the embedded event log that hold tokens now. */
  messages: number;
  /** Texts of `state.db`, files of logs and the like that hold tokens now. */
  texts: number;
  /** What still holds names or addresses, and what a person has to do about it. */
  left: string[];
}
