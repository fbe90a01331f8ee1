// Entries of the logs as they come: the newest first, no more than a page holds, held back while the reader pauses.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { LogLine } from '../../../contract/log-search.ts';
import { resource, type ApiFailure, type Query } from '../api/client.ts';
import { follow, type StreamState } from '../api/events.ts';
import { asFailure } from '../api/load.ts';

/** Entries that are kept; older ones are found by a search. */
export const MOST_LINES = 500;

export interface Tail {
  stream: StreamState;
  /** Newest first. */
  lines: readonly LogLine[];
  /** Came while paused, newest first. */
  held: readonly LogLine[];
  failure: ApiFailure | null;
}

const NOTHING: Tail = { stream: 'connecting', lines: [], held: [], failure: null };

const joined = (newer: readonly LogLine[], older: readonly LogLine[]): LogLine[] => [...newer, ...older].slice(0, MOST_LINES);

/** Follows what the question leaves; what was held comes when `paused` ends. */
export function useTail(question: Query, paused: boolean): Tail {
  const [state, setState] = useState<Tail>(NOTHING);
  const pausing = useRef(paused);
  const path = resource(['logs', 'tail'], question);
  useEffect(() => {
    pausing.current = paused;
    if (!paused) setState((last) => (last.held.length === 0 ? last : { ...last, lines: joined(last.held, last.lines), held: [] }));
  }, [paused]);
  useEffect(() => {
    const gone = new AbortController();
    const change = (next: (last: Tail) => Tail): void => void (gone.signal.aborted || setState(next));
    const add = (came: readonly LogLine[]): void => change((last) => (pausing.current ? { ...last, held: joined(came, last.held) } : { ...last, lines: joined(came, last.lines) }));
    setState(NOTHING);
    follow(path, {
      onEvent({ event, data }) {
        const { entries = [] } = data as { entries?: LogLine[] };
        if (event === 'progress' && entries.length > 0) add(entries.toReversed());
      },
      onState: (stream) => change((last) => ({ ...last, stream })),
      signal: gone.signal,
    }).catch((error: unknown) => change((last) => ({ ...last, failure: asFailure(error) })));
    return () => gone.abort();
  }, [path]);
  return state;
}
