// One entry of a log: when, how bad, who wrote it, what it says, its exception folded.
import type { ComponentChildren, JSX } from 'preact';
import type { LogLevel } from '../../../contract/logs.ts';
import { many, shown, when } from '../format.ts';
import { Badge, type Tone } from './words.tsx';

export const LEVEL_TONES: Record<LogLevel, Tone> = { trace: 'plain', debug: 'plain', info: 'busy', warn: 'warn', error: 'bad', fatal: 'bad' };

export interface ShownEntry {
  time: string | null;
  level: LogLevel | null;
  component: string | null;
  text: string;
  exception?: string | null;
}

/** `children` stand at the end of its first line. */
export function EntryHead({ of: { time, level, component }, children }: { of: ShownEntry; children?: ComponentChildren }): JSX.Element {
  return (
    <p class="row apart small">
      <span class="row">
        {level !== null && <Badge tone={LEVEL_TONES[level]}>{level}</Badge>}
        {time === null ? <span class="quiet">no time</span> : <time dateTime={time}>{when(time)}</time>}
        {component !== null && <span class="quiet break">{shown(component)}</span>}
      </span>
      <span class="row">{children}</span>
    </p>
  );
}

export function EntryText({ of: { text, exception } }: { of: ShownEntry }): JSX.Element {
  return (
    <>
      <pre class="said">{shown(text)}</pre>
      {exception !== undefined && exception !== null && <Exception text={exception} />}
    </>
  );
}

function Exception({ text }: { text: string }): JSX.Element {
  const lines = text.split('\n');
  return (
    <details>
      <summary class="small break">{shown(lines[0] ?? '')} <span class="quiet">({many(lines.length, 'line')})</span></summary>
      <pre class="block" tabIndex={0}>{shown(text)}</pre>
    </details>
  );
}
