// Some series over the seconds since a beginning, drawn by uPlot, with their peaks in words.
import type { JSX } from 'preact';
import type uPlot from 'uplot';
import { duration } from '../format.ts';
import { HEIGHT, inkOf, quietAxis, useDrawing } from './drawing.ts';

export interface PlotProps {
  label: string;
  /** Seconds since the beginning. */
  times: readonly number[];
  series: readonly { label: string; values: readonly (number | null)[] }[];
  value: (value: number) => string;
}

/** The last is the one that is looked at. */
const nameOfInk = (i: number, of: number): string => (i === of - 1 ? 'ink' : 'ink-quiet');

/** Seconds between two marks of the axis. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400];

/** `2 min` where it is a whole minute. */
const mark = (seconds: number): string => (seconds > 0 && seconds < 3_600 && seconds % 60 === 0 ? `${seconds / 60} min` : duration(seconds));

export default function Plot({ label, times, series, value }: PlotProps): JSX.Element {
  const place = useDrawing((element) => optionsOf({ label, times, series, value }, element), [[...times], ...series.map(({ values }) => [...values])], [times.length, label]);
  const peak = ({ label, values }: PlotProps['series'][number]): string => `${label}: at most ${value(values.reduce<number>((most, each) => Math.max(most, each ?? 0), 0))}`;
  return (
    <figure class="chart">
      <div ref={place} aria-hidden="true" />
      <figcaption class="quiet small">{label}. {series.map((each, i) => <span key={each.label}><span class={nameOfInk(i, series.length)} aria-hidden="true">▬ </span>{peak(each)}{i < series.length - 1 ? '; ' : '.'}</span>)}</figcaption>
    </figure>
  );
}

function optionsOf({ series, value }: PlotProps, element: HTMLElement): uPlot.Options {
  const axis = quietAxis(element);
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [12, 24, 0, 0],
    cursor: { show: false },
    legend: { show: false },
    scales: { x: { time: false }, y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1] } },
    axes: [{ ...axis, space: 90, incrs: STEPS, values: (_, splits) => splits.map(mark) }, { ...axis, size: 64, values: (_, splits) => splits.map(value) }],
    series: [{}, ...series.map(({ label }, i) => ({ label, stroke: inkOf(element, nameOfInk(i, series.length)), width: 2, spanGaps: true, points: { show: false } }))],
  };
}
