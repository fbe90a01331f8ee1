// What pushes mean: origins that are known, origins that may become known, and what nobody asked for.
import type { IgnoredPushes, PushedOrigin, PushSource } from '../../contract/push.ts';
import { beginsWithOneOf } from '../../contract/url-prefix.ts';
import type { CollapsedPush } from '../../records/store.ts';
import { ownerOf, sameOrigin } from '../../webhooks/same-origin.ts';
import type { KnownOrigin } from './known-origins.ts';

/** Characters of an origin that a push may make known: all that wait travel together. */
const LONGEST_NEW = 1_000;

export interface Resolved {
  /** One for each origin, the oldest push first. */
  pushed: PushedOrigin[];
  ignored: IgnoredPushes[];
}

/**
 * Resolves pushes by their URLs: a known origin first, else the first URL below the prefixes of the webhook it came by.
 * A webhook's credential goes only where its prefixes say: whoever has the secret of one forge gets no other's token sent anywhere.
 */
export function resolvePushes(pushes: readonly CollapsedPush[], known: ReadonlyMap<string, KnownOrigin>, sources: readonly PushSource[]): Resolved {
  const pushed = new Map<string, PushedOrigin>();
  const ignored: IgnoredPushes[] = [];
  for (const each of pushes.toSorted((a, b) => a.first - b.first)) {
    const found = originOf(each, known, sources);
    if (found === null) ignored.push({ source: each.push.source, repository: each.push.repository, count: each.count, last: each.last });
    else add(pushed, found);
  }
  return { pushed: [...pushed.values()], ignored };
}

function originOf({ push, count, first, last }: CollapsedPush, known: ReadonlyMap<string, KnownOrigin>, sources: readonly PushSource[]): PushedOrigin | null {
  const { origins = [], credential } = sources.find(({ name }) => name === push.source) ?? {};
  const repository = push.urls.map((url) => known.get(sameOrigin(url))).find((each) => each !== undefined);
  const url = repository?.origin ?? push.urls.find((each) => each.length <= LONGEST_NEW && beginsWithOneOf(each, origins));
  if (url === undefined) return null;
  const key = sameOrigin(url);
  return { key, url, repository: repository?.repository ?? null, owner: ownerOf(key), credential: beginsWithOneOf(url, origins) ? (credential ?? null) : null, count, first, last };
}

/** Two webhooks may tell of the same push. */
function add(pushed: Map<string, PushedOrigin>, one: PushedOrigin): void {
  const before = pushed.get(one.key);
  if (before === undefined) pushed.set(one.key, one);
  else Object.assign(before, { credential: before.credential ?? one.credential, count: before.count + one.count, last: Math.max(before.last, one.last) });
}
