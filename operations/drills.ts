// Operation `drills`: which repositories are proven restorable, since when, and how long a restore takes.
import { z } from 'zod';
import { listRepositories, listVisitNumbers, readVisit } from '../archive/visits.ts';
import type { Store } from '../archive/store.ts';
import type { DrillRecord } from '../contract/drill.ts';
import { RepositoryName } from '../contract/names.ts';
import { drillStates, listDrills } from '../state/drills.ts';
import { defineOperation } from './operation.ts';
import { provenState, type ProvenState } from './proven.ts';

export interface Drills {
  /** Days after which a repository without a proven drill is red. */
  maxAge: number;
  repositories: (ProvenState & { repository: string })[];
  /** The latest drills. */
  drills: DrillRecord[];
}

export const drills = defineOperation({
  name: 'drills',
  description: 'Lists for every repository when it was last proven restorable, the measured recovery time and point, and whether that is too long ago; and the latest drills.',
  kind: 'reads',
  input: z.strictObject({ repository: RepositoryName.optional(), limit: z.number().int().positive().max(10_000).default(50) }),
  async run({ store, paths, drill: { maxAge } }, { repository, limit }, { signal }): Promise<Drills> {
    const states = drillStates(paths.state);
    const repositories: Drills['repositories'] = [];
    for (const name of repository === undefined ? await listRepositories(store) : [repository]) {
      signal.throwIfAborted();
      repositories.push({ repository: name, ...provenState(states.get(name), await since(store, name), maxAge) });
    }
    return { maxAge, repositories, drills: listDrills(paths.state, repository, limit) };
  },
});

/** Time of the first visit; now when it cannot be read. */
async function since(store: Store, repository: string): Promise<string> {
  const [first] = await listVisitNumbers(store, repository);
  const visit = first === undefined ? null : await readVisit(store, repository, first).catch(() => null);
  return visit?.time ?? new Date().toISOString();
}
