// Whether a repository's path is among those that patterns name.
import { matchesAll, matchesText } from '../contract/wildcards.ts';

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
    for (let count = 1; count <= whole; count++) if (matchesAll(wanted, parts.slice(0, count), '**', matchesText)) return true;
    return false;
  };
}
