// What waits for a person: each plan, who asked for it, its hash, and until when it can be approved.
import type { JSX } from 'preact';
import { shown } from '../format.ts';
import { Table } from './table.tsx';
import { Badge, Id, Time } from './words.tsx';
import { pageOfRun } from './running.tsx';

export interface WaitingPlan {
  type: 'restore' | 'restore-all' | 'ingest' | 'pipeline';
  workflowId: string;
  /** What it would do, in a few words. */
  what: string;
  requestedBy: string | null;
  planHash: string | null;
  expires: string | null;
}

export function WaitingPlans({ plans }: { plans: readonly WaitingPlan[] }): JSX.Element {
  return (
    <Table label="Restores, backups and pipelines that wait for approval" rows={plans} of={({ workflowId }) => workflowId} columns={[
      { title: 'Plan', kind: 'wide', cell: ({ type, workflowId, what }) => <span class="row"><Badge tone="plain">{type === 'ingest' ? 'backup' : type}</Badge> <a class="break" href={pageOfRun(workflowId)}>{shown(what)}</a></span> },
      { title: 'Asked by', minor: true, cell: ({ requestedBy }) => requestedBy ?? '–' },
      { title: 'Hash', minor: true, cell: ({ planHash }) => <Id of={planHash} /> },
      { title: 'Expires', cell: ({ expires }) => <Time of={expires} /> },
    ]} />
  );
}
