// Matching with wildcards, in a time that no pattern can make long.

/**
 * Whether the elements are what the pattern says, `wildcard` standing for any number of them. Takes no longer than the product of both lengths: who fails
 * goes back to the last wildcard only, since an earlier one could take no less.
 */
export function matchesAll(pattern: readonly string[], elements: readonly string[], wildcard: string, matches: (wanted: string, found: string) => boolean): boolean {
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

/** Whether a text is as the pattern says: `*` stands for any characters, `?` for one, everything else for itself. */
export const matchesText = (pattern: string, text: string): boolean => matchesAll(Array.from(pattern), Array.from(text), '*', (wanted, found) => wanted === '?' || wanted === found);
