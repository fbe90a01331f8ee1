// What a restore says about itself on the server's own page: where it is, what it will do, how to approve it.
import type { RestoreStatus } from '../contract/restore.ts';
import { UPDATE } from '../contract/names.ts';

const ROWS = 20;

/** Markdown for `setCurrentDetails`. */
export function detailsOf(status: RestoreStatus, workflowId: string): string {
  const { restoreId, state, planHash, plan, counts, expires, receipt } = status;
  const lines = [`**${state}** (restore ${restoreId})`];
  if (plan !== null && counts !== null) {
    lines.push(`${plan.repository} at ${plan.point.asked} (visit ${plan.point.visit}) to ${plan.target}: ${Object.entries(counts).filter(([, count]) => count > 0).map(([action, count]) => `${count} ${action}`).join(', ') || 'no refs'}`);
    lines.push(...plan.refs.slice(0, ROWS).map((ref) => `- \`${ref.name}\` ${ref.action} ${ref.old?.slice(0, 12) ?? 'none'} → ${ref.new.slice(0, 12)}${ref.reason === undefined ? '' : ` (${ref.reason})`}`));
    if (plan.refs.length > ROWS) lines.push(`- and more; the whole plan is in the store at restores/${restoreId}/plan.json`);
    lines.push(...plan.warnings.map((warning) => `- warning: ${warning}`));
  }
  if (state === 'awaiting approval') {
    const id = workflowId === `restore:${restoreId}` ? restoreId : workflowId;
    lines.push(`Until ${expires}: \`pivo approve ${id} ${planHash}\` or \`pivo reject ${id}\``);
    lines.push(`or \`temporal workflow update execute --workflow-id ${workflowId} --name ${UPDATE.approve} --input '{"planHash":"${planHash}","approver":"NAME"}'\``);
  }
  if (receipt !== null) lines.push(`proof ${receipt.proof.observed} over ${receipt.proof.refs} refs, receipt in the store at restores/${restoreId}/receipt.json`);
  return lines.join('\n');
}
