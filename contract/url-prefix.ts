// URL prefixes that a person configures, and whether a URL that a machine names begins with one of them.
import { z } from 'zod';

export const UrlPrefixes = z.array(z.string().regex(/^([a-z]+:\/)?\/.*\/$/, 'a URL prefix that ends with "/", such as "https://forge.example/owner/"')).default([]);

/** True when the URL begins with one of the prefixes as what it means: `https://forge/owner/../other` does not begin with `https://forge/owner/`. A path is the same with `file://` before it. */
export function beginsWithOneOf(url: string, prefixes: readonly string[]): boolean {
  if (/%2e|%2f|%5c|\\/i.test(url)) return false;
  const path = url.startsWith('/');
  const meant = path ? new URL(`file://${encodeURI(url)}`).pathname : (URL.parse(url)?.href ?? '');
  return (!path || meant === encodeURI(url)) && prefixes.some((prefix) => meant.startsWith(path ? prefix.replace(/^file:\/\//, '') : prefix));
}
