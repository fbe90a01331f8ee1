// Operation `verify`: proves, in the asking process, that everything in the archive is as it was written.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { listArchived } from '../archive/forge-data.ts';
import { verifyRepository } from '../archive/reading/verify.ts';
import { RepositoryName } from '../contract/names.ts';
import type { RepositoryVerdict, VerificationRun } from '../contract/verification.ts';
import { stateResults } from '../state/results.ts';
import { defineOperation } from './operation.ts';

export interface Verdict {
  ok: boolean;
  repositories: Omit<RepositoryVerdict, 'files'>[];
}

export const verify = defineOperation({
  name: 'verify',
  description: 'Checks visits, snapshots, packs, checkouts, every object and forge data of one repository or of all, and names what is damaged; waits for it in the asking process.',
  kind: 'reads',
  input: z.strictObject({ repository: RepositoryName.optional() }),
  async run({ store, library, paths }, { repository }, options): Promise<Verdict> {
    const names = repository === undefined ? await listArchived(store) : [repository];
    const results = stateResults(paths.state);
    const run: VerificationRun = { run: randomUUID(), workflowId: null, repository: repository ?? null, part: null, engine: 'local', started: new Date().toISOString() };
    results.beginVerification(run);
    const repositories: Verdict['repositories'] = [];
    for (const name of names) {
      const verdict = await verifyRepository(store, library, name, options);
      results.recordVerdict(run, verdict);
      const { files: _files, ...shown } = verdict;
      repositories.push(shown);
    }
    results.endVerification(run);
    return { ok: repositories.every(({ ok }) => ok), repositories };
  },
});
