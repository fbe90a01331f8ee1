// The objects that a snapshot starts from.
import type { Snapshot } from '../../contract/snapshot.ts';

/** What the refs and HEAD of a snapshot name, of any type, each once. */
export function allTips({ refs, head }: Pick<Snapshot, 'refs' | 'head'>): string[] {
  return [...new Set([...refs.map((ref) => ref.oid), ...(head.oid === null ? [] : [head.oid])])];
}

/** As `allTips`, where commits can be: commits and tags only. */
export function historyTips({ refs, head }: Pick<Snapshot, 'refs' | 'head'>): string[] {
  return allTips({ refs: refs.filter(({ type }) => type === 'commit' || type === 'tag'), head });
}
