// What a restore of many says about itself on the server's own page: where it is, what it will do, how to approve it.
import { UPDATE } from '../contract/names.ts';
import type { RestoreAllStatus } from '../contract/restore-all.ts';

const ROWS = 20;

/** Markdown for `setCurrentDetails`. */
export function detailsOfMany(status: RestoreAllStatus, workflowId: string): string {
  const { restoreId, state, planHash, plan, expires, progress, running, receipt } = status;
  const lines = [`**${state}** (restore ${restoreId})${progress.total === 0 ? '' : `: ${progress.done} of ${progress.total}, ${progress.failed} failed`}`];
  if (plan !== null) {
    const { sums } = plan;
    lines.push(`${sums.ready} of ${sums.repositories} repositories at ${plan.at} to ${plan.target}; ${sums.nothing} not backed up yet then, ${sums.refused} cannot be restored there`);
    lines.push(...plan.repositories.filter(({ state }) => state !== 'ready').slice(0, ROWS).map(({ repository, reason }) => `- \`${repository}\`: ${reason?.message ?? ''}`));
    lines.push(`- the whole plan is in the store at restores/${restoreId}/plans.json`);
  }
  if (running.length > 0) lines.push(`now: ${running.join(', ')}`);
  if (state === 'awaiting approval') {
    lines.push(`Until ${expires}: \`pivo approve ${restoreId} ${planHash}\` or \`pivo reject ${restoreId}\``);
    lines.push(`or \`temporal workflow update execute --workflow-id ${workflowId} --name ${UPDATE.approve} --input '{"planHash":"${planHash}","approver":"NAME"}'\``);
  }
  if (receipt !== null) lines.push(`${receipt.counts.restored + receipt.counts.unchanged} repositories are proven, ${receipt.counts.failed} failed; receipt ${receipt.sha256} in the store at restores/${restoreId}/receipts.json`);
  return lines.join('\n');
}
