// Where a restore is: Validation, Download, Reconstruction, Git push, Audit.
import type { JSX } from 'preact';
import type { RestoreStatus } from '../../../contract/restore.ts';

const STEPS = ['Validation', 'Download', 'Reconstruction', 'Git push', 'Audit'] as const;
type StepState = 'done' | 'now' | 'waits' | 'failed' | 'later';
const WORDS: Record<StepState, string> = { done: 'done', now: 'goes on', waits: 'waits for approval', failed: 'ended here', later: 'not yet' };

/** Phases of a reconstruction that read the archive. */
const READING = /^(checking packs|starting Spark|looking at the target)/;

/** The step that a restore is at: its number from 0. */
function stepOf(state: RestoreStatus['state'], phase: string): number {
  if (state === 'reconstructing') return READING.test(phase) ? 1 : 2;
  if (state === 'pushing') return 3;
  return state === 'verifying' || state === 'done' ? 4 : 0;
}

const ENDED_BADLY = new Set(['rejected', 'expired', 'refused', 'cancelled', 'failed']);

export function Steps({ state, phase, reached }: { state: RestoreStatus['state']; phase: string; reached: number }): JSX.Element {
  const bad = ENDED_BADLY.has(state);
  const current = bad ? reached : stepOf(state, phase);
  const stateOf = (at: number): StepState => {
    if (state === 'done' || at < current) return 'done';
    if (at > current) return 'later';
    return bad ? 'failed' : state === 'awaiting approval' ? 'waits' : 'now';
  };
  return (
    <ol class="steps" aria-label="Steps of the restore">
      {STEPS.map((step, at) => <li key={step} class={stateOf(at)} aria-current={at === current ? 'step' : undefined}><strong>{step}</strong><span class="small quiet">{WORDS[stateOf(at)]}</span></li>)}
    </ol>
  );
}

/** The step of a restore that goes on, for when it ends badly. */
export const stepReached = stepOf;
