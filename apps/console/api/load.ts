// What a page has asked for: its answer, that it is on its way, or why there is none; kept for the way back.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiFailure, connected } from './client.ts';

export interface Loaded<T> {
  /** The last answer; stays while a newer one is on its way. */
  data: T | undefined;
  failure: ApiFailure | null;
  reload(): void;
}

/** Answers of the last addresses, so that going back shows them at once. */
const kept = new Map<string, unknown>();
const MOST_KEPT = 60;

function keep(key: string, data: unknown): void {
  kept.delete(key);
  kept.set(key, data);
  const [oldest] = kept.keys();
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
}

export interface LoadOptions<T> {
  /** Milliseconds after which it is asked again, while the page is looked at. */
  every?: number;
  /** When it is true of the answer, it is not asked again by itself. */
  until?(data: T): boolean;
}

/** Asks when `key` changes, when the server is back, and every so often; an empty key asks nothing. */
export function useLoad<T>(key: string, load: (signal: AbortSignal) => Promise<T>, { every, until }: LoadOptions<T> = {}): Loaded<T> {
  const [state, setState] = useState<{ key: string; data: T | undefined; failure: ApiFailure | null }>({ key, data: kept.get(key) as T | undefined, failure: null });
  const [turn, setTurn] = useState(0);
  const asking = useRef(false);
  const reload = useCallback(() => setTurn((turn) => turn + 1), []);
  useEffect(() => {
    if (key === '') return undefined;
    const gone = new AbortController();
    if (state.key !== key) setState({ key, data: kept.get(key) as T | undefined, failure: null });
    asking.current = true;
    load(gone.signal).then(
      (data) => {
        keep(key, data);
        if (gone.signal.aborted) return;
        asking.current = false;
        setState({ key, data, failure: null });
      },
      (error: unknown) => {
        if (gone.signal.aborted) return;
        asking.current = false;
        setState((last) => ({ key, data: last.key === key ? last.data : undefined, failure: asFailure(error) }));
      },
    );
    return () => gone.abort();
  }, [key, turn]);
  const over = state.key === key && state.data !== undefined && until?.(state.data) === true;
  useEffect(() => {
    if (every === undefined || key === '' || over) return undefined;
    const timer = setInterval(() => void (document.visibilityState === 'visible' && !asking.current && reload()), every); // an answer that takes longer is waited for
    return () => clearInterval(timer);
  }, [every, key, over]);
  useEffect(() => connected.subscribe((up) => void (up && state.failure?.status === 0 && reload())), [state.failure]);
  return { data: state.key === key ? state.data : (kept.get(key) as T | undefined), failure: state.key === key ? state.failure : null, reload };
}

/** Any error as one that can be shown. */
export function asFailure(error: unknown): ApiFailure {
  return error instanceof ApiFailure ? error : new ApiFailure(-1, { kind: 'Internal', message: error instanceof Error ? error.message : String(error), hint: 'This is a fault of the console itself: reload the page, and report it if it comes back.' });
}
