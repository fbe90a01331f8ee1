// Why jobs of a pipeline failed: the cause that `debug` names, the lines that prove it, and the end of the log.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { LogSearch } from '../../../contract/log-search.ts';
import type { PipelineView } from '../../../operations/pipeline-view.ts';
import { post } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { shown } from '../format.ts';
import { at } from '../route.ts';
import { withPages } from './cited.tsx';
import { EvidenceLines, Points, ToRun } from './diagnosis.tsx';
import { lazyPart } from './lazy.tsx';
import { Show } from './state.tsx';

const Markdown = lazyPart(() => import('./markdown.tsx'), 3);

/** Entries that the end of a log has. */
const LAST = 40;

type Failed = PipelineView['failed'][number];

export function PipelineFailures({ of }: { of: readonly Failed[] }): JSX.Element {
  return <>{of.map((each) => <FailedJob key={each.id} of={each} />)}</>;
}

function FailedJob({ of: { name, source, note, cause } }: { of: Failed }): JSX.Element {
  return (
    <section class="pad stack part" aria-label={`Why ${name} failed`}>
      <h3>Why {shown(name)} failed{cause?.cause == null ? '' : `: ${cause.cause.title}`}</h3>
      {cause !== null && (cause.cause === null ? <Markdown text={withPages(shown(cause.text))} /> : <p>{cause.cause.meaning}</p>)}
      {cause !== null && cause.evidence.length > 0 && <div class="framed"><EvidenceLines of={cause.evidence} /></div>}
      {cause !== null && <><Points title="To check" of={cause.toCheck} /><ToRun of={cause.toRun} /></>}
      {note !== null && <p class="note warn"><strong>Its log was not read.</strong> <span>{shown(note)}</span></p>}
      {source !== null && <LogEnd source={source} />}
    </section>
  );
}

function LogEnd({ source }: { source: string }): JSX.Element {
  const [open, setOpen] = useState(false);
  const found = useLoad(open ? `end of ${source}` : '', (signal) => post<LogSearch>(['search-logs'], { source, limit: LAST, context: 0, order: 'newest' }, signal));
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>The end of its log</summary>
      {open && <Show of={found} lines={4}>{({ hits }) => <pre class="block" tabIndex={0}>{hits.toSorted((a, b) => a.line - b.line).map(({ text, exception }) => shown(exception == null ? text : `${text}\n${exception}`)).join('\n')}</pre>}</Show>}
      <p class="small"><a href={at(['logs'], { source })}>All of its log</a></p>
    </details>
  );
}
