// A run as it goes on: its progress, live, and whether the stream is up.
import { useEffect, useState } from 'preact/hooks';
import type { Progress } from '../../../contract/ingest.ts';
import { resource, type ApiFailure } from '../api/client.ts';
import { follow, type StreamState } from '../api/events.ts';
import { asFailure } from '../api/load.ts';

export interface Followed {
  stream: StreamState;
  progress: Progress | null;
  /** Why it cannot be followed; what the run itself failed with is the run's own answer. */
  failure: ApiFailure | null;
}

const NOTHING: Followed = { stream: 'connecting', progress: null, failure: null };

/** Follows the run of that id; an empty id follows none. `onEnd` is told once when the run is over. */
export function useRun(id: string, onEnd: () => void = () => {}): Followed {
  const [state, setState] = useState<Followed>(NOTHING);
  useEffect(() => {
    if (id === '') return undefined;
    const gone = new AbortController();
    const change = (part: Partial<Followed>): void => void (gone.signal.aborted || setState((last) => ({ ...last, ...part })));
    setState(NOTHING);
    follow(resource(['jobs', id, 'events']), {
      onEvent: ({ event, data }) => event === 'progress' && change({ progress: data as Progress }),
      onState: (stream) => {
        change({ stream });
        if (stream === 'ended') onEnd();
      },
      signal: gone.signal,
    }).catch((error: unknown) => change({ failure: asFailure(error) }));
    return () => gone.abort();
  }, [id]);
  return state;
}
