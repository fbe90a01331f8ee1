// Repairs: which packs hold the objects of packs that were damaged, and visits as they are read since.
import { isPivoError, PivoError } from '../contract/failures.ts';
import type { PackProof, Visit } from '../contract/visit.ts';
import type { Store } from './store.ts';
import { latestVisit, listVisitNumbers, readVisit } from './visits.ts';

/** A pack, and the visit that proves it. */
export interface ProvenPack {
  proof: PackProof;
  visit: number;
}

/** By the name of a damaged pack: the packs that hold its objects instead. */
export type Repairs = ReadonlyMap<string, readonly ProvenPack[]>;

const NONE: Repairs = new Map();

/** The repairs that visits, ascending, tell of. The latest that names a pack holds; what it names may have been repaired itself. */
export function repairsIn(visits: Iterable<Visit>): Repairs {
  const proofs = new Map<string, ProvenPack>();
  const named = new Map<string, string[]>();
  for (const { seq, packs, replaces } of visits) {
    for (const proof of packs) if (!proofs.has(proof.name)) proofs.set(proof.name, { proof, visit: seq });
    for (const [damaged, by] of Object.entries(replaces)) named.set(damaged, by);
  }
  const resolved = (name: string, seen: readonly string[]): ProvenPack[] => {
    const by = seen.includes(name) ? undefined : named.get(name);
    if (by !== undefined) return by.flatMap((each) => resolved(each, [...seen, name]));
    const proof = proofs.get(name);
    return proof === undefined ? [] : [proof];
  };
  return new Map([...named.keys()].map((name) => [name, resolved(name, [])]));
}

/**
 * The repairs of a repository: one look at its last visit where there were none, since every visit repeats those before
 * it. Fails as the store does.
 */
export async function repairsOf(store: Store, repository: string): Promise<Repairs> {
  const last = await latestVisit(store, repository).catch(passDamage);
  if (last !== null && Object.keys(last.replaces).length === 0) return NONE;
  const visits: Visit[] = [];
  for (const seq of await listVisitNumbers(store, repository)) {
    const visit = await readVisit(store, repository, seq).catch(passDamage);
    if (visit !== null) visits.push(visit);
  }
  return repairsIn(visits);
}

/** A visit that cannot be read tells of no repair; the others do. */
function passDamage(error: unknown): null {
  if (isPivoError(error, 'Damaged', 'NotFound')) return null;
  throw error;
}

/** The packs that hold a visit's objects now, each once. */
export function packsNow({ packs, seq }: Visit, repairs: Repairs): ProvenPack[] {
  const now = packs.flatMap((proof) => repairs.get(proof.name) ?? [{ proof, visit: seq }]);
  return [...new Map(now.map((pack) => [pack.proof.name, pack])).values()];
}

/** The visit as its readers need it: with the packs that hold its objects now. */
export const asRepaired = (visit: Visit, repairs: Repairs): Visit =>
  visit.packs.some(({ name }) => repairs.has(name)) ? { ...visit, packs: packsNow(visit, repairs).map(({ proof }) => proof) } : visit;

/** As `readVisit`, with the packs that hold its objects now. */
export async function readRepairedVisit(store: Store, repository: string, seq: number): Promise<Visit> {
  return asRepaired(await readVisit(store, repository, seq), await repairsOf(store, repository));
}

/** A pack as the visit `seq` proves it. Fails with Damaged when that visit does not list it. */
export async function readPackProof(store: Store, repository: string, { name, visit }: { name: string; visit: number }): Promise<PackProof> {
  const { packs } = await readVisit(store, repository, visit);
  const proof = packs.find((pack) => pack.name === name);
  if (proof === undefined) throw new PivoError('Damaged', `visit ${visit} of ${repository} does not list ${name}`, { hint: 'Run `pivo verify`.', facts: { name } });
  return proof;
}
