// What one visit changed, ref by ref, against the visit before; what was forced or deleted stands first.
import type { JSX } from 'preact';
import type { RefChange, VisitChanges } from '../../../operations/visit-changes.ts';
import { get } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { refLabel, shown } from '../format.ts';
import { at } from '../route.ts';
import { Show } from './state.tsx';
import { Badge, Id } from './words.tsx';

const MOST = 100;
const TONES = { created: 'good', updated: 'plain', forced: 'bad', deleted: 'bad' } as const;

export default function Brought({ repository, visit }: { repository: string; visit: number }): JSX.Element {
  const found = useLoad(`changes ${repository} ${visit}`, (signal) => get<VisitChanges>(['repositories', repository, 'visits', String(visit), 'changes'], { limit: MOST }, signal));
  return (
    <Show of={found} lines={3}>{({ refs, truncated }) => refs.length === 0 ? <p class="quiet">No ref changed.</p> : (
      <ul class="changes" aria-label="Refs that changed">
        {refs.map((ref) => <Changed key={ref.name} repository={repository} of={ref} />)}
        {truncated && <li class="quiet">… and more</li>}
      </ul>
    )}</Show>
  );
}

function Changed({ repository, of: { name, change, old, new: now } }: { repository: string; of: RefChange }): JSX.Element {
  return (
    <li class="row">
      <Badge tone={TONES[change]}>{change}</Badge>
      <span class="mono break">{shown(refLabel(name))}</span>
      <span class="quiet small">{old !== null && <Id of={old} />}{old !== null && now !== null && ' → '}{now !== null && <Id of={now} />}</span>
      {old !== null && now !== null && <a class="small" href={at(['repositories', repository, 'diff'], { from: old, to: now })} aria-label={`Diff of ${shown(name)}`}>diff</a>}
    </li>
  );
}
