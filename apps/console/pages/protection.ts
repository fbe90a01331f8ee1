// How well repositories are protected, in words, and the order in which that wants a person's eye.
import type { Protection } from '../../../operations/overview.ts';
import type { Tone } from '../parts/words.tsx';

/** Seconds without a visit after which a repository is no longer called protected. */
const STALE = 7 * 86_400;

export interface Problem {
  word: string;
  tone: Tone;
  weight: number;
}

/** What is wrong with a repository's protection; nothing for one that is protected. */
export function problemsOf({ failed, holes, outcome, lost, visit, age }: Protection): Problem[] {
  return [
    ...(failed === null ? [] : [{ word: 'last backup failed', tone: 'bad', weight: 8 } as const]),
    ...(holes > 0 || outcome === 'partial' ? [{ word: 'incomplete', tone: 'warn', weight: 4 } as const] : []),
    ...(lost !== null && lost.forced > 0 ? [{ word: lost.visit === visit ? 'history rewritten' : 'rewritten lately', tone: 'bad', weight: 2 } as const] : []),
    ...(lost !== null && lost.deleted > 0 ? [{ word: lost.visit === visit ? 'refs deleted' : 'refs deleted lately', tone: 'bad', weight: 2 } as const] : []),
    ...(age > STALE ? [{ word: 'no recent visit', tone: 'warn', weight: 1 } as const] : []),
  ];
}

const weightOf = (each: Protection): number => problemsOf(each).reduce((sum, { weight }) => sum + weight, 0);
const byName = (a: Protection, b: Protection): number => (a.repository < b.repository ? -1 : 1);

const ORDERS: Record<string, (a: Protection, b: Protection) => number> = {
  '': (a, b) => weightOf(b) - weightOf(a) || byName(a, b),
  name: byName,
  visit: (a, b) => (a.time < b.time ? 1 : -1),
  size: (a, b) => b.packBytes - a.packBytes,
  growth: (a, b) => b.growth.bytes - a.growth.bytes,
};

/** The repositories whose name or origin holds `search`, in an order. */
export function arranged(repositories: readonly Protection[], search: string, order: string): Protection[] {
  const word = search.toLowerCase();
  return repositories.filter(({ repository, origin }) => `${repository} ${origin}`.toLowerCase().includes(word)).sort(ORDERS[order] ?? ORDERS['']);
}
