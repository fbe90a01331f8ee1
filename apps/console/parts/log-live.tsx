// The logs as they are written: entries as they come, with a pause.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Query } from '../api/client.ts';
import { many, shown } from '../format.ts';
import { at } from '../route.ts';
import { EntryHead, EntryText } from './log-entry.tsx';
import { Card } from './page.tsx';
import { Empty, Failure } from './state.tsx';
import { MOST_LINES, useTail, type Tail } from './tail.ts';

export function LogLive({ asked }: { asked: Query }): JSX.Element {
  const [paused, setPaused] = useState(false);
  const tail = useTail(asked, paused);
  return (
    <Card title="As they come, newest first" aside={<button type="button" aria-pressed={paused} onClick={() => setPaused(!paused)}>{paused ? 'Go on' : 'Pause'}</button>}>
      {tail.failure !== null && <Failure of={tail.failure} />}
      <p class="told quiet small" role="status">{stateOf(tail, paused)}</p>
      <div class="live" role="log" aria-live={paused ? 'off' : 'polite'} aria-label="Entries as they come" tabIndex={0}>
        {tail.lines.length === 0 ? <Empty title="Nothing has come yet"><p>Entries are shown here as they reach the index.</p></Empty> : (
          <ol class="runs">{tail.lines.map((line) => <li key={line.link} class="entry"><EntryHead of={line}><a href={at(['logs', line.source, String(line.line)])}>{shown(line.sourceName)}:{line.line}</a></EntryHead><EntryText of={line} /></li>)}</ol>
        )}
      </div>
    </Card>
  );
}

function stateOf({ stream, lines, held }: Tail, paused: boolean): string {
  if (stream === 'lost') return 'The stream dropped; reconnecting… What comes meanwhile is found by a search.';
  if (paused) return held.length >= MOST_LINES ? `Paused; over ${many(MOST_LINES, 'entry', 'entries')} came since, and the last of them are kept.` : `Paused; ${many(held.length, 'entry', 'entries')} came since.`;
  return lines.length >= MOST_LINES ? `The last ${many(MOST_LINES, 'entry', 'entries')}.` : many(lines.length, 'entry', 'entries') + ' so far.';
}
