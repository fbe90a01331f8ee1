// Bounds on what clients may ask at once and in a row.
import { Refusal } from '../problem.ts';

/** Seats for a kind of request. */
export interface Seats {
  /** Takes a seat; the result gives it back. Fails with a 503 when none becomes free in time. */
  take(signal?: AbortSignal): Promise<() => void>;
}

/** `seats` requests at once, `queue` more wait up to `patience` milliseconds for their turn. */
export function createSeats(what: string, { seats, queue, patience }: { seats: number; queue: number; patience: number }): Seats {
  let taken = 0;
  const waiting: (() => void)[] = [];
  const free = (): void => {
    const next = waiting.shift();
    if (next === undefined) taken -= 1;
    else next();
  };
  const once = (): (() => void) => {
    let given = false;
    return () => {
      if (given) return;
      given = true;
      free();
    };
  };
  return {
    async take(signal) {
      if (taken < seats) {
        taken += 1;
        return once();
      }
      if (waiting.length >= queue) throw busy(what);
      await turn(waiting, patience, signal, what);
      return once();
    },
  };
}

function turn(waiting: (() => void)[], patience: number, signal: AbortSignal | undefined, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', leave);
      resolve();
    };
    const leave = (): void => {
      clearTimeout(timer);
      waiting.splice(waiting.indexOf(done), 1);
      reject(busy(what));
    };
    const timer = setTimeout(leave, patience);
    waiting.push(done);
    signal?.addEventListener('abort', leave, { once: true });
  });
}

const busy = (what: string): Refusal => new Refusal(503, 'Unavailable', `there are too many ${what} at this moment`, { hint: 'Try again in a few seconds.', headers: { 'retry-after': '5' } });

/** A bucket of requests for each client, filled at a steady rate. */
export interface Rate {
  /** Fails with a 429 that says when to come back. */
  spend(client: string): void;
}

/** Clients that are remembered; a full bucket is forgotten first. */
const CLIENTS = 10_000;

export function createRate(what: string, { burst, perSecond }: { burst: number; perSecond: number }, now: () => number = Date.now): Rate {
  const buckets = new Map<string, { left: number; at: number }>();
  return {
    spend(client) {
      const time = now();
      const before = buckets.get(client) ?? { left: burst, at: time };
      const left = Math.min(burst, before.left + ((time - before.at) / 1000) * perSecond);
      buckets.delete(client);
      if (left < 1) {
        buckets.set(client, { left, at: time });
        const seconds = Math.ceil((1 - left) / perSecond);
        throw new Refusal(429, 'LimitExceeded', `too many ${what} in a short time`, { hint: `Try again in ${seconds} s.`, headers: { 'retry-after': String(seconds) } });
      }
      buckets.set(client, { left: left - 1, at: time });
      for (const [oldest] of buckets) {
        if (buckets.size <= CLIENTS) break;
        buckets.delete(oldest);
      }
    },
  };
}
