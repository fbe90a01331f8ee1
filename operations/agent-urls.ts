// URLs that a machine names: whether they begin with what a person configured.

/** True when the URL begins with one of the prefixes as what it means: `https://forge/owner/../other` does not begin with `https://forge/owner/`. */
export function beginsWithOneOf(url: string, prefixes: readonly string[]): boolean {
  if (/%2e|%2f|%5c|\\/i.test(url)) return false;
  const path = url.startsWith('/');
  const meant = path ? new URL(`file://${encodeURI(url)}`).pathname : (URL.parse(url)?.href ?? '');
  return (!path || meant === encodeURI(url)) && prefixes.some((prefix) => meant.startsWith(prefix));
}
