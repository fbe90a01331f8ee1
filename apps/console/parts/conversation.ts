// A conversation as it is and goes on: its turns, the one that is being answered, asking and stopping.
import { useEffect, useState } from 'preact/hooks';
import type { Transcript, TurnProgress, TurnResult } from '../../../contract/conversation.ts';
import { beginTurn, followTurn, stopTurn, transcriptOf } from '../api/chat.ts';
import type { ApiFailure } from '../api/client.ts';
import type { StreamState } from '../api/events.ts';
import { asFailure, useLoad, type Loaded } from '../api/load.ts';
import { at, go } from '../route.ts';

export interface Talk {
  transcript: Loaded<Transcript>;
  turns: TurnResult[];
  /** The turn that goes on; without a name until the server has taken it. */
  current: TurnProgress | null;
  stream: StreamState;
  /** Why the last question was not taken, or its turn cannot be followed. */
  failure: ApiFailure | null;
  ask(question: string): Promise<void>;
  stop(): Promise<void>;
}

/** Turns that this tab began in conversations that were new: their pages know them before the server tells of them. */
const begun = new Map<string, TurnProgress>();

/** Milliseconds between two looks for turns that another door began. */
const LOOK_EVERY = 5000;

/** No `id` is a conversation that does not exist yet: the first question makes it and goes to its address. */
export function useTalk(id: string | undefined, onTurn: () => void): Talk {
  const transcript = useLoad(id === undefined ? '' : `talk ${id}`, (signal) => transcriptOf(id ?? '', signal), { every: LOOK_EVERY });
  const [more, setMore] = useState<TurnResult[]>([]);
  const [current, setCurrent] = useState<TurnProgress | null>(begun.get(id ?? '') ?? null);
  const [stream, setStream] = useState<StreamState>('connecting');
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const known = transcript.data?.turns ?? [];
  const turns = [...known, ...more.filter(({ turn }) => !known.some((each) => each.turn === turn))];
  const going = transcript.data?.current ?? null;
  useEffect(() => {
    if (going !== null && turns.every(({ turn }) => turn !== going.turn)) setCurrent((last) => (last === null || last.turn === '' ? going : last));
  }, [going?.turn]);
  const turn = current?.turn ?? '';
  useEffect(() => {
    if (id === undefined || turn === '') return undefined;
    const gone = new AbortController();
    const ended = (result: TurnResult | null): void => {
      if (gone.signal.aborted) return;
      if (result !== null) setMore((all) => [...all, result]);
      begun.delete(id);
      setCurrent(null);
      onTurn();
      transcript.reload();
    };
    followTurn({ conversation: id, turn }, { onProgress: setCurrent, onState: setStream, signal: gone.signal }).then(ended, (error: unknown) => {
      const failure = asFailure(error);
      if (!gone.signal.aborted && failure.kind !== 'NotFound') setFailure(failure); // a run that ended long ago: the transcript has its turn
      ended(null);
    });
    return () => gone.abort();
  }, [id, turn]);
  const ask = async (question: string): Promise<void> => {
    setFailure(null);
    const asked: TurnProgress = { conversation: id ?? '', turn: '', question, started: new Date().toISOString(), step: 1, text: '', tools: [] };
    setCurrent(asked);
    try {
      const { conversation, turn } = await beginTurn(question, id);
      setCurrent({ ...asked, conversation, turn });
      if (id !== undefined) return;
      begun.set(conversation, { ...asked, conversation, turn });
      go(at(['chat', conversation]), { replace: true });
    } catch (error) {
      setFailure(asFailure(error));
      setCurrent(null);
    }
  };
  const stop = async (): Promise<void> => {
    if (current === null || current.turn === '' || id === undefined) return;
    await stopTurn({ conversation: id, turn: current.turn }).catch((error: unknown) => setFailure(asFailure(error)));
  };
  const ended = turns.some((each) => each.turn === turn); // the transcript may tell it before the stream does
  return { transcript, turns, current: ended ? null : current, stream, failure, ask, stop };
}
