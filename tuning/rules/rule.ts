// A rule: one thing that can be wrong with how an application ran, and what every rule says in the same words.
import type { Effect, PropertyChange, Severity, TuningFinding } from '../../contract/tuning.ts';
import type { Figures } from '../figures.ts';
import type { Stage } from '../stage.ts';

/** What a rule found in one stage, or in the application. */
export interface Fired extends Omit<TuningFinding, 'rule' | 'severity' | 'stage' | 'alsoIn'> {
  stage: Stage | null;
}

export interface Rule {
  id: string;
  find(figures: Figures): Fired[];
}

/** Stages that take less of the application's time are not looked at: nothing there is worth a change. */
const WORTH_IT = 0.05;
const SHORTEST = 1_000;

/** Stages that have ended and are worth a change. */
export const stagesOf = (figures: Figures): Stage[] => figures.stages.filter((stage) => stage.milliseconds >= SHORTEST && figures.share(stage) >= WORTH_IT && stage.durations.count > 0);

/** By what the change saves at most of the application's time, or of the slots held. */
export function severityOf(effect: Effect | null, { milliseconds, slotMilliseconds }: Figures): Severity {
  const whole = effect?.unit === 'slot-ms' ? slotMilliseconds : milliseconds;
  const share = effect === null || whole === 0 ? 0 : effect.high / whole;
  return share >= 0.2 ? 'high' : share >= 0.05 ? 'medium' : 'low';
}

/** A property set to another value. */
export const change = (figures: Figures, name: string, value: string | number, reason: string): PropertyChange => ({ name, value: String(value), was: figures.property(name), reason });

/** The property that a number of partitions after a shuffle comes from; none where the code itself names the number. */
export function shufflePartitions(figures: Figures, stage: Stage, value: number, reason: string): PropertyChange[] {
  return stage.sums.shuffleRead > 0 && stage.planned === figures.shufflePartitions ? [change(figures, 'spark.sql.shuffle.partitions', value, reason)] : [];
}

const MIB = 2 ** 20;

/** A heap in whole steps of 256 MiB, as Spark writes it. */
export const heapText = (bytes: number): string => `${Math.ceil(bytes / MIB / 256) * 256}m`;

export function sizeText(bytes: number): string {
  const [amount, unit] = bytes >= 2 ** 30 ? [bytes / 2 ** 30, 'GiB'] : bytes >= MIB ? [bytes / MIB, 'MiB'] : bytes >= 1_024 ? [bytes / 1_024, 'KiB'] : [bytes, 'bytes'];
  return `${amount >= 100 || unit === 'bytes' ? Math.round(amount) : Math.round(amount * 10) / 10} ${unit}`;
}

export function timeText(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  return milliseconds < 120_000 ? `${Math.round(milliseconds / 100) / 10} s` : `${Math.round(milliseconds / 6_000) / 10} min`;
}

export const percent = (share: number): string => `${Math.round(100 * share)} %`;
export const times = (ratio: number): string => `${ratio >= 10 ? Math.round(ratio) : Math.round(ratio * 10) / 10} times`;
export const many = (count: number, what: string): string => `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;

/** A range whose lower end is not above its upper one, nothing below zero. */
export const effect = (low: number, high: number, unit: Effect['unit'], assumption: string): Effect => {
  const most = Math.max(0, Math.round(high));
  return { low: Math.min(most, Math.max(0, Math.round(low))), high: most, unit, assumption };
};
