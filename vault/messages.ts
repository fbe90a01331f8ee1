// Hides the people of one commit: its author, its committer, and whoever its message names in a way that can be told.
import { replaceAddresses } from '../contract/addresses.ts';
import { addressOf, isTokenAddress, PersonToken } from '../contract/vault.ts';
import type { Identity } from './identity.ts';
import { NameFinder, type NameRule } from './names.ts';

/** The token of a person; '' for nobody. */
export type TokenOf = (identity: Identity) => string;

/** `Signed-off-by: ` and the like, as git-interpret-trailers(1) reads a trailer's key. Bounded: a line is read once. */
const KEY = /^[ \t]{0,8}[A-Za-z][A-Za-z0-9-]{0,60}:[ \t]/;
/** A key that says that a person did something. */
const BY = /-by:[ \t]$/i;
/** Letters only: hashes and links follow such keys as well. */
const NAME = /^[\p{L}\p{M}][\p{L}\p{M} .,'’-]*$/u;
/** `<anything@anything>` anywhere. */
const ANGLE = /<([^<>\s@]+@[^<>\s@]+)>/g;

/** The person with a token for name and address; what was empty stays so. */
export function hidePerson<P extends Identity>(person: P, tokenOf: TokenOf): P {
  const token = tokenOf(person);
  return token === '' ? person : { ...person, name: token, email: person.email.trim() === '' ? person.email : addressOf(token) };
}

/** True for what `hidePerson` made, and for nobody. */
export const isHidden = ({ name, email }: Identity): boolean => (email.trim() === '' || isTokenAddress(email)) && (name.trim() === '' || PersonToken.safeParse(name).success);

/**
 * A message in which trailers, addresses and the names of `people` are tokens. Depends on the commit alone, not on who is
 * known already, so that the same commit always gives the same text.
 */
export function hideMessage(message: string, people: readonly Identity[], tokenOf: TokenOf): string {
  if (message === '') return message;
  const found: NameRule[] = people.map((person) => ({ name: person.name, token: tokenOf(person) }));
  const told = (name: string, email: string): string => {
    const token = tokenOf({ name, email });
    found.push({ name, token });
    return token;
  };
  const withoutTrailers = message
    .split('\n')
    .map((line) => hideTrailer(line, told))
    .join('\n')
    .replace(ANGLE, (whole, address: string) => (isPersonal('', address) ? `<${addressOf(tokenOf({ name: '', email: address }))}>` : whole));
  const withoutAddresses = replaceAddresses(withoutTrailers, (address) => addressOf(tokenOf({ name: '', email: address })));
  return new NameFinder(found.filter(({ token }) => token !== '')).replace(withoutAddresses);
}

/** A line that is a trailer, with tokens for the person that it names; any other line as it is. */
function hideTrailer(line: string, tokenOf: (name: string, email: string) => string): string {
  const [key] = KEY.exec(line) ?? [];
  if (key === undefined) return line;
  const value = line.slice(key.length);
  const [open, close] = [value.indexOf('<'), value.indexOf('>')];
  if (open === -1) {
    const name = value.trim();
    return BY.test(key) && NAME.test(name) && !PersonToken.safeParse(name).success ? `${key}${tokenOf(name, '')}` : line;
  }
  const [name, address] = [value.slice(0, open).trim(), value.slice(open + 1, close)];
  if (close <= open + 1 || !isPersonal(key, address)) return line;
  const token = tokenOf(name, address);
  return `${key}${name === '' ? '' : `${token} `}<${addressOf(token)}>${value.slice(close + 1)}`;
}

/** Not a link, not `git@forge`, not a token; without `@` only where the key says that a person did something. */
function isPersonal(key: string, address: string): boolean {
  if (address.includes('://') || address.startsWith('git@') || isTokenAddress(address)) return false;
  return address.includes('@') || BY.test(key);
}
