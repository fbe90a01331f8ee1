// Whether a repository's path is among those that patterns name.

export interface PatternList {
  /** The pattern that the path, or a group above it, matches; null: none does. */
  matching(path: string): string | null;
}

/**
 * Patterns as in gitignore(5), in any case of letters: `*` and `?` stay within one part of the path, `**` does not; without a slash, but at its end, a
 * pattern is for a part anywhere; with one it begins at the root; `group/` is everything below a group of that name, and so is a pattern that matches the
 * group itself. Everything else means itself. Takes no longer than the product of both lengths, whatever the pattern (docs/decisions/0029).
 */
export function patternList(patterns: readonly string[]): PatternList {
  const compiled = patterns.map((pattern) => ({ pattern, matches: compile(pattern) }));
  return { matching: (path) => compiled.find(({ matches }) => matches(path.toLowerCase().split('/')))?.pattern ?? null };
}

function compile(pattern: string): (parts: readonly string[]) => boolean {
  const groupsOnly = pattern.endsWith('/');
  const bare = pattern.toLowerCase().replace(/\/+$/, '');
  const wanted = (bare.includes('/') ? bare.replace(/^\/+/, '') : `**/${bare}`).split('/');
  return (parts) => {
    const whole = groupsOnly ? parts.length - 1 : parts.length;
    for (let count = 1; count <= whole; count++) if (matchesAll(wanted, parts.slice(0, count), '**', matchesPart)) return true;
    return false;
  };
}

const matchesPart = (pattern: string, part: string): boolean => matchesAll(Array.from(pattern), Array.from(part), '*', (wanted, found) => wanted === '?' || wanted === found);

/** Matching with one wildcard for any number of elements: who fails goes back to the last wildcard only, since an earlier one could take no less. */
function matchesAll(pattern: readonly string[], elements: readonly string[], wildcard: string, matches: (wanted: string, found: string) => boolean): boolean {
  let [at, wanted] = [0, 0];
  let last: { at: number; wanted: number } | null = null;
  while (at < elements.length) {
    const [one, element] = [pattern[wanted], elements[at] ?? ''];
    if (one === wildcard) last = { at, wanted: wanted++ };
    else if (one !== undefined && matches(one, element)) [at, wanted] = [at + 1, wanted + 1];
    else if (last === null) return false;
    else {
      last = { at: last.at + 1, wanted: last.wanted };
      [at, wanted] = [last.at, last.wanted + 1];
    }
  }
  return pattern.slice(wanted).every((one) => one === wildcard);
}
