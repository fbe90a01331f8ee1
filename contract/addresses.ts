// Finds addresses in texts, and puts something else in their place.
import { isTokenAddress } from './vault.ts';

/** An address as it stands in prose: RFC 5322's dot-atom without `/`, and a domain with a dot; begins where no character of its own kind is before it, so that a long text is read once. */
const ADDRESS = /(?<![\p{L}\p{N}.!#$%&'*+=?^_`{|}~-])[\p{L}\p{N}.!#$%&'*+=?^_`{|}~-]+@(?:[\p{L}\p{N}-]+\.)+(?:xn--[a-z0-9-]+|\p{L}{2,})/gu;
/** What may stand in front of an address in prose without being a part of it. */
const AROUND = /^[.!#$%&'*+=?^`{|}~]+/;

/** No person: `git@forge.example` is how a repository is reached by ssh; so is what stands behind `://`. */
const isAccount = (address: string): boolean => address.startsWith('git@');

/** The text with each address replaced. Tokens stay, so that doing it again changes nothing. */
export function replaceAddresses(text: string, replace: (address: string) => string): string {
  if (!text.includes('@')) return text;
  return text.replace(ADDRESS, (found, at: number) => {
    const address = found.replace(AROUND, '');
    if (text.slice(at - 3, at) === '://' || address.startsWith('@') || isAccount(address) || isTokenAddress(address)) return found;
    return found.slice(0, found.length - address.length) + replace(address);
  });
}

/** What stands in log lines in the place of an address. */
const HIDDEN_ADDRESS = '[address]';

/** The text without any address, for places that have no vault at hand. */
export const withoutAddresses = (text: string): string => replaceAddresses(text, () => HIDDEN_ADDRESS);
