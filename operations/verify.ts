// Operation `verify`: proves that everything in the archive is as it was written.
import { z } from 'zod';
import type { RepositoryVerdict } from '../archive/reading/findings.ts';
import { verifyRepository } from '../archive/reading/verify.ts';
import { listRepositories } from '../archive/visits.ts';
import { RepositoryName } from '../contract/names.ts';
import { defineOperation } from './operation.ts';

export interface Verdict {
  ok: boolean;
  repositories: RepositoryVerdict[];
}

export const verify = defineOperation({
  name: 'verify',
  description: 'Checks visits, snapshots, packs and every object of one repository or of all, and names what is damaged.',
  kind: 'reads',
  input: z.strictObject({ repository: RepositoryName.optional() }),
  async run({ store, library }, { repository }, options): Promise<Verdict> {
    const names = repository === undefined ? await listRepositories(store) : [repository];
    const repositories: RepositoryVerdict[] = [];
    for (const name of names) repositories.push(await verifyRepository(store, library, name, options));
    return { ok: repositories.every(({ ok }) => ok), repositories };
  },
});
