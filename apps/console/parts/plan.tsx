// A restore's plan: each ref from what to what, what is refused and why, what to know before saying yes.
import type { JSX } from 'preact';
import type { PlanAction, PlannedRef, RestorePlan } from '../../../contract/restore.ts';
import { count, many, shown, size, short } from '../format.ts';
import { Command } from './command.tsx';
import { Table } from './table.tsx';
import { Id, State } from './words.tsx';
import { useState } from 'preact/hooks';

const STEP = 50;
const WORDS: Record<PlanAction, string> = { create: 'created', 'fast-forward': 'moved forward', unchanged: 'unchanged', refuse: 'refused' };
const ORDER: PlanAction[] = ['refuse', 'fast-forward', 'create', 'unchanged'];

export function Plan({ plan, counts, planHash }: { plan: RestorePlan; counts: Record<PlanAction, number> | null; planHash: string | null }): JSX.Element {
  const all = counts === null ? plan.refs.length : ORDER.reduce((sum, action) => sum + counts[action], 0);
  return (
    <div class="pad stack">
      <dl class="facts">
        <dt>From</dt><dd>{plan.repository} at <strong>{shown(plan.point.asked)}</strong> <span class="quiet">({plan.point.kind}, visit {plan.point.visit}, {short(plan.point.snapshot)})</span></dd>
        <dt>To</dt><dd class="break"><code>{shown(plan.target)}</code> <span class="quiet">({plan.makesTarget ? 'made anew, ' : ''}{KINDS[plan.targetKind]})</span></dd>
        <dt>Refs</dt><dd>{counts === null ? count(all) : ORDER.filter((action) => counts[action] > 0).map((action) => `${count(counts[action])} ${WORDS[action]}`).join(', ') || 'none'}</dd>
        <dt>HEAD</dt><dd class="break">{shown(plan.head.symref ?? short(plan.head.oid ?? '–'))}</dd>
        <dt>Packs</dt><dd>{many(plan.packs.length, 'pack')}, {size(plan.packs.reduce((sum, { bytes }) => sum + bytes, 0))}</dd>
      </dl>
      {plan.warnings.length > 0 && <div class="note warn"><strong>Before you say yes</strong><ul class="bullets">{plan.warnings.map((warning, i) => <li key={i}>{shown(warning)}</li>)}</ul></div>}
      <Refs refs={plan.refs} all={all} />
      {planHash !== null && <div><p class="quiet small">The hash of this plan: approving names it, so that nothing else can be carried out.</p><Command text={planHash} label="Plan hash" /></div>}
    </div>
  );
}

const KINDS = { remote: 'a remote', bare: 'a bare repository', working: 'a working clone' } as const;

function Refs({ refs, all }: { refs: readonly PlannedRef[]; all: number }): JSX.Element {
  const [most, setMost] = useState(STEP);
  const rows = [...refs].sort((a, b) => ORDER.indexOf(a.action) - ORDER.indexOf(b.action));
  return (
    <div class="framed">
      <Table label="Refs of the plan" rows={rows.slice(0, most)} of={({ name }) => name} columns={[
        { title: 'Ref', kind: 'wide', cell: ({ name, reason }) => <><span class="mono break">{shown(name)}</span>{reason !== undefined && <p class="small quiet">{shown(reason)}</p>}</> },
        { title: 'Action', cell: ({ action }) => <State of={action} /> },
        { title: 'Now', minor: true, cell: ({ old }) => <Id of={old} /> },
        { title: 'Then', cell: (ref) => <Id of={ref.new} /> },
      ]} />
      {rows.length > most && <p class="pad"><button type="button" onClick={() => setMost(most + 150)}>Show more</button></p>}
      {all > rows.length && <p class="pad quiet small">{count(rows.length)} of {count(all)} refs are listed; the hash covers all.</p>}
    </div>
  );
}
