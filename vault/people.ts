// Hides people in commits, events and other texts: what every part of PIVO calls before it stores, tells or shows.
import { replaceAddresses } from '../contract/addresses.ts';
import { addressOf, TOKENS_IN_TEXT } from '../contract/vault.ts';
import type { ForgeRecordEvent, PivoEvent } from '../contract/events.ts';
import type { Identity } from './identity.ts';
import { hideMessage, hidePerson, isHidden, type TokenOf } from './messages.ts';
import { NameFinder, type NameRule } from './names.ts';
import type { Vault } from './vault.ts';

/** A commit as git's log has it. */
interface Commit {
  author: Identity;
  committer: Identity;
  message: string;
}

function hideCommit<C extends Commit>(commit: C, tokenOf: TokenOf): C {
  const { author, committer, message } = commit;
  return { ...commit, author: hidePerson(author, tokenOf), committer: hidePerson(committer, tokenOf), message: hideMessage(message, [author, committer], tokenOf) };
}

/** For who writes: people are minted, and stored by `flush`, which is to be called before the tokens go anywhere. */
export function minting(vault: Vault, repository: string): { commit<C extends Commit>(commit: C): C; flush(): void } {
  const tokenOf: TokenOf = (identity) => vault.mint(identity, repository);
  return { commit: (commit) => hideCommit(commit, tokenOf), flush: () => vault.flush() };
}

/** Hides without storing anybody. */
export interface People {
  commit<C extends Commit>(commit: C): C;
  /** A text with tokens for addresses, and for the names of known people that have two words or more. */
  text(text: string): string;
  /** A value of JSON with every text in it hidden. */
  texts<T>(value: T): T;
}

/** For who only shows or passes on. */
export function hiding(vault: Vault): People {
  let of: readonly NameRule[] | null = null;
  let finder = new NameFinder([]);
  const names = (): NameFinder => {
    const now = vault.names();
    if (now !== of) [of, finder] = [now, new NameFinder(now)];
    return finder;
  };
  const text = (each: string): string => names().replace(replaceAddresses(each, (address) => addressOf(vault.tokenOf({ name: '', email: address }))));
  return {
    commit: (commit) => hideCommit(commit, (identity) => vault.tokenOf(identity)),
    text,
    texts: (value) => JSON.parse(JSON.stringify(value), (_, each: unknown) => (typeof each === 'string' ? text(each) : each)) as typeof value,
  };
}

/** What hides events: the people of commits are minted, and stored by the next `flush`. */
export interface EventHider {
  vault: Vault;
  people: People;
}

/** An event that was written before the vault was on, as it is written now; any other as it is. */
export function hideEvent({ vault, people }: EventHider, event: PivoEvent): PivoEvent {
  if (event.type === 'AUDIT') return { ...event, details: people.texts(event.details) };
  if (event.type === 'FORGE_RECORD') return hideRecord(vault, event);
  if (event.type !== 'COMMIT' || (isHidden(event.author) && isHidden(event.committer))) return event;
  const { author, committer, subject, body } = event;
  const tokenOf: TokenOf = (identity) => vault.mint(identity, event.repository);
  const hidden = (text: string): string => hideMessage(text, [author, committer], tokenOf);
  return { ...event, author: hidePerson(author, tokenOf), committer: hidePerson(committer, tokenOf), subject: hidden(subject), body: hidden(body) };
}

/** A forge's name of a user is a person of its own: nothing says whose address it is. */
function hideRecord(vault: Vault, event: ForgeRecordEvent): ForgeRecordEvent {
  const tokenOf: TokenOf = (identity) => vault.mint(identity, event.repository);
  const author: Identity = { name: event.author ?? '', email: '' };
  const people = isHidden(author) ? [] : [author];
  const hidden = (text: string): string => hideMessage(text, people, tokenOf);
  return { ...event, author: people.length === 0 ? event.author : hidePerson(author, tokenOf).name, title: hidden(event.title), body: hidden(event.body) };
}

/** A text whose tokens are those that are minted now. */
export const renewTokens = (vault: Vault, text: string): string => text.replace(TOKENS_IN_TEXT, (token) => vault.current(token));
