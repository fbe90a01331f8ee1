// What an answer means for a delivery: it arrived, it is tried again after a while, or it is given up.
import type { DeliveryStatus } from '../contract/notification.ts';

/** What came of one request. */
export interface Answer {
  /** HTTP status or SMTP reply code; null when no answer came. */
  status: number | null;
  /** Why the attempt failed, short and without secrets; null when it did not. */
  failure: string | null;
  /** The failure is one that time may cure. */
  mayPass: boolean;
  /** How a mail server says that it took the message. */
  said?: string;
  /** What Retry-After asks for, milliseconds; null where it says nothing. */
  retryAfter: number | null;
  /** What to do about a failure. */
  hint: string | null;
}

/** HTTP's 4xx that time may cure; every 5xx may. */
const PASSING = [408, 425, 429];

const FIRST_WAIT = 5_000;
const FACTOR = 3;
/** The longest wait, also where a receiver asks for more: milliseconds. */
export const LONGEST_WAIT = 3_600_000;

export const passesOverHttp = (status: number): boolean => status >= 500 || PASSING.includes(status);

/** What becomes of the delivery. `attempts`: tried so far, this one included. */
export function statusAfter({ failure, mayPass }: Pick<Answer, 'failure' | 'mayPass'>, attempts: number, most: number): DeliveryStatus {
  if (failure === null) return 'delivered';
  return mayPass && attempts < most ? 'pending' : 'dead';
}

/** Milliseconds before attempt `attempts + 1`: three times longer each time up to an hour, by chance up to half of it less, and never before the receiver wants it. */
export function waitBefore(attempts: number, retryAfter: number | null, { first = FIRST_WAIT, chance = Math.random } = {}): number {
  const most = Math.min(LONGEST_WAIT, first * FACTOR ** Math.max(0, attempts - 1));
  return Math.round(Math.max(most * (1 - chance() / 2), Math.min(LONGEST_WAIT, retryAfter ?? 0)));
}

/** Milliseconds of a Retry-After header: seconds or a date (RFC 9110, 10.2.3). Null for anything else. */
export function retryAfterOf(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header.trim()) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
