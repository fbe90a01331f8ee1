// The difference of two points, asked for and shown; unified or side by side as the address says.
import type { JSX } from 'preact';
import type { Difference } from '../../../operations/diff.ts';
import { get } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { count, many } from '../format.ts';
import { asked, go, here } from '../route.ts';
import { lazyPart } from './lazy.tsx';
import { Card } from './page.tsx';
import { Empty, Show } from './state.tsx';

const DiffView = lazyPart(() => import('./diff-view.tsx'), 10);
/** What one page shows; `pivo diff` has no such bound. */
const MOST = { limit: 1000, limitBytes: 4 * 2 ** 20 };

export function DifferenceCard({ repository, from, to, path }: { repository: string; from: string; to: string; path: string }): JSX.Element {
  const found = useLoad(`diff ${repository} ${from} ${to} ${path}`, (signal) => get<Difference>(['repositories', repository, 'diff'], { from, to, path, ...MOST }, signal));
  const split = asked('view') === 'split';
  const sum = (side: 'added' | 'deleted'): number => (found.data?.files ?? []).reduce((all, file) => all + (file[side] ?? 0), 0);
  const choice = (label: string, view: string): JSX.Element => <button type="button" aria-pressed={split === (view === 'split')} onClick={() => go(here({ view }), { replace: true })}>{label}</button>;
  return (
    <Card title={found.data === undefined ? 'Changes' : `${many(found.data.files.length, 'file')} changed, +${count(sum('added'))} −${count(sum('deleted'))}`} aside={<div class="row" role="group" aria-label="View">{choice('Unified', '')}{choice('Side by side', 'split')}</div>}>
      <Show of={found} lines={10}>{({ files, truncated }) => files.length === 0 ? <Empty title="Nothing differs" /> : (
        <>
          <DiffView files={files} split={split} />
          {truncated && <div class="note warn"><strong>This is not all.</strong> <span>`pivo diff {repository} {from} {to}` shows the rest.</span></div>}
        </>
      )}</Show>
    </Card>
  );
}
