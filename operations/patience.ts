// How long a question may take.

/** What was asked for, or the signal's reason as soon as it aborts; the question itself goes on. */
export function inTime<T>(asked: Promise<T>, signal: AbortSignal): Promise<T> {
  const late = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => late.reject(signal.reason), { once: true });
  return Promise.race([asked, late.promise]);
}
