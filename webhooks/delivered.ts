// The deliveries of the last day, so that one that a forge sends again is answered and not taken again.

const DAY = 86_400_000;
/** Names that are remembered at most; the oldest is forgotten first, and the records know it all the same. */
const MOST = 100_000;

export interface Delivered {
  /** True when the delivery was taken within the last day. */
  has(delivery: string): boolean;
  add(delivery: string): void;
}

/** Remembers deliveries in memory, by name. */
export function rememberDelivered(now: () => number, most = MOST): Delivered {
  const times = new Map<string, number>();
  return {
    has: (delivery) => now() - (times.get(delivery) ?? -Infinity) < DAY,
    add(delivery) {
      times.delete(delivery);
      times.set(delivery, now());
      for (const [oldest] of times) {
        if (times.size <= most) break;
        times.delete(oldest);
      }
    },
  };
}
