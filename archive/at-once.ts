// A few acts of one kind at the same time.

/**
 * Does `act` for each item in their order, `limit` at a time. After a failure none is begun, the signal of those under way is aborted, and the
 * first failure is thrown when they have ended: nothing goes on behind the caller's back.
 */
export async function eachAtOnce<T>(items: readonly T[], limit: number, act: (item: T, signal: AbortSignal) => Promise<void>, signal?: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const ending = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const queue = items.map((item) => ({ item }));
  const failures: unknown[] = [];
  const inTurn = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await act(next.item, ending);
  };
  const onFailure = (error: unknown): void => {
    failures.push(error);
    queue.length = 0;
    stop.abort();
  };
  await Promise.all(Array.from({ length: limit }, () => inTurn().catch(onFailure)));
  if (failures.length > 0) throw failures[0];
}
