// The receipt of a restore: what was done, and the proof.
import type { JSX } from 'preact';
import type { RestoreReceipt } from '../../../contract/restore.ts';
import { count, duration, many, shown, size, when } from '../format.ts';
import { Badge } from './words.tsx';
import { at } from '../route.ts';

export function Receipt({ of: { plan, pushed, proof, head, ...receipt } }: { of: RestoreReceipt }): JSX.Element {
  const same = proof.planned === proof.observed;
  return (
    <div class="pad stack">
      <p class={`note ${same ? 'good' : 'bad'}`}><strong>{same ? `${plan.repository} is restored, and proven: the target holds exactly what was planned.` : 'The target does not hold what was planned.'}</strong></p>
      <dl class="facts">
        <dt>Target</dt><dd class="break"><code>{shown(plan.target)}</code></dd>
        <dt>Refs</dt><dd>{count(pushed.created)} created, {count(pushed.updated)} updated, {count(pushed.unchanged)} unchanged, {count(pushed.refused)} refused</dd>
        <dt>HEAD</dt><dd>{shown(plan.head.symref ?? plan.head.oid ?? '–')} {head.restored ? <Badge tone="good">restored</Badge> : <Badge tone="warn">not restored</Badge>} {head.note !== undefined && <span class="quiet">{shown(head.note)}</span>}</dd>
        <dt>Checked</dt><dd>{many(proof.packsVerified, 'pack')} ({size(proof.bytesVerified)}), {many(proof.refs, 'ref')}, {many(proof.objects, 'object')}</dd>
        <dt>Proof</dt><dd class="break"><code>{proof.observed}</code></dd>
        <dt>Plan hash</dt><dd class="break"><code>{receipt.planHash}</code></dd>
        <dt>Asked by</dt><dd>{shown(receipt.requestedBy)}{receipt.approvedBy !== null && `, approved by ${shown(receipt.approvedBy)}`}</dd>
        <dt>Time</dt><dd>{when(receipt.started)}, took {duration((Date.parse(receipt.finished) - Date.parse(receipt.started)) / 1000)}</dd>
        <dt>Engine</dt><dd>{receipt.engine}</dd>
      </dl>
      {plan.targetKind === 'remote' && plan.target !== plan.origin && <p>Its CI files of that moment came with it. <a href={at(['pipelines', 'new'], { repository: plan.repository, point: plan.point.asked, forge: plan.target })}>Make a pipeline for the new place</a></p>}
      {receipt.warnings.length > 0 && <div class="note warn"><strong>Warnings</strong><ul class="bullets">{receipt.warnings.map((warning, i) => <li key={i}>{shown(warning)}</li>)}</ul></div>}
    </div>
  );
}
