// What stands in a page's place while there is nothing to show: skeleton, failure, or what to do first.
import type { ComponentChildren, JSX } from 'preact';
import type { ApiFailure } from '../api/client.ts';
import type { Loaded } from '../api/load.ts';
import { Command } from './command.tsx';

/** Grey lines where text will be. */
export function Skeleton({ lines = 4 }: { lines?: number }): JSX.Element {
  return (
    <div class="skeleton" aria-hidden="true">
      {Array.from({ length: lines }, (_, i) => <span key={i} class={`w${(i * 7) % 4}`} />)}
    </div>
  );
}

export function Failure({ of, retry }: { of: ApiFailure; retry?: () => void }): JSX.Element {
  return (
    <div class="note bad" role="alert">
      <p><strong>{of.message}</strong></p>
      {of.hint !== undefined && <p>{of.hint}</p>}
      <p class="row">
        {retry !== undefined && <button type="button" onClick={retry}>Try again</button>}
        <span class="quiet">{of.kind}</span>
      </p>
    </div>
  );
}

/** The answer when it is there; else a skeleton, or what went wrong. */
export function Show<T>({ of, lines, children }: { of: Loaded<T>; lines?: number; children: (data: T) => ComponentChildren }): JSX.Element {
  return (
    <div aria-busy={of.data === undefined && of.failure === null}>
      {of.failure !== null && <Failure of={of.failure} retry={of.reload} />}
      {of.data !== undefined ? children(of.data) : of.failure === null && <><span class="unseen" role="status">Loading</span><Skeleton lines={lines ?? 4} /></>}
    </div>
  );
}

/** Nothing is there yet: says why, and the command that changes that. */
export function Empty({ title, command, children }: { title: string; command?: string; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
      {command !== undefined && <Command text={command} />}
    </div>
  );
}
