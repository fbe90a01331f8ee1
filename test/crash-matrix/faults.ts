// Faults at the ports: where one strikes, what it does, and the list of all that the matrix knows.
import { PivoError } from '../../contract/failures.ts';

/** What happens at a call. `-after`: the call is done, and its answer never comes. */
export const EFFECTS = ['die', 'die-after', 'error', 'error-after', 'full', 'half', 'half-die', 'delay'] as const;

/** What runs beside the worker, and ends and comes back. */
export const ENGINES = ['namenode', 'datanode', 'broker', 'temporal'] as const;
export type EnginePart = (typeof ENGINES)[number];

/** Beside those: an engine is killed at this moment, or when half of the content was given; the call goes on. */
export type Effect = (typeof EFFECTS)[number] | `kill-${EnginePart}` | `mid-${EnginePart}`;

export interface Fault {
  /** A method of Store, or `publish` of EventLog. */
  call: string;
  /** Only calls whose path, or topic, holds this. */
  at: string;
  /** Which of those calls: 1 for the first. */
  nth: number;
  effect: Effect;
}

export const faultName = ({ call, at, nth, effect }: Fault): string => `${effect} at ${call}(${at || '…'})${nth === 1 ? '' : ` #${nth}`}`;

const WRITES: [call: string, at: string, effects: readonly Effect[]][] = [
  ['adopt', '.pack', ['die', 'die-after', 'error', 'error-after', 'full', 'half', 'delay']],
  ['adopt', '.idx', ['die', 'die-after', 'error', 'error-after', 'full', 'half']],
  ['layOut', '', ['die', 'die-after', 'error', 'error-after', 'full', 'half', 'half-die']],
  ['create', '/HEAD', ['die', 'die-after', 'error', 'error-after', 'full']],
  ['create', '/packed-refs', ['die', 'die-after', 'error', 'error-after', 'half', 'half-die', 'full']],
  ['create', '/snapshot.json', ['die', 'die-after', 'error', 'error-after', 'half', 'half-die', 'full', 'delay']],
  ['seal', 'snapshots/', ['die', 'die-after', 'error', 'error-after']],
  ['create', 'decisions/', ['die', 'die-after', 'error', 'error-after', 'half-die', 'full']],
  ['create', 'visits/', ['die', 'die-after', 'error', 'error-after', 'half', 'half-die', 'full', 'delay']],
  ['create', 'audit/', ['die', 'die-after', 'error', 'error-after', 'full']],
  ['publish', 'commit-events', ['die', 'die-after', 'error', 'error-after', 'half', 'half-die', 'delay']],
  ['publish', 'audit-logs', ['die', 'die-after', 'error', 'error-after']],
  ['create', 'plan.json', ['die', 'die-after', 'error', 'error-after', 'half-die', 'full']],
  ['create', 'receipt.json', ['die', 'die-after', 'error', 'error-after', 'half-die', 'full']],
];

const READS: [call: string, at: string, effects: readonly Effect[]][] = [
  ['list', 'visits', ['die', 'error', 'delay']],
  ['open', 'visits/', ['die', 'error', 'half']],
  ['open', 'snapshot.json', ['die', 'error', 'half']],
  ['stat', '.pack', ['die', 'error']],
  ['stat', '', ['error']],
];

/** Every boundary with everything that can happen there. */
export const MATRIX: Fault[] = [...WRITES, ...READS].flatMap(([call, at, effects]) => effects.map((effect): Fault => ({ call, at, nth: 1, effect })));

const HDFS = ['kill-namenode', 'kill-datanode'] as const;
const WITHIN = [...HDFS, 'mid-namenode', 'mid-datanode'] as const;

const ENGINES_LOST: [call: string, at: string, effects: readonly Effect[]][] = [
  ['adopt', '.pack', [...HDFS, 'kill-broker', 'kill-temporal']],
  ['adopt', '.idx', HDFS],
  ['layOut', '', WITHIN],
  ['create', '/packed-refs', WITHIN],
  ['create', '/snapshot.json', HDFS],
  ['seal', 'snapshots/', ['kill-namenode']],
  ['create', 'decisions/', HDFS],
  ['create', 'visits/', [...WITHIN, 'kill-broker', 'kill-temporal']],
  ['create', 'audit/', WITHIN],
  ['publish', 'commit-events', ['kill-broker', 'kill-namenode', 'kill-temporal']],
  ['publish', 'audit-logs', ['kill-broker', 'kill-datanode']],
  ['create', 'plan.json', WITHIN],
  ['create', 'receipt.json', WITHIN],
  ['list', 'visits', ['kill-namenode']],
  ['open', 'visits/', HDFS],
  ['open', 'snapshot.json', HDFS],
  ['stat', '.pack', ['kill-namenode']],
];

/** Every boundary with every engine that matters there: what `--engines` adds. */
export const ENGINE_MATRIX: Fault[] = ENGINES_LOST.flatMap(([call, at, effects]) => effects.map((effect): Fault => ({ call, at, nth: 1, effect })));

/** Strikes once, at the armed fault's call; then nothing happens until it is armed again. */
export class Faults {
  readonly #onStrike: (fault: Fault) => void;
  /** Resolves when the engine is dead. */
  readonly killEngine: (engine: EnginePart) => Promise<void>;
  #armed: Fault | null = null;
  #left = 0;

  constructor(onStrike: (fault: Fault) => void, killEngine: (engine: EnginePart) => Promise<void>) {
    this.#onStrike = onStrike;
    this.killEngine = killEngine;
  }

  arm(fault: Fault | null): void {
    this.#armed = fault;
    this.#left = fault?.nth ?? 0;
  }

  /** What happens at this call, or null. */
  at(call: string, path: string): Effect | null {
    const fault = this.#armed;
    if (fault === null || fault.call !== call || !path.includes(fault.at) || --this.#left > 0) return null;
    this.#armed = null;
    this.#onStrike(fault);
    return fault.effect;
  }
}

/** The engine that an effect kills, or null. */
export function engineOf(effect: Effect | null): EnginePart | null {
  const [how, engine] = effect?.split('-') ?? [];
  return how === 'kill' || how === 'mid' ? (engine as EnginePart) : null;
}

export function die(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('unreachable');
}

export const injected = (what: string): PivoError => new PivoError('StorageUnavailable', `injected: ${what}`, { hint: 'A fault of the crash matrix.', cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }) });
