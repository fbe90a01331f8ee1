// A plan that the agent asked for, shown in the chat: the person approves or rejects it there, or leaves it for later.
import type { ToolOutcome, TurnResult } from '../../../contract/conversation.ts';
import type { IngestResult } from '../../../contract/ingest.ts';
import type { PipelineState } from '../../../operations/pipeline-status.ts';
import type { RestoreReceipt } from '../../../contract/restore.ts';
import type { RestoreAllReceipt } from '../../../contract/restore-all.ts';
import type { Waiting } from '../../../operations/approvals.ts';
import { proposalText } from '../pipeline-text.ts';
import { fields, instant, safeLine } from '../format.ts';
import { receiptText, statusText } from '../receipt-text.ts';
import { receiptOfManyText, statusOfManyText } from '../many-text.ts';
import type { Session } from '../session.ts';
import type { Prompt } from './prompt.ts';

type Approval = NonNullable<ToolOutcome['approval']>;

/** Goes through the plans that a turn left waiting. */
export async function decideOn(session: Session, prompt: Prompt, { tools }: TurnResult): Promise<void> {
  for (const { approval } of tools) if (approval !== undefined) await decideOne(session, prompt, approval);
}

async function decideOne(session: Session, prompt: Prompt, { workflowId, summary }: Approval): Promise<void> {
  const waiting = (await session.call<Waiting[]>('approvals', {})).find((each) => each.workflowId === workflowId);
  const planHash = waiting?.planHash ?? null;
  if (waiting === undefined || planHash === null) return session.note(`${safeLine(summary)}: it waits for no decision any more\n`);
  session.note(`\n${waiting.type === 'pipeline' ? await pipelineOf(waiting.pipelineId, session) : planOf(waiting, session)}`);
  const later = `It waits: pivo approve ${workflowId} ${planHash}\n`;
  if (!prompt.interactive) return session.note(later);
  const said = (await prompt.decision('approve, reject or later? ')) ?? '';
  if (/^\s*a(pprove)?\s*$/i.test(said)) await approve(session, prompt, workflowId, planHash);
  else if (/^\s*r(eject)?\s*$/i.test(said)) await reject(session, workflowId, planHash);
  else session.note(later);
}

/** The exact files that a yes is for. */
async function pipelineOf(id: string, session: Session): Promise<string> {
  const { pipeline } = await session.call<PipelineState>('pipeline-status', { pipeline: id });
  return pipeline === null ? '' : proposalText(pipeline, session.style);
}

function planOf(waiting: Exclude<Waiting, { type: 'pipeline' }>, { style }: Session): string {
  if (waiting.type === 'restore') return statusText(waiting, style);
  if (waiting.type === 'restore-all') return statusOfManyText(waiting, style);
  const { plan, planHash, expires } = waiting;
  return `${style.bold('Plan of a backup')}\n${fields([['From', safeLine(plan.origin)], ['As', plan.repository]], '  ')}  ${style.dim(`hash ${planHash}, valid until ${instant(expires)} UTC`)}\n`;
}

const isPipeline = (workflowId: string): boolean => workflowId.startsWith('pipeline:');

/** Ctrl-C cancels the work, as it does for `pivo approve`. */
async function approve(session: Session, prompt: Prompt, workflowId: string, planHash: string): Promise<void> {
  const away = new AbortController();
  prompt.whenInterrupted(() => away.abort());
  session.progress.begin('carrying it out');
  if (isPipeline(workflowId)) {
    await session.call('approve', { restore: workflowId, planHash, wait: false });
    return session.note(`Approved: it is committed and watched. How it is: pivo pipeline status --id ${workflowId.slice('pipeline:'.length)}\n`);
  }
  const answer = await session.call<RestoreReceipt | RestoreAllReceipt | IngestResult>('approve', { restore: workflowId, planHash, wait: true }, { signal: AbortSignal.any([session.signal, away.signal]) });
  await session.print('receipts' in answer ? receiptOfManyText(answer, session.style) : 'proof' in answer ? receiptText(answer, session.style) : `${session.style.green('✓')} ${answer.repository} is backed up, visit ${answer.visit}\n`);
}

async function reject(session: Session, workflowId: string, planHash: string): Promise<void> {
  await session.call('reject', { restore: workflowId, planHash });
  session.note('Rejected; nothing was changed.\n');
}
