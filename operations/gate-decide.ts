// Operations `gate-accept` and `gate-hold`: a person says which visit is current.
import { z } from 'zod';
import type { AuditEvent } from '../contract/events.ts';
import { PivoError } from '../contract/failures.ts';
import type { Decision } from '../contract/gate.ts';
import { EMIT_WORKFLOW, RepositoryName, TASK_QUEUE, emitWorkflowId } from '../contract/names.ts';
import { addDecision, type Gate } from '../archive/decisions.ts';
import type { RepositoryReader } from '../archive/reading/reader.ts';
import { defineOperation, type OperationContext } from './operation.ts';
import { mustBeOwner } from './restore-run.ts';

export interface Decided {
  repository: string;
  decision: Decision;
  latest: number;
  /** The visit that `current` means from now on. */
  current: number;
}

const Reason = z.string().max(2_000).default('');
const SeqNumber = z.number().int().positive();

export const gateAccept = defineOperation({
  name: 'gate-accept',
  description: 'Accepts a held visit and every one before it: `current` moves on, up to the next visit that is held.',
  kind: 'decides',
  input: z.strictObject({ repository: RepositoryName, visit: SeqNumber.optional(), reason: Reason }),
  async run(context, { repository, visit, reason }, { signal }): Promise<Decided> {
    return decide(context, { repository, visit, reason, decision: 'accept' }, ({ held }, seq) => {
      if (!held.some((hold) => hold.visit <= seq)) throw new PivoError('InvalidInput', `nothing up to visit ${seq} of ${repository} is held`, { hint: `See \`pivo gate ${repository}\`.` });
    }, signal);
  },
});

export const gateHold = defineOperation({
  name: 'gate-hold',
  description: 'Holds a visit: `current` goes back to the one before it and stays there until somebody accepts.',
  kind: 'decides',
  input: z.strictObject({ repository: RepositoryName, visit: SeqNumber, reason: Reason }),
  async run(context, { repository, visit, reason }, { signal }): Promise<Decided> {
    return decide(context, { repository, visit, reason, decision: 'hold' }, (_, seq) => {
      if (seq === 1) throw new PivoError('InvalidInput', `visit 1 of ${repository} is the first: there is nothing before it that could be current`);
    }, signal);
  },
});

interface Wanted {
  repository: string;
  visit: number | undefined;
  reason: string;
  decision: 'accept' | 'hold';
}

/** Connects first: a decision that could not be recorded for others must not be written. */
async function decide(context: OperationContext, { repository, visit, reason, decision }: Wanted, check: (gate: Gate, visit: number) => void, signal: AbortSignal): Promise<Decided> {
  mustBeOwner(context, decision);
  const reader = await context.library.reader(repository);
  const of = visitOf(reader, visit);
  check(await reader.gate(), of.seq);
  const client = await context.temporal();
  const time = new Date().toISOString();
  const record = await addDecision(context.store, { repository, decision, visit: of.seq, snapshot: of.snapshot, by: context.caller.user, reason, time }, signal);
  const { latest, current } = await reader.gate();
  const audit: Omit<AuditEvent, 'type'> = { id: `audit:gate:${repository}:${record.number}`, time: record.time, action: 'gate', outcome: 'done', repository, actor: record.by, workflow: null, details: { decision, visit: record.visit, snapshot: record.snapshot, reason: record.reason, number: record.number, current } };
  const workflowId = emitWorkflowId(repository, String(record.number), 'gate');
  await client.workflow.start(EMIT_WORKFLOW, { workflowId, taskQueue: TASK_QUEUE, workflowIdReusePolicy: 'ALLOW_DUPLICATE', workflowIdConflictPolicy: 'USE_EXISTING', args: [{ repository, visit: null, record: audit }], staticSummary: `Tell the event log that visit ${of.seq} of ${repository} was decided on` });
  return { repository, decision: record, latest, current };
}

function visitOf({ repository, visits }: RepositoryReader, wanted: number | undefined): { seq: number; snapshot: string } {
  const found = wanted === undefined ? visits.at(-1) : visits.find(({ seq }) => seq === wanted);
  if (found !== undefined) return found;
  throw new PivoError('NotFound', `${repository} has no visit ${wanted ?? 'at all'}`, { hint: `See \`pivo visits ${repository}\`.` });
}
