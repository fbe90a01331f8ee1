// A backup's plan: from where, under which name, with which credential and limits.
import type { JSX } from 'preact';
import type { IngestApproval, IngestPlan, Progress } from '../../../contract/ingest.ts';
import type { Job } from '../../../operations/jobs.ts';
import { count, duration, shown, size } from '../format.ts';
import { Command } from './command.tsx';

/** The approval that a run waits for, or waited for; null for one that needs none. */
export const approvalOf = (job: Job | undefined): IngestApproval | null => (job?.type === 'ingest' ? (job.status as Progress | undefined)?.approval ?? null : null);

const CHECKOUTS: Record<IngestPlan['checkout'], string> = { auto: 'as files, or as one archive where there are many', files: 'as files', har: 'as one archive (HAR)', none: 'none' };

export function BackupPlan({ plan: { origin, repository, credential, checkout, limits }, planHash }: { plan: IngestPlan; planHash: string }): JSX.Element {
  return (
    <div class="pad stack">
      <dl class="facts">
        <dt>From</dt><dd class="break"><code>{shown(origin)}</code></dd>
        <dt>As</dt><dd>{repository}</dd>
        <dt>Credential</dt><dd>{credential === null ? 'none: it is fetched as anybody could' : <><code>{credential}</code> is sent to this address</>}</dd>
        <dt>Checkout</dt><dd>{CHECKOUTS[checkout]}</dd>
        <dt>At most</dt><dd>{size(limits.bytes)}, {count(limits.objects)} objects, {count(limits.refs)} refs, {duration(limits.seconds)}</dd>
      </dl>
      <div><p class="quiet small">The hash of this plan: approving names it, so that nothing else can be carried out.</p><Command text={planHash} label="Plan hash" /></div>
    </div>
  );
}
