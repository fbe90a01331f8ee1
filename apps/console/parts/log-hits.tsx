// What a search of the logs found, with the entries around each; says what was understood, and by which vectors.
import type { JSX } from 'preact';
import type { LogSearch } from '../../../contract/log-search.ts';
import type { LogHit } from '../../../contract/logs.ts';
import { shown } from '../format.ts';
import { at, here } from '../route.ts';
import { EntryHead, EntryText } from './log-entry.tsx';
import { Pager } from './page.tsx';
import { Empty } from './state.tsx';

export function LogHits({ of: { hits, more, understood, embedder }, skip, step }: { of: LogSearch; skip: number; step: number }): JSX.Element {
  return (
    <>
      <Understood of={understood} />
      {hits.length === 0 ? <Empty title="No entry fits"><a href="/logs">Show all entries</a></Empty> : <ol class="runs">{hits.map((hit) => <Hit key={hit.link} of={hit} />)}</ol>}
      <Pager skip={skip} shown={hits.length} step={step} total={null} more={more} />
      <p class="told quiet small">{vectorsOf(embedder)}</p>
    </>
  );
}

function Understood({ of }: { of: LogSearch['understood'] }): JSX.Element | null {
  return of.length === 0 ? null : <div class="note" role="status">{of.map(({ word, as }) => <p key={word}>No entry has “{shown(word)}”; looked for {as.map(shown).join(', ')}.</p>)}</div>;
}

function vectorsOf({ name, problem }: LogSearch['embedder']): string {
  if (problem !== undefined) return `Searched without vectors: ${problem}.`;
  return name === null ? 'Searched by words alone; there are no vectors.' : `Vectors: ${name}.`;
}

function Hit({ of }: { of: LogHit }): JSX.Element {
  const { source, sourceName, line, run, template, before, after } = of;
  return (
    <li class="entry hit">
      <EntryHead of={of}>
        {run !== null && <a class="plain break" href={here({ run, skip: '' })}>Run {shown(run)}</a>}
        <a class="plain" href={here({ template, q: '', skip: '' })}>Of the same shape</a>
        <a class="break" href={at(['logs', source, String(line)])}>{shown(sourceName)}:{line}</a>
      </EntryHead>
      <Around texts={before} />
      <EntryText of={of} />
      <Around texts={after} />
    </li>
  );
}

const Around = ({ texts }: { texts: readonly string[] }): JSX.Element | null => (texts.length === 0 ? null : <pre class="around">{texts.map(shown).join('\n')}</pre>);
