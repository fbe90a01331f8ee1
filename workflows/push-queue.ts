// What pushes ask to back up, in which order and when: plain state that travels from a run to the next.
import { FAILURE_KINDS, type FailureReport } from '../contract/failures.ts';
import type { IgnoredPushes, PushBackup, PushDone, PushedOrigin, PushesSignal, PushesView, PushSettings, PushState } from '../contract/push.ts';

/** One origin that waits for its backup, or has it made. */
export interface PushItem extends PushedOrigin {
  state: PushState;
  /** Not before, in milliseconds since 1970. */
  due: number;
  /** Backups in a row that failed. */
  attempts: number;
  failure: FailureReport | null;
  /** The name that its own backup was begun with, while that runs. */
  chosen: string | null;
  /** Pushes that came after its backup began: that may have looked before them. */
  later: Pick<PushedOrigin, 'count' | 'first' | 'last'> | null;
}

export interface PushQueue {
  settings: PushSettings;
  items: PushItem[];
  /** Ids of the latest signals. */
  handled: string[];
  /** When the last backup of an origin began, as long as that matters. */
  starts: Record<string, number>;
  /** Whose turn it was last. */
  owner: string;
  done: PushDone[];
  ignored: IgnoredPushes[];
}

export const emptyQueue = (settings: PushSettings): PushQueue => ({ settings, items: [], handled: [], starts: {}, owner: '', done: [], ignored: [] });

/** How many are remembered. */
const KEPT = { handled: 500, done: 50, ignored: 50 };

/** Milliseconds until a failed backup is tried again: a minute, doubled each time, an hour at most. */
const FIRST_RETRY = 60_000;
const LONGEST_RETRY = 3_600_000;
/** Failures in a row after which only a new push tries again: half a day of them. */
const MOST_ATTEMPTS = 16;
/** Failures that a person cures without any push. */
const CURED_BY_TIME = ['StorageFull', 'StorageReadOnly', 'CredentialMissing'];

const merged = <T extends Pick<PushedOrigin, 'count' | 'first' | 'last'>>(a: T, b: Pick<PushedOrigin, 'count' | 'first' | 'last'>): T => ({ ...a, count: a.count + b.count, first: Math.min(a.first, b.first), last: Math.max(a.last, b.last) });

/** Takes a signal; one that came before changes nothing. `now` in milliseconds since 1970, here and below. */
export function takePushes(queue: PushQueue, { id, settings, pushed, ignored }: PushesSignal, now: number): void {
  if (queue.handled.includes(id)) return;
  queue.handled = [...queue.handled, id].slice(-KEPT.handled);
  queue.settings = settings;
  for (const each of pushed) takePush(queue, each, now);
  for (const each of ignored) takeIgnored(queue, each);
}

function takePush(queue: PushQueue, pushed: PushedOrigin, now: number): void {
  const at = queue.items.findIndex(({ key }) => key === pushed.key);
  const item = queue.items[at];
  if (item === undefined) {
    queue.items.push({ ...pushed, state: 'waiting', due: windowOf(queue, pushed.key, now), attempts: 0, failure: null, chosen: null, later: null });
    return;
  }
  const { url, repository, owner, credential, count, first, last } = pushed;
  const known = { ...item, url, repository: repository ?? item.repository, owner, credential };
  if (item.state === 'running') queue.items[at] = { ...known, later: item.later === null ? { count, first, last } : merged(item.later, pushed) };
  else queue.items[at] = merged({ ...known, ...sooner(queue, item, now) }, pushed);
}

/** A new push ends the wait after a failure, but for its first minute. */
function sooner(queue: PushQueue, { state, due, key, attempts }: PushItem, now: number): Pick<PushItem, 'state' | 'due' | 'attempts'> {
  if (state === 'failed') return { state: 'waiting', due: windowOf(queue, key, now), attempts: 0 };
  return { state, due: attempts === 0 ? due : Math.min(due, now + FIRST_RETRY), attempts };
}

const windowOf = ({ starts, settings }: PushQueue, key: string, now: number): number => Math.max(now, (starts[key] ?? -Infinity) + settings.every * 1_000);

function takeIgnored(queue: PushQueue, one: IgnoredPushes): void {
  const isIt = ({ source, repository }: IgnoredPushes): boolean => source === one.source && repository === one.repository;
  const before = queue.ignored.find(isIt);
  queue.ignored = [{ ...one, count: one.count + (before?.count ?? 0) }, ...queue.ignored.filter((each) => !isIt(each))].slice(0, KEPT.ignored);
}

/** The next to back up: owners take turns, and of one owner the oldest push goes first. Null when none is due, or enough run. */
export function nextOf(queue: PushQueue, now: number): PushItem | null {
  if (queue.items.filter(({ state }) => state === 'running').length >= queue.settings.atOnce) return null;
  const due = queue.items.filter((item) => item.state === 'waiting' && item.due <= now);
  const owners = due.map(({ owner }) => owner).sort();
  const owner = owners.find((each) => each > queue.owner) ?? owners[0];
  const [first] = due.filter((item) => item.owner === owner).sort((a, b) => a.first - b.first || (a.key < b.key ? -1 : 1));
  return first ?? null;
}

/** Milliseconds until something is due that is not yet; null when nothing is. */
export function waitOf({ items }: PushQueue, now: number): number | null {
  const later = items.filter(({ state, due }) => state === 'waiting' && due > now).map(({ due }) => due - now);
  return later.length === 0 ? null : Math.min(...later);
}

/** Changes what is known of an origin that is still there. */
function change(queue: PushQueue, key: string, to: Partial<PushItem>): void {
  queue.items = queue.items.map((item) => (item.key === key ? { ...item, ...to } : item));
}

/** Gives an origin its turn. */
export function begin(queue: PushQueue, { key, owner }: PushItem): void {
  queue.owner = owner;
  change(queue, key, { state: 'running' });
}

/** All pushes of an origin as one, when none of them is in any backup. */
function withLater({ items }: PushQueue, key: string): Partial<PushItem> {
  const item = items.find((each) => each.key === key);
  if (item === undefined || item.later === null) return {};
  const { count, first, last } = merged(item, item.later);
  return { count, first, last, later: null };
}

/** Its own backup began, under that name: pushes from now on need another one. */
export function began(queue: PushQueue, key: string, chosen: string, now: number): void {
  const oldest = now - queue.settings.every * 1_000;
  queue.starts = { ...Object.fromEntries(Object.entries(queue.starts).filter(([, start]) => start > oldest)), [key]: now };
  change(queue, key, { ...withLater(queue, key), chosen, state: 'running' });
}

/** Another run backs it up already, and may have looked before the push: after it, it is its turn again. */
export function joins(queue: PushQueue, key: string): void {
  change(queue, key, { ...withLater(queue, key), state: 'joining' });
}

/** Its turn comes again when `due`. */
export const again = (queue: PushQueue, key: string, due: number): void => change(queue, key, { state: 'waiting', due });

/** The backup is done; what was pushed meanwhile waits for the next. */
export function succeeded(queue: PushQueue, key: string, { repository, visit, time }: { repository: string; visit: number; time: string }, now: number): void {
  const item = queue.items.find((each) => each.key === key);
  if (item === undefined) return;
  const seconds = Math.max(0, Math.round((Date.parse(time) - item.first) / 10) / 100);
  queue.done = [{ repository, visit, pushes: item.count, time, seconds }, ...queue.done].slice(0, KEPT.done);
  if (item.later === null) queue.items = queue.items.filter((each) => each.key !== key);
  else change(queue, key, { ...item.later, repository, state: 'waiting', due: windowOf(queue, key, now), attempts: 0, failure: null, chosen: null, later: null });
}

/** The backup failed: it is tried again, later each time, or waits for a push that may cure it. */
export function failed(queue: PushQueue, key: string, failure: FailureReport, now: number): void {
  const item = queue.items.find((each) => each.key === key);
  if (item === undefined) return;
  const attempts = item.attempts + 1;
  const nameTaken = failure.kind === 'NameConflict' && item.repository === null; // by another first backup: the next try chooses another name
  const ends = attempts >= MOST_ATTEMPTS || (FAILURE_KINDS[failure.kind].permanent && !CURED_BY_TIME.includes(failure.kind) && !nameTaken && item.later === null);
  const wait = Math.min(LONGEST_RETRY, FIRST_RETRY * 2 ** (attempts - 1));
  change(queue, key, { ...withLater(queue, key), chosen: null, state: ends ? 'failed' : 'waiting', due: now + (nameTaken ? 0 : wait), attempts, failure });
}

const ORDER: readonly PushState[] = ['running', 'joining', 'waiting', 'failed'];

/** What people see, with at most `limit` backups. */
export function viewOf(queue: PushQueue, limit: number): PushesView {
  const { settings, items, done, ignored } = queue;
  const count = (...states: PushState[]): number => items.filter(({ state }) => states.includes(state)).length;
  const sorted = items.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.first - b.first);
  return { ...settings, waiting: count('waiting', 'joining'), running: count('running'), failed: count('failed'), size: JSON.stringify(queue).length, backups: sorted.slice(0, limit).map(backupOf), done: done.slice(0, limit), ignored: ignored.slice(0, limit).map((each) => ({ ...each, last: iso(each.last) })) };
}

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

function backupOf({ url, repository, chosen, state, count, first, last, later, due, attempts, failure }: PushItem): PushBackup {
  return { origin: url, repository: repository ?? chosen, state, pushes: count + (later?.count ?? 0), first: iso(first), last: iso(later?.last ?? last), due: state === 'waiting' ? iso(due) : null, attempts, failure };
}
