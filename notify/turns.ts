// When a request to a target may be sent: so many a minute, and few at once, so that a receiver that hangs holds nobody else up.

/** Requests of one worker at once: to one target, and to all of them. */
const AT_ONCE = 4;
const AT_ONCE_IN_ALL = 40;
/** Seconds of its rate that a target may be sent at a stroke after a silence. */
const BURST_SECONDS = 5;
/** Milliseconds before somebody who found a target busy comes back, at least; at most twice as many. */
const BUSY_WAIT = 4_000;

/** Leave to send now, or milliseconds after which to ask again; `kept`: its place within the rate is kept until then. */
export type Turn = { leave(): void } | { wait: number; kept: boolean };

export interface TurnWish {
  target: string;
  /** Requests a minute. */
  rate: number;
  /** A place within the rate was given before. */
  kept: boolean;
  /** How many targets share this worker. */
  targets: number;
}

/** Places within a rate are given out as a token bucket does, by the generic cell rate algorithm (ITU-T I.371), each to who asked first. */
export class NotifyTurns {
  readonly #now: () => number;
  /** Theoretical arrival time of the next request, by target. */
  readonly #next = new Map<string, number>();
  readonly #sending = new Map<string, number>();

  /** `now`: milliseconds of a clock that never goes back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  take(wish: TurnWish): Turn {
    const wait = wish.kept ? 0 : this.#place(wish);
    if (wait > 0) return { wait, kept: true };
    const sending = this.#sending.get(wish.target) ?? 0;
    if (sending >= Math.max(1, Math.min(AT_ONCE, Math.floor(AT_ONCE_IN_ALL / wish.targets)))) return { wait: Math.round(BUSY_WAIT * (1 + Math.random())), kept: true };
    this.#sending.set(wish.target, sending + 1);
    return { leave: () => void this.#sending.set(wish.target, (this.#sending.get(wish.target) ?? 1) - 1) };
  }

  /** Milliseconds until the place that is given now. */
  #place({ target, rate }: TurnWish): number {
    const now = this.#now();
    const interval = 60_000 / rate;
    const burst = Math.max(1, Math.floor((rate * BURST_SECONDS) / 60));
    const next = Math.max(this.#next.get(target) ?? now, now);
    this.#next.set(target, next + interval);
    return Math.max(0, Math.ceil(next - now - (burst - 1) * interval));
  }
}
