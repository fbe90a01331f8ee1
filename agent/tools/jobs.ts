// Tools that ask for work and tell what became of it; a person approves what they ask for.
import { z } from 'zod';
import type { ToolOutcome } from '../../contract/conversation.ts';
import type { RestorePlan, RestoreStatus } from '../../contract/restore.ts';
import type { RestoreAllStatus } from '../../contract/restore-all.ts';
import { restoreAllWorkflowId, restoreWorkflowId } from '../../contract/names.ts';
import type { Waiting } from '../../operations/approvals.ts';
import type { IngestStarted } from '../../operations/ingest.ts';
import type { Job } from '../../operations/jobs.ts';
import type { Tool } from './tool.ts';

/** Refs and packs of a plan that a model is shown. */
const SHOWN_ROWS = 20;

export const submitIngestJob: Tool = {
  name: 'submit_ingest_job',
  aliases: [],
  operation: 'ingest',
  kind: 'starts',
  fixed: { wait: false },
  note: 'Returns at once; an origin that PIVO does not know yet waits until a person has approved it.',
  answer(value) {
    const started = value as IngestStarted;
    if (started.approval === undefined) return { value: { ...started, approval_required: false } };
    const { planHash, plan } = started.approval;
    return approvalOf(started.workflowId, planHash, `back up ${plan.origin} as ${plan.repository}`, { ...started });
  },
};

export const submitRestoreJob: Tool = {
  name: 'submit_restore_job',
  aliases: ['restore_repo'],
  operation: 'restore',
  kind: 'starts',
  fixed: { wait: false, yes: false },
  note: 'Nothing is changed: the answer is the plan, which a person must approve.',
  answer(value) {
    const { plan, ...status } = value as RestoreStatus;
    const summary = plan === null ? `restore ${status.restoreId}` : `restore ${plan.repository} at ${plan.point.asked} to ${plan.target}`;
    return approvalOf(restoreWorkflowId(status.restoreId), status.planHash, summary, { ...status, plan: plan === null ? null : shownPlan(plan) });
  },
};

export const submitRestoreAllJob: Tool = {
  name: 'submit_restore_all_job',
  aliases: [],
  operation: 'restore-all',
  kind: 'starts',
  fixed: { wait: false, yes: false },
  note: 'Nothing is changed: the answer is one plan for all of them, which a person must approve.',
  answer(value) {
    const { plan, ...status } = value as RestoreAllStatus;
    const summary = plan === null ? `restore ${status.restoreId}` : `restore ${plan.sums.ready} of ${plan.sums.repositories} repositories at ${plan.at} to ${plan.target}`;
    return approvalOf(restoreAllWorkflowId(status.restoreId), status.planHash, summary, { ...status, plan: plan === null ? null : { ...plan, repositories: plan.repositories.slice(0, SHOWN_ROWS) } });
  },
};

/** Says to the model that the work waits, and to the doors for what. */
function approvalOf(workflowId: string, planHash: string | null, summary: string, value: object): { value: object; approval?: NonNullable<ToolOutcome['approval']> } {
  if (planHash === null) return { value };
  return { value: { approval_required: true, summary, ...value, approve_with: `pivo approve ${workflowId} ${planHash}`, who_approves: 'a person, in their own terminal; no tool can' }, approval: { workflowId, planHash, summary } };
}

export const getJobStatus: Tool = {
  name: 'get_job_status',
  aliases: [],
  operation: 'jobs',
  kind: 'reads',
  fixed: { limit: 1 },
  fields: { id: z.string().min(1).max(300).describe('Workflow id, such as `ingest:execa`, or the id of a restore.') },
  answer: (value) => ({ value: withoutRows((value as Job[])[0] ?? {}) }),
};

export const listPendingApprovals: Tool = {
  name: 'list_pending_approvals',
  aliases: [],
  operation: 'approvals',
  kind: 'reads',
  fixed: {},
  answer: (value) => ({ value: { approvals: (value as Waiting[]).map(withoutRows) }, list: 'approvals', rest: 'Ask for one with get_job_status.' }),
};

function shownPlan({ refs, packs, shallow, ...plan }: RestorePlan): object {
  return { ...plan, refs: refs.slice(0, SHOWN_ROWS), refCount: refs.length, packs: packs.length, shallow: shallow.length };
}

const isPlan = (value: object): value is RestorePlan => 'refs' in value && 'packs' in value && Array.isArray(value.refs) && Array.isArray(value.packs);

/** The same with every restore's plan in it as it is shown. */
function withoutRows(value: object): object {
  const shown = (each: unknown): unknown => {
    if (typeof each !== 'object' || each === null || Array.isArray(each)) return each;
    return isPlan(each) ? shownPlan(each) : withoutRows(each);
  };
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shown(each)]));
}
