// One series over time, drawn by uPlot in the colours of the theme, with its figures as a table for those who cannot see it.
import type { JSX } from 'preact';
import uPlot from 'uplot';
import { when } from '../format.ts';
import { HEIGHT, inkOf, quietAxis, useDrawing } from './drawing.ts';

export interface ChartProps {
  label: string;
  /** Seconds since 1970, and the value then. */
  points: readonly (readonly [time: number, value: number])[];
  value: (value: number) => string;
  kind: 'line' | 'bars' | 'points';
}

export default function Chart({ label, points, value, kind }: ChartProps): JSX.Element {
  const place = useDrawing((element) => optionsOf({ label, points, value, kind }, element), [points.map(([time]) => time), points.map(([, each]) => each)], [points.length, points.at(-1)?.[1]]);
  const [, last] = points.at(-1) ?? [0, 0];
  return (
    <figure class="chart">
      <div ref={place} aria-hidden="true" />
      <figcaption class="quiet small">{label}. Latest: {value(last)}</figcaption>
      <table class="unseen"><caption>{label}</caption><tbody>{points.slice(-30).map(([time, each], i) => <tr key={i}><th scope="row">{when(new Date(time * 1000).toISOString())}</th><td>{value(each)}</td></tr>)}</tbody></table>
    </figure>
  );
}

function optionsOf({ label, points, value, kind }: ChartProps, element: HTMLElement): uPlot.Options {
  const [line, axis] = [inkOf(element, 'ink'), quietAxis(element)];
  const drawn = kind === 'bars' ? { paths: uPlot.paths.bars?.({ size: [0.7, 24] }), fill: line, points: { show: false } } : { points: { show: kind === 'points' || points.length < 2, size: 6, fill: line } };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [12, 12, 0, 0],
    cursor: { show: false },
    legend: { show: false },
    scales: { y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1] }, x: points.length === 1 ? { range: (_, least) => [least - 43_200, least + 43_200] } : {} },
    axes: [{ ...axis, space: 90, ...(kind === 'points' ? {} : { incrs: DAYS }), values: (_, splits, __, ___, step) => splits.map((each) => timeLabel(each, step)) }, { ...axis, size: 64, values: (_, splits) => splits.map((each) => value(each)) }],
    series: [{}, { label, stroke: line, width: kind === 'points' ? 0 : 2, ...drawn } as uPlot.Series],
  };
}

/** Steps of an axis whose values are each of a day. */
const DAYS = [1, 2, 7, 14, 30, 60, 90, 180, 365, 730].map((days) => days * 86_400);

const day = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric' });
const clock = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

/** Days where the steps are days, else the time of day. */
function timeLabel(seconds: number, step: number): string {
  const date = new Date(seconds * 1000);
  return step >= 86_400 ? day.format(date) : clock.format(date);
}
