// A restore's plan and receipt as people read them.
import type { PlannedRef, RestorePlan, RestoreReceipt, RestoreStatus } from '../../contract/restore.ts';
import { count, fields, instant, many, safeLine, shortId, size, table } from './format.ts';
import type { Style } from './session.ts';

/** Most refs of a plan that are shown; `--json` has more. */
const REFS_SHOWN = 20;

export function planText(plan: RestorePlan, counts: Record<PlannedRef['action'], number> | null, style: Style): string {
  const told = counts ?? countsOf(plan.refs);
  const changing = plan.refs.filter(({ action }) => action !== 'unchanged');
  const shown = changing.slice(0, REFS_SHOWN);
  const more = told.create + told['fast-forward'] + told.refuse - shown.length;
  return [
    fields([
      ['From', `${plan.repository}@${plan.point.asked}  ${style.dim(`(${plan.point.kind}, visit ${plan.point.visit}, ${shortId(plan.point.snapshot)})`)}`],
      ['To', `${safeLine(plan.target)}  ${style.dim(`(${KINDS[plan.targetKind]})`)}`],
      ['Refs', actionsText(told)],
      ['HEAD', safeLine(plan.head.symref ?? shortId(plan.head.oid))],
      ['Packs', `${many(plan.packs.length, 'pack')} to check, ${size(plan.packs.reduce((sum, { bytes }) => sum + bytes, 0))}`],
      ...plannedLfs(plan, style),
    ], '  '),
    refsText(shown, style),
    more > 0 ? `  … and ${many(more, 'more ref', 'more refs')}\n` : '',
    warningsText(plan.warnings, style),
  ].join('');
}

function plannedLfs({ lfs }: RestorePlan, style: Style): [string, string][] {
  if (lfs === undefined) return [];
  const missing = lfs.missing === 0 ? '' : style.yellow(`, ${count(lfs.missing)} of them not in the archive`);
  return [['Git LFS', `${many(lfs.objects, 'object')}, ${size(lfs.bytes)}${missing}${lfs.refused === null ? '' : style.red(', not taken by the target')}`]];
}

function sentLfs({ lfs }: RestoreReceipt, style: Style): [string, string][] {
  if (lfs === undefined) return [];
  const there = lfs.objects - lfs.sent - lfs.missing;
  return [['Git LFS', `${count(lfs.sent)} of ${many(lfs.objects, 'object')} sent, ${count(there)} there already${lfs.missing === 0 ? '' : style.yellow(`, ${count(lfs.missing)} missing`)}`]];
}

/** The plan that waits, with what a person needs to decide. */
export function statusText({ restoreId, plan, counts, planHash, expires }: RestoreStatus, style: Style): string {
  return `${style.bold(`Plan of restore ${restoreId}`)}\n${plan === null ? '' : planText(plan, counts, style)}  ${style.dim(`hash ${planHash ?? '-'}, valid until ${instant(expires)} UTC`)}\n`;
}

const KINDS = { remote: 'a remote', bare: 'a bare repository', working: 'a working clone' } as const;

function countsOf(refs: readonly PlannedRef[]): Record<PlannedRef['action'], number> {
  const counts = { create: 0, 'fast-forward': 0, unchanged: 0, refuse: 0 };
  for (const { action } of refs) counts[action] += 1;
  return counts;
}

function actionsText(counts: Record<PlannedRef['action'], number>): string {
  const words = { create: 'to create', 'fast-forward': 'to fast-forward', unchanged: 'unchanged', refuse: 'refused' };
  const parts = (['create', 'fast-forward', 'unchanged', 'refuse'] as const).filter((action) => counts[action] > 0).map((action) => `${count(counts[action])} ${words[action]}`);
  return parts.length === 0 ? 'none' : parts.join(', ');
}

function refsText(refs: readonly PlannedRef[], style: Style): string {
  const marks = { create: style.green('+'), 'fast-forward': style.green('»'), unchanged: ' ', refuse: style.red('✗') };
  return table(refs, [
    { title: '', value: ({ action }) => `  ${marks[action]}` },
    { title: 'REF', value: ({ name }) => safeLine(name) },
    { title: 'NOW', value: ({ old }) => shortId(old) },
    { title: 'THEN', value: (ref) => shortId(ref.new) },
    { title: '', value: ({ reason }) => safeLine(reason ?? '') },
  ], style.dim);
}

const warningsText = (warnings: readonly string[], style: Style): string => warnings.map((warning) => `  ${style.yellow('!')} ${safeLine(warning)}\n`).join('');

export function receiptText(receipt: RestoreReceipt, style: Style): string {
  const { plan, pushed, proof, head } = receipt;
  const same = proof.planned === proof.observed;
  return `${style.green('✓')} ${style.bold(plan.repository)} is restored\n${fields([
    ['From', `${plan.repository}@${plan.point.asked}  ${style.dim(`(visit ${plan.point.visit}, ${shortId(plan.point.snapshot)})`)}`],
    ['To', safeLine(plan.target)],
    ['Refs', `${count(pushed.created)} created, ${count(pushed.updated)} updated, ${count(pushed.unchanged)} unchanged, ${count(pushed.refused)} refused`],
    ['HEAD', `${safeLine(plan.head.symref ?? shortId(plan.head.oid))}${head.restored ? '' : style.yellow(' (not restored)')}${head.note === undefined ? '' : ` ${style.dim(safeLine(head.note))}`}`],
    ['Checked', `${many(proof.packsVerified, 'pack')} (${size(proof.bytesVerified)}) against the visit, ${many(proof.refs, 'ref')} and ${many(proof.objects, 'object')} at the target`],
    ...sentLfs(receipt, style),
    ['Proof', `${proof.observed}  ${same ? style.green('as planned') : style.red('NOT as planned')}`],
    ['Plan', receipt.planHash],
    ['Asked by', `${safeLine(receipt.requestedBy)}${receipt.approvedBy === null ? '' : `, approved by ${safeLine(receipt.approvedBy)}`}`],
    ['Time', `${instant(receipt.started)} – ${instant(receipt.finished).slice(11)}`],
    ['Receipt', receipt.restoreId],
  ], '  ')}${warningsText(receipt.warnings, style)}${pipelineOffer(plan)}`;
}

/** At a new place, the CI files of that moment are there again; another forge may need others. */
function pipelineOffer({ repository, origin, point, target, targetKind }: RestorePlan): string {
  if (targetKind !== 'remote' || target === origin) return '';
  return `  Its CI files of that moment came with it; for a pipeline made for ${safeLine(target)}: pivo pipeline generate ${repository}@${safeLine(point.asked)} --to ${safeLine(target)}\n`;
}
