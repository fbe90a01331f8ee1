// Approving or rejecting a plan by its hash; only the owner may.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { post } from '../api/client.ts';
import { useAct } from './form.tsx';
import { Failure } from './state.tsx';
import { token } from '../session.ts';

export interface DecideProps {
  /** Id of what waits, or of its workflow. */
  restore: string;
  planHash: string;
  onDecided: () => void;
  /** What the buttons say, where it is not `Approve` and `Reject`, and the command that does the same. */
  words?: { yes: string; no: string; way: string };
}

export function Decide({ restore, planHash, onDecided, words = { yes: `Approve ${planHash.slice(0, 10)}…`, no: 'Reject', way: 'pivo approve' } }: DecideProps): JSX.Element {
  const act = useAct();
  const [reason, setReason] = useState('');
  const decide = (verb: 'approve' | 'reject', more: object): void => void act.run(async () => {
    await post(['approvals', restore, verb], { planHash, ...more });
    onDecided();
  });
  return (
    <div class="decide stack">
      {act.failure !== null && <Failure of={act.failure} />}
      {token.value === null && <p class="note"><span>Approving needs the owner’s token: open the address that <code>pivo console</code> prints, or say <code>{words.way} {restore}</code>.</span></p>}
      <div class="row">
        <button type="button" class="primary" disabled={act.busy} onClick={() => decide('approve', {})}>{words.yes}</button>
        <input class="reason" aria-label="Why it is rejected" placeholder="Why not (if you reject)" value={reason} maxLength={2000} onInput={(event) => setReason(event.currentTarget.value)} />
        <button type="button" class="danger" disabled={act.busy} onClick={() => decide('reject', reason.trim() === '' ? {} : { reason: reason.trim() })}>{words.no}</button>
      </div>
    </div>
  );
}
