// One turn asked from the terminal: shown while it goes on, and what it was when it has ended.
import { randomUUID } from 'node:crypto';
import type { TurnProgress, TurnResult } from '../../../contract/conversation.ts';
import type { Progress } from '../../../contract/ingest.ts';
import { count, many } from '../format.ts';
import type { Session } from '../session.ts';
import { millisecondsText } from './tool-line.ts';
import type { TurnDisplay } from './turn-display.ts';

export interface Question {
  question: string;
  conversation?: string | undefined;
}

/** Ways to end a turn before it has ended by itself. */
export interface Stop {
  /** Told once, with what stops the turn and leaves the conversation. */
  onStoppable(stop: () => void): void;
}

/** Runs a turn. Fails with what asking failed with; a turn that was stopped or failed is a result that says so. */
export async function runTurn(session: Session, { question, conversation }: Question, display: TurnDisplay | null, stop?: Stop): Promise<TurnResult> {
  const turn = randomUUID();
  const away = new AbortController();
  let latest: TurnProgress | undefined;
  stop?.onStoppable(() => {
    const known = latest?.conversation ?? conversation;
    if (known === undefined || away.signal.aborted) return away.abort();
    session.call<{ stopped: boolean }>('conversation-stop', { conversation: known, turn }, { onProgress: () => {} }).then(({ stopped }) => stopped || away.abort(), () => away.abort()); // not there yet: asking is given up, which stops it when it comes
  });
  display?.begin();
  try {
    const result = await session.call<TurnResult>('ask', { question, turn, ...(conversation === undefined ? {} : { conversation }) }, {
      signal: AbortSignal.any([session.signal, away.signal]),
      onProgress: ({ turn }: Progress) => {
        latest = turn ?? latest;
        if (turn !== undefined) display?.show(turn);
      },
    });
    display?.finish(result);
    return result;
  } catch (error) {
    display?.abandon();
    throw error;
  }
}

const ENDS: Partial<Record<TurnResult['end'], string>> = {
  length: 'the answer is not whole: the model reached its limit',
  blocked: 'the answer is not whole: the provider refused to go on',
  rounds: 'the model used up its steps; ask on to let it continue',
  cancelled: 'stopped',
};

/** One line below an answer: model, tokens and time, and why it is not whole. */
export function endText({ end, model, tools, usage, started, finished }: TurnResult, { style }: Session): string {
  const parts = [...(model === '' ? [] : [model]), ...(tools.length === 0 ? [] : [many(tools.length, 'tool call')]), ...(usage.input + usage.output === 0 ? [] : [`${count(usage.input)} + ${count(usage.output)} tokens`]), millisecondsText(Date.parse(finished) - Date.parse(started))];
  const why = ENDS[end];
  return `${why === undefined ? '' : `${style.yellow('!')} ${why}\n`}${style.dim(parts.join('  '))}\n`;
}
