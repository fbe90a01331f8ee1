// Turns: how many heavy acts a worker does at once; the others wait inside their activity, so that their worker is known to live.

export interface Turns {
  /** Does `work` when a turn is free. Fails with the signal's reason when it aborts while waiting. */
  take<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

/** First come, first served; `limit` at once. */
export function createTurns(limit: number): Turns {
  let free = limit;
  const waiting = new Set<() => void>();

  const turn = (signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    if (free > 0) {
      free--;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const go = (): void => {
        signal.removeEventListener('abort', stop);
        resolve();
      };
      const stop = (): void => {
        waiting.delete(go);
        reject(signal.reason as Error);
      };
      waiting.add(go);
      signal.addEventListener('abort', stop, { once: true });
    });
  };

  const pass = (): void => {
    const [next] = waiting;
    if (next === undefined) {
      free++;
      return;
    }
    waiting.delete(next);
    next();
  };

  return {
    async take(signal, work) {
      await turn(signal);
      try {
        return await work();
      } finally {
        pass();
      }
    },
  };
}
