// Operation `repos`: every repository of the archive with its last state.
import { z } from 'zod';
import { RepositoryName } from '../contract/names.ts';
import type { Head, ObjectFormat } from '../contract/snapshot.ts';
import type { Visit } from '../contract/visit.ts';
import { listRepositories } from '../archive/visits.ts';
import { drillStates } from '../state/drills.ts';
import { verificationStates, type RepositoryVerification } from '../state/verifications.ts';
import { defineOperation, type OperationContext } from './operation.ts';
import { provenState, type ProvenState } from './proven.ts';

export interface RepositoryState {
  repository: string;
  origin: string;
  visits: number;
  /** The last visit. */
  visit: number;
  /** The visit that `current` means: the last one where the gate holds nothing. */
  current: number;
  /** Since when the origin is not there, or null. */
  gone: string | null;
  /** Time of the first and of the last visit, ISO 8601 UTC. */
  since: string;
  time: string;
  outcome: Visit['outcome'];
  snapshot: string;
  objectFormat: ObjectFormat;
  head: Head;
  refs: number;
  packs: number;
  /** Bytes of the packs and indexes that the last visit needs. */
  packBytes: number;
  holes: number;
  /** Where the files of a recent HEAD lie below the repository's folder, or null. */
  checkout: string | null;
  /** When anything of it was last verified, and what is known to be wrong; null when nothing was. */
  verified: RepositoryVerification | null;
  /** Whether a drill proved it restorable. */
  drill: ProvenState;
}

export const repos = defineOperation({
  name: 'repos',
  description: 'Lists the repositories of the archive with their last visit, HEAD, refs and size.',
  kind: 'reads',
  input: z.strictObject({ repository: RepositoryName.optional() }),
  async run(context, { repository }): Promise<RepositoryState[]> {
    const names = repository === undefined ? await listRepositories(context.store) : [repository];
    const states: RepositoryState[] = [];
    const known: Known = { verified: verificationStates(context.paths.state), drills: drillStates(context.paths.state) };
    for (const name of names) states.push(await stateOf(context, name, known));
    return states;
  },
});

/** What verifications and drills told. */
interface Known {
  verified: ReturnType<typeof verificationStates>;
  drills: ReturnType<typeof drillStates>;
}

async function stateOf(context: OperationContext, repository: string, known: Known): Promise<RepositoryState> {
  const reader = await context.library.reader(repository);
  const [first, last] = [reader.visits[0], reader.visits.at(-1)];
  const visit = await reader.visit(last?.seq ?? 1);
  const { current, gone } = await reader.gate();
  const { head, refs } = await reader.snapshot(visit);
  return {
    repository,
    origin: visit.origin,
    visits: reader.visits.length,
    visit: visit.seq,
    current,
    gone: gone?.time ?? null,
    since: first?.time ?? visit.time,
    time: visit.time,
    outcome: visit.outcome,
    snapshot: visit.snapshot,
    objectFormat: visit.objectFormat,
    head,
    refs: refs.length,
    packs: visit.packs.length,
    packBytes: visit.packs.reduce((sum, { pack, idx }) => sum + pack.bytes + idx.bytes, 0),
    holes: visit.holes.length,
    checkout: visit.checkout.path,
    verified: known.verified.get(repository) ?? null,
    drill: provenState(known.drills.get(repository), first?.time ?? visit.time, context.drill.maxAge),
  };
}
