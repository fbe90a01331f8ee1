// Which checkouts of a repository a policy lets go of, and what stays whatever it says.
import { createHash } from 'node:crypto';
import { PivoError, isPivoError } from '../contract/failures.ts';
import type { RemovedCheckout, RepositoryRetention, RetentionPlan, RetentionPolicy } from '../contract/retention.ts';
import type { Visit } from '../contract/visit.ts';
import { eachAtOnce } from './at-once.ts';
import { isCheckoutName } from './checkout-folder.ts';
import { gateOf, listDecisions } from './decisions.ts';
import { packFolder, repositoryPath } from './layout.ts';
import { packsNow, repairsIn } from './repairs.ts';
import type { Store } from './store.ts';
import { isRemoved, listRetentions, removedBy } from './retentions.ts';
import { listRepositories, listVisitNumbers, readVisit } from './visits.ts';

const DAY_MS = 86_400_000;
/** Repositories that are looked at together, and visits of one that are read together. */
const AT_ONCE = 8;

export interface PlanOptions {
  policy: RetentionPolicy;
  /** The instant that ages are counted back from. */
  now: Date;
  /** Missing: all repositories. */
  repository?: string | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: (done: number, total: number) => void;
}

/** What would go, by the policy, of the archive as it is; nothing is changed. Fails with NotFound for an unknown repository, and as the store does. */
export async function planRetention(store: Store, { policy, now, repository, signal, onProgress = () => {} }: PlanOptions): Promise<RetentionPlan> {
  const names = repository === undefined ? await listRepositories(store) : [repository];
  const repositories: RepositoryRetention[] = [];
  let done = 0;
  await eachAtOnce(names, AT_ONCE, async (name, ending) => {
    const plan = await planRepositoryRetention(store, name, policy, now, ending);
    if (plan.checkouts.length > 0 || plan.skipped !== null) repositories.push(plan);
    onProgress(++done, names.length);
  }, signal);
  repositories.sort((a, b) => (a.repository < b.repository ? -1 : 1));
  const sum = (of: (plan: RepositoryRetention) => number): number => repositories.reduce((total, plan) => total + of(plan), 0);
  const going = repositories.filter(({ checkouts }) => checkouts.length > 0);
  return { policy, hash: hashOf(going, repository !== undefined), repositories, looked: names.length, files: sum(({ files }) => files), bytes: sum(({ bytes }) => bytes) };
}

/** Of one repository its own, so that it is the same whether or not others are looked at. */
function hashOf(going: readonly RepositoryRetention[], one: boolean): string | null {
  const [first] = going;
  if (first === undefined) return null;
  return one ? first.hash : sha256(going.map((plan) => `${plan.hash} ${plan.repository}\n`).join(''));
}

/** As `planRetention`, of one repository. What cannot be known for sure skips it: a held visit, damage, a pack that is not there. */
export async function planRepositoryRetention(store: Store, repository: string, policy: RetentionPolicy, now: Date, signal?: AbortSignal): Promise<RepositoryRetention> {
  try {
    const visits = await readVisits(store, repository, signal);
    if (visits.length === 0) throw new PivoError('NotFound', `there is no repository "${repository}" in the archive`, { hint: '`pivo repos` lists what is there.', facts: { repository } });
    const { named, stay } = await checkoutsThere(store, repository, visits);
    const skipped = await whySkipped(store, repository, visits);
    const checkouts = skipped === null ? allowed(named, stay, policy, now) : [];
    return planOf(repository, checkouts, named.length - checkouts.length, skipped);
  } catch (error) {
    if (!isPivoError(error, 'Damaged')) throw error;
    return planOf(repository, [], 0, error.message);
  }
}

function planOf(repository: string, checkouts: RemovedCheckout[], stay: number, skipped: string | null): RepositoryRetention {
  const sum = (of: (checkout: RemovedCheckout) => number): number => checkouts.reduce((total, checkout) => total + of(checkout), 0);
  return { repository, hash: sha256(JSON.stringify({ repository, checkouts })), checkouts, files: sum(({ files }) => files), bytes: sum(({ bytes }) => bytes), stay, skipped };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Ascending. */
async function readVisits(store: Store, repository: string, signal?: AbortSignal): Promise<Visit[]> {
  const visits: Visit[] = [];
  await eachAtOnce(await listVisitNumbers(store, repository), AT_ONCE, async (seq) => void visits.push(await readVisit(store, repository, seq)), signal);
  return visits.sort((a, b) => a.seq - b.seq);
}

/** A checkout that is there, as the visits tell of it. */
interface Named extends RemovedCheckout {
  /** Time of the last visit that names it, in milliseconds since 1970. */
  needed: number;
}

/** The checkouts that visits name and that are there, the latest first; `stay`: those of the last state. What no visit names may be a run's that goes on. */
async function checkoutsThere(store: Store, repository: string, visits: readonly Visit[]): Promise<{ named: Named[]; stay: ReadonlySet<string> }> {
  const there = new Set((await store.list(repositoryPath(repository))).flatMap(({ name, kind }) => (kind === 'folder' && isCheckoutName(name) ? [name] : [])));
  const named = new Map<string, Named>();
  for (const { seq, time, checkout } of visits) {
    const { path, commit, kind, time: laidOut, files, bytes } = checkout;
    if (path === null || commit === null || kind === 'none' || laidOut === null || !there.has(path)) continue;
    named.set(path, { path, commit, kind, laidOut, lastVisit: seq, files, bytes, needed: Date.parse(time) });
  }
  const last = visits.at(-1);
  const head = last?.head ?? '';
  return { named: [...named.values()].sort((a, b) => b.needed - a.needed || (a.path < b.path ? -1 : 1)), stay: new Set([last?.checkout.path ?? '', head, `${head}.har`]) };
}

/** Why nothing of the repository may go now. */
async function whySkipped(store: Store, repository: string, visits: readonly Visit[]): Promise<string | null> {
  const { held } = gateOf(visits, await listDecisions(store, repository, { known: visits.at(-1)?.decisions }));
  if (held[0] !== undefined) return `visit ${held[0].visit} is held`;
  const lengths = new Map((await store.list(packFolder(repository))).map(({ name, bytes }) => [name, bytes]));
  const repairs = repairsIn(visits);
  for (const { proof } of visits.flatMap((visit) => packsNow(visit, repairs))) {
    for (const [file, { bytes }] of [[`${proof.name}.pack`, proof.pack], [`${proof.name}.idx`, proof.idx]] as const) if (lengths.get(file) !== bytes) return `${file} is not as it was archived`;
  }
  return null;
}

/** `named`: the latest first. */
function allowed(named: readonly Named[], stay: ReadonlySet<string>, { checkouts: rule }: RetentionPolicy, now: Date): RemovedCheckout[] {
  if (rule === undefined) return [];
  const before = now.getTime() - (rule.olderThan ?? 0) * DAY_MS;
  const going = named.slice(rule.keep ?? 1).filter(({ path, needed }) => !stay.has(path) && needed < before);
  return going.map(({ path, commit, kind, laidOut, lastVisit, files, bytes }) => ({ path, commit, kind, laidOut, lastVisit, files, bytes }));
}

/** Of checkouts that are to go, those that no visit needs since: not laid out again, not of the last state, nothing held. */
export async function stillUnneeded(store: Store, repository: string, checkouts: readonly RemovedCheckout[], signal?: AbortSignal): Promise<RemovedCheckout[]> {
  const visits = await readVisits(store, repository, signal);
  if ((await whySkipped(store, repository, visits)) !== null) return [];
  const { named, stay } = await checkoutsThere(store, repository, visits);
  const again = new Set(named.filter(({ path, laidOut, lastVisit }) => checkouts.some((each) => each.path === path && (each.laidOut !== laidOut || each.lastVisit !== lastVisit))).map(({ path }) => path));
  return checkouts.filter(({ path }) => !stay.has(path) && !again.has(path));
}

/** True where a run is about to remove the checkout of a commit: it is there, and a record says that it goes. */
export async function isBeingRemoved(store: Store, repository: string, commit: string, signal?: AbortSignal): Promise<boolean> {
  const removed = removedBy(await listRetentions(store, repository, () => {}));
  const paths = [commit, `${commit}.har`].filter((path) => removed.has(path));
  if (paths.length === 0) return false;
  const { named } = await checkoutsThere(store, repository, await readVisits(store, repository, signal));
  return named.some(({ path, laidOut }) => paths.includes(path) && isRemoved({ path, time: laidOut }, removed));
}
