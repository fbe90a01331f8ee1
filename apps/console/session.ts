// Who the reader is to the server: the token from the address, kept for this tab only.
import { signal } from '@preact/signals';

const KEPT_AS = 'pivo-token';

/** What the server said of the token: `refused` shows the page that tells how to get one. */
export const access = signal<'open' | 'refused'>('open');

export const token = signal<string | null>(sessionStorage.getItem(KEPT_AS));

/** Uses a token from now on; null forgets it. */
export function useToken(value: string | null): void {
  token.value = value;
  access.value = 'open';
  if (value === null) sessionStorage.removeItem(KEPT_AS);
  else sessionStorage.setItem(KEPT_AS, value);
}

/** Takes `#token=…` out of the address, which then holds no secret any more. */
export function takeToken(): void {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given === null) return;
  history.replaceState(null, '', location.pathname + location.search);
  useToken(given);
}
