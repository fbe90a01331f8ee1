// Operation `repos`: every repository of the archive with its last state.
import { z } from 'zod';
import { RepositoryName } from '../contract/names.ts';
import type { Head, ObjectFormat } from '../contract/snapshot.ts';
import type { Visit } from '../contract/visit.ts';
import { listRepositories } from '../archive/visits.ts';
import { defineOperation, type OperationContext } from './operation.ts';

export interface RepositoryState {
  repository: string;
  origin: string;
  visits: number;
  /** The last visit. */
  visit: number;
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
}

export const repos = defineOperation({
  name: 'repos',
  description: 'Lists the repositories of the archive with their last visit, HEAD, refs and size.',
  kind: 'reads',
  input: z.strictObject({ repository: RepositoryName.optional() }),
  async run(context, { repository }): Promise<RepositoryState[]> {
    const names = repository === undefined ? await listRepositories(context.store) : [repository];
    const states: RepositoryState[] = [];
    for (const name of names) states.push(await stateOf(context, name));
    return states;
  },
});

async function stateOf({ library }: OperationContext, repository: string): Promise<RepositoryState> {
  const reader = await library.reader(repository);
  const [first, last] = [reader.visits[0], reader.visits.at(-1)];
  const visit = await reader.visit(last?.seq ?? 1);
  const { head, refs } = await reader.snapshot(visit);
  return {
    repository,
    origin: visit.origin,
    visits: reader.visits.length,
    visit: visit.seq,
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
  };
}
