// Where the reader is: the address holds every state of a page, so that each can be linked to and gone back to.
import { signal } from '@preact/signals';

/** The address as it is now. */
export const address = signal(new URL(location.href));

/** Goes to an address of the console; `replace` leaves no step to go back to. */
export function go(to: string, { replace = false } = {}): void {
  if (to === address.peek().pathname + address.peek().search) return;
  history[replace ? 'replaceState' : 'pushState'](null, '', to);
  address.value = new URL(location.href);
}

/** One value of the address's query; empty when it is not there. */
export const asked = (name: string): string => address.value.searchParams.get(name) ?? '';

/** A whole number of the query; `otherwise` when it is none. */
export function askedNumber(name: string, otherwise: number): number {
  const text = asked(name);
  return /^[0-9]{1,9}$/.test(text) ? Number(text) : otherwise;
}

/** An address: path pieces are encoded, empty values of the query left out. */
export function at(pieces: readonly string[], query: Record<string, string | number | undefined> = {}): string {
  const search = new URLSearchParams(Object.entries(query).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, String(value)]])));
  const path = `/${pieces.map((piece) => encodeURIComponent(piece)).join('/')}`;
  return search.size === 0 ? path : `${path}?${search.toString()}`;
}

/** The address as it is, with some values of its query changed; an empty one is left out. */
export function here(changes: Record<string, string | number>): string {
  const { pathname, searchParams } = address.value;
  const search = new URLSearchParams(searchParams);
  for (const [name, value] of Object.entries(changes)) {
    if (value === '') search.delete(name);
    else search.set(name, String(value));
  }
  return search.size === 0 ? pathname : `${pathname}?${search.toString()}`;
}

/** Addresses that the server answers itself. */
const SERVED = /^\/(api|git|mcp|metrics|healthz|readyz|assets)(\/|$)/;

/** Follows links within the console without loading the page anew. */
export function followLinks(): void {
  addEventListener('popstate', () => (address.value = new URL(location.href)));
  document.addEventListener('click', (event) => {
    const link = (event.target as Element).closest('a');
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (link === null || !plain || event.defaultPrevented || link.target !== '' || link.hasAttribute('download')) return;
    if (link.origin !== location.origin || SERVED.test(link.pathname) || link.getAttribute('href')?.startsWith('#') === true) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}
