// Operations `retention-plan`, `retention-apply` and `retentions`: which checkouts may go, letting go of exactly those, and what went.
import { z } from 'zod';
import { planRetention } from '../archive/retention-plan.ts';
import { listRetentions } from '../archive/retentions.ts';
import { listRepositories } from '../archive/visits.ts';
import { PivoError } from '../contract/failures.ts';
import { RETAIN_WORKFLOW_ID, RepositoryName, WORKFLOW } from '../contract/names.ts';
import { RetainInput, type RetentionPlan, type RetentionRecord, type RetentionSummary } from '../contract/retention.ts';
import { defineOperation } from './operation.ts';
import { mustBeOwner } from './restore-run.ts';
import { followStarted, startOrJoin, type StartedRun } from './started-run.ts';

export const retentionPlan = defineOperation({
  name: 'retention-plan',
  description: 'Tells which checkouts the retention policy of the configuration lets go of, with their files and bytes, and the hash that a person applies; changes nothing.',
  kind: 'reads',
  input: z.strictObject({ repository: RepositoryName.optional() }),
  async run({ store, retention = {} }, { repository }, { signal, onProgress }): Promise<RetentionPlan> {
    return planRetention(store, { policy: retention, now: new Date(), repository, signal, onProgress: (done, total) => onProgress({ phase: 'planning', done, total }) });
  },
});

export const retentionApply = defineOperation({
  name: 'retention-apply',
  description: 'Removes exactly the checkouts of the retention plan with this hash; a plan that is another one by now is refused. Every file of them stays in the packs.',
  kind: 'decides',
  input: RetainInput.extend({ wait: z.boolean().default(true) }),
  async run(context, { wait, ...request }, options): Promise<RetentionSummary | StartedRun> {
    mustBeOwner(context, 'apply a retention plan');
    if (context.retention?.checkouts === undefined) throw new PivoError('InvalidInput', 'retention is off', { hint: 'Set `checkouts` in `[retention]` of config.toml: docs/retention.md.' });
    const started = await startOrJoin(context, { type: WORKFLOW.retain, workflowId: RETAIN_WORKFLOW_ID, input: request, summary: `Remove the checkouts of retention plan ${request.hash.slice(0, 12)}` });
    if (started.joined) throw new PivoError('Unavailable', 'another retention is going on', { hint: 'See `pivo jobs`; look at the plan again when it has ended.' });
    return wait ? followStarted<RetentionSummary>(context, started, options) : started;
  },
});

export const retentions = defineOperation({
  name: 'retentions',
  description: 'Lists which checkouts were removed, when and by whom, the last first.',
  kind: 'reads',
  input: z.strictObject({ repository: RepositoryName.optional() }),
  async run({ store }, { repository }, { signal }): Promise<RetentionRecord[]> {
    const records: RetentionRecord[] = [];
    for (const name of repository === undefined ? await listRepositories(store) : [repository]) {
      signal.throwIfAborted();
      records.push(...(await listRetentions(store, name)));
    }
    return records.sort((a, b) => (a.time < b.time ? 1 : -1));
  },
});
