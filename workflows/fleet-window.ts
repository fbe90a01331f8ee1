// Which repository of a fleet run comes next: hosts have so many places each, and whoever waits for one does not hold up the others.
import type { FleetEntry } from '../contract/fleet.ts';

/** A repository whose turn it is. */
export interface RunningEntry extends FleetEntry {
  /** ISO 8601 UTC. */
  started: string;
  /** The run that does it; null until it is known. */
  runId: string | null;
  /** False when it was going on before: it is waited for, and never cancelled from here. */
  own: boolean;
}

export interface FleetWindow {
  /** Places of each host. */
  atOnce: number;
  /** Taken from the book and not begun, by name. */
  ahead: FleetEntry[];
  running: RunningEntry[];
  /** Name of the last that was taken from the book; null: none was. */
  cursor: string | null;
  /** The book has no more. */
  exhausted: boolean;
  /** Who had a place in this history: a page may be read before it is written what became of them. */
  begun: Set<string>;
}

/** All hosts together. */
export const MOST_RUNNING = 64;
/** Entries that wait for a place while the book is read on, for one of another host. */
const MOST_AHEAD = 500;

/** What is carried from a history to the next: where the book goes on, and what runs. */
export type CarriedWindow = Pick<FleetWindow, 'atOnce' | 'cursor' | 'running'>;

export const openWindow = (carried: CarriedWindow): FleetWindow => ({ ...carried, ahead: [], exhausted: false, begun: new Set(carried.running.map(({ repository }) => repository)) });

/** Those that wait are taken from the book again. */
export const carriedOf = ({ atOnce, cursor, running, ahead: [first] }: FleetWindow): CarriedWindow => ({ atOnce, running, cursor: first === undefined ? cursor : first.after });

const isFull = ({ running, atOnce }: FleetWindow, host: string): boolean => running.filter((each) => each.host === host).length >= atOnce;

/** The first that waits and whose host has a place; null when there is none. */
export function nextOf(window: FleetWindow): FleetEntry | null {
  if (window.running.length >= MOST_RUNNING) return null;
  const full = new Map<string, boolean>();
  for (const entry of window.ahead) {
    const known = full.get(entry.host) ?? isFull(window, entry.host);
    if (!known) return entry;
    full.set(entry.host, known);
  }
  return null;
}

/** True when the book is to be read on: nobody who waits can begin, and there is room. */
export const wantsMore = (window: FleetWindow): boolean => !window.exhausted && window.running.length < MOST_RUNNING && window.ahead.length < MOST_AHEAD && nextOf(window) === null;

export const isOver = ({ exhausted, ahead, running }: FleetWindow): boolean => exhausted && ahead.length === 0 && running.length === 0;

/** Takes a page of the book; who was begun already is not taken again. */
export function take(window: FleetWindow, { entries, cursor }: { entries: readonly FleetEntry[]; cursor: string | null }): void {
  window.ahead.push(...entries.filter(({ repository }) => !window.begun.has(repository)));
  if (cursor === null) window.exhausted = true;
  else window.cursor = cursor;
}

/** Gives it its place. `now` in ISO 8601 UTC. */
export function begin(window: FleetWindow, entry: FleetEntry, now: string): RunningEntry {
  const running: RunningEntry = { ...entry, started: now, runId: null, own: true };
  window.ahead = window.ahead.filter(({ repository }) => repository !== entry.repository);
  window.running.push(running);
  window.begun.add(entry.repository);
  return running;
}

/** Its place is free. */
export function leave(window: FleetWindow, { repository }: FleetEntry): void {
  window.running = window.running.filter((each) => each.repository !== repository);
}
