// Entries over time, by level; a bar narrows the time that is looked at.
import type { JSX } from 'preact';
import type { LogBucket, LogHistogram } from '../../../contract/log-search.ts';
import type { LogLevel } from '../../../contract/logs.ts';
import type { Query } from '../api/client.ts';
import { get } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { count, many, when } from '../format.ts';
import { here } from '../route.ts';
import { Bars, type Bar } from './bars.tsx';
import { LEVEL_TONES } from './log-entry.tsx';
import { Show } from './state.tsx';
import type { Tone } from './words.tsx';

/** Bars that a phone still has room for. */
const MOST_BARS = 60;

/** The worst at the bottom, where few are seen beside many. */
const PILED: readonly Tone[] = ['bad', 'warn', 'busy', 'plain'];

export function LogTime({ asked, words }: { asked: Query; words: boolean }): JSX.Element {
  const found = useLoad(`log histogram ${JSON.stringify(asked)}`, (signal) => get<LogHistogram>(['logs', 'histogram'], { ...asked, buckets: MOST_BARS }, signal));
  return <Show of={found} lines={3}>{(histogram) => <Histogram of={histogram} words={words} />}</Show>;
}

function Histogram({ of, words }: { of: LogHistogram; words: boolean }): JSX.Element {
  const bars = barsOf(of);
  if (bars.length === 0) return <p class="pad quiet small">{words ? 'No entry has every word as it is written.' : 'No entry here has a time.'}</p>;
  const entries = of.buckets.reduce((sum, { entries }) => sum + entries, 0);
  return (
    <>
      <Bars label="Entries over time; each leads to its own time" bars={bars} from={when(of.from ?? '')} to={when(of.to ?? '')} />
      <p class="told quiet small" role="status">{many(entries, 'entry', 'entries')}{words ? ' with every word' : ''}. Errors are at the bottom of a bar, then warnings. A bar narrows the time to its own.</p>
    </>
  );
}

/** Also the spans without an entry, so that time runs evenly. */
function barsOf({ from, to, width, buckets }: LogHistogram): Bar[] {
  if (from === null || to === null || width <= 0) return [];
  const start = Math.floor(Date.parse(from) / width) * width;
  const found = new Map(buckets.map((bucket) => [(Date.parse(bucket.from) - start) / width, bucket]));
  return Array.from({ length: Math.min(MOST_BARS, Math.ceil((Date.parse(to) - start) / width)) }, (_, i) => barOf(found.get(i), start + i * width, width));
}

function barOf(bucket: LogBucket | undefined, start: number, width: number): Bar {
  const [from, to] = [new Date(start).toISOString(), new Date(start + width).toISOString()];
  if (bucket === undefined) return { label: when(from), parts: [] };
  const sums = new Map<Tone, number>();
  const levels = Object.entries(bucket.levels) as [LogLevel, number][];
  for (const [level, entries] of levels) sums.set(LEVEL_TONES[level], (sums.get(LEVEL_TONES[level]) ?? 0) + entries);
  const without = bucket.entries - levels.reduce((sum, [, entries]) => sum + entries, 0);
  sums.set('plain', (sums.get('plain') ?? 0) + without);
  const said = levels.map(([level, entries]) => `${count(entries)} ${level}`).join(', ');
  return { label: `${when(from)}: ${many(bucket.entries, 'entry', 'entries')}${said === '' ? '' : ` (${said})`}`, parts: PILED.map((tone) => ({ tone, value: sums.get(tone) ?? 0 })), href: here({ from, to, skip: '' }) };
}
