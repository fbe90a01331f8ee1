// What a diagnosis says: points to check, commands for a person, and the lines that prove it.
import type { JSX } from 'preact';
import type { DebugAnswer, EvidenceLine } from '../../../contract/diagnosis.ts';
import { shown, when } from '../format.ts';
import { Cited } from './cited.tsx';
import { Command } from './command.tsx';
import { Badge } from './words.tsx';

export function Points({ title, of }: { title: string; of: readonly string[] }): JSX.Element | null {
  return of.length === 0 ? null : <section><h3>{title}</h3><ul class="points">{of.map((each) => <li key={each}><WithCode of={each} /></li>)}</ul></section>;
}

/** Text whose code stands between backquotes. */
function WithCode({ of }: { of: string }): JSX.Element {
  return <>{shown(of).split('`').map((part, i) => (i % 2 === 1 ? <code key={i} class="break">{part}</code> : part))}</>;
}

export function ToRun({ of }: { of: DebugAnswer['toRun'] }): JSX.Element | null {
  return of.length === 0 ? null : <section class="stack"><h3>To run yourself</h3>{of.map(({ command, why }) => <div key={command}><Command text={command} label={why} /><p class="quiet small">{why}</p></div>)}</section>;
}

export function EvidenceLines({ of }: { of: readonly EvidenceLine[] }): JSX.Element {
  return <ol class="runs">{of.map((line) => <Line key={line.link} of={line} />)}</ol>;
}

function Line({ of: { link, from, time, text, why, cause } }: { of: EvidenceLine }): JSX.Element {
  return (
    <li>
      <p class="row apart"><span><Badge tone={cause === null ? 'plain' : 'warn'}>{cause === null ? 'followed' : 'proof'}</Badge> {why}</span><Cited link={link} /></p>
      <pre class="block" tabIndex={0}>{shown(text)}</pre>
      <p class="quiet small">{shown(from)}{time === null ? '' : `, ${when(time)}`}</p>
    </li>
  );
}
