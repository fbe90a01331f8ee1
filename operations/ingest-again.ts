// Operation `ingest-again`: backs a known repository up once more, from the origin of its last visit.
import { z } from 'zod';
import { latestVisit } from '../archive/visits.ts';
import { PivoError } from '../contract/failures.ts';
import { RepositoryName } from '../contract/names.ts';
import { ingest } from './ingest.ts';
import { defineOperation } from './operation.ts';

export const ingestAgain = defineOperation({
  name: 'ingest-again',
  description: 'Backs up a repository that has at least one visit, from the origin of its last visit.',
  kind: 'starts',
  input: z.strictObject({ repository: RepositoryName, wait: z.boolean().default(true) }),
  async run(context, { repository, wait }, options) {
    const visit = await latestVisit(context.store, repository);
    if (visit === null) throw new PivoError('NotFound', `there is no repository "${repository}"`, { hint: 'Back it up once with `pivo ingest URL`, then by its name.' });
    return ingest.run(context, ingest.input.parse({ url: visit.origin, name: repository, wait }), options);
  },
});
