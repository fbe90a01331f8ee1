// Who one person is: an address, with whatever names it was used under; or a name, where there is no address.

export interface Identity {
  name: string;
  email: string;
}

/** What a person's key seals. */
export interface Held {
  /** As it was first written; empty where a person has only a name. */
  email: string;
  names: string[];
}

/** Addresses are compared without case and in one Unicode form: `Jane@X.org` and `jane@x.org` are one person. */
const folded = (text: string): string => text.normalize('NFC').trim().toLowerCase();

/**
 * What a token is made of; null for nobody. Two addresses are two people, even under one name: names are shared by
 * strangers. One address is one person under every name, so that erasing it erases them all.
 */
export function identityText({ name, email }: Identity): string | null {
  if (folded(email) !== '') return `mail:${folded(email)}`;
  return folded(name) === '' ? null : `name:${folded(name)}`;
}

/** An address, or else a name, as a person types it to find somebody. */
export const identityOf = (text: string): Identity => (text.includes('@') ? { name: '', email: text } : { name: text, email: '' });
