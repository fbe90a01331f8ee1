// Small pieces of text that mean something: times, ids, states.
import type { ComponentChildren, JSX } from 'preact';
import { ago, short, when } from '../format.ts';

/** How long ago; the whole time on hover and for screen readers. */
export function Time({ of }: { of: string | null | undefined }): JSX.Element {
  if (of === null || of === undefined || of === '') return <span class="quiet">–</span>;
  return <time dateTime={of} title={when(of)}>{ago(of)}</time>;
}

export function Id({ of, href }: { of: string | null | undefined; href?: string }): JSX.Element {
  if (of === null || of === undefined || of === '') return <span class="quiet">–</span>;
  const code = <code title={of}>{short(of)}</code>;
  return href === undefined ? code : <a href={href}>{code}</a>;
}

export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'plain';

export function Badge({ tone, children }: { tone: Tone; children: ComponentChildren }): JSX.Element {
  return <span class={`badge ${tone}`}>{children}</span>;
}

const TONES: Record<string, Tone> = {
  done: 'good', completed: 'good', full: 'good', ready: 'good', consuming: 'good', ok: 'good', warning: 'warn', wrong: 'bad', create: 'good', 'fast-forward': 'good', unchanged: 'plain',
  stored: 'good', delivered: 'good', dead: 'bad', open: 'busy', pending: 'busy', joining: 'busy', waiting: 'plain',
  passed: 'good', generated: 'warn', approved: 'busy', committed: 'busy', committing: 'busy', watched: 'plain', skipped: 'plain',
  running: 'busy', planning: 'busy', reconstructing: 'busy', pushing: 'busy', verifying: 'busy', reindexing: 'busy', starting: 'busy', restarting: 'warn',
  'awaiting approval': 'warn', partial: 'warn', expired: 'warn', rejected: 'warn', cancelled: 'warn', canceled: 'warn', paused: 'warn', held: 'warn', silent: 'warn', stalled: 'bad',
  failed: 'bad', refused: 'bad', refuse: 'bad', terminated: 'bad', timed_out: 'bad', stopped: 'bad', unreachable: 'bad', down: 'bad',
};

/** A state's word in its colour; the word alone says it too. */
export function State({ of }: { of: string }): JSX.Element {
  return <Badge tone={TONES[of] ?? 'plain'}>{of.replaceAll('_', ' ')}</Badge>;
}
