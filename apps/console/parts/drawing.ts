// Keeps a uPlot drawing in a place: made anew when its data or the theme changes, as wide as the place is.
import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef } from 'preact/hooks';
import type { RefObject } from 'preact';
import uPlot from 'uplot';
import { theme } from '../theme.ts';

/** Height of a drawing, in pixels. */
export const HEIGHT = 180;

/** The place to draw in; `changes` tells when to draw anew. */
export function useDrawing(options: (element: HTMLElement) => uPlot.Options, data: uPlot.AlignedData, changes: readonly unknown[]): RefObject<HTMLDivElement> {
  const place = useRef<HTMLDivElement>(null);
  const chosen = theme.value;
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const plot = new uPlot(options(element), data, element);
    const watch = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
  }, [...changes, chosen]);
  return place;
}

/** Colour of a class, since a canvas knows no variables of the style sheet. */
export function inkOf(element: HTMLElement, name: string): string {
  return getComputedStyle(element.querySelector(`.${name}`) ?? probe(element, name)).color;
}

function probe(element: HTMLElement, name: string): Element {
  const found = document.createElement('i');
  found.className = name;
  element.append(found);
  return found;
}

/** An axis in the quiet colours of the theme. */
export function quietAxis(element: HTMLElement): uPlot.Axis {
  return { stroke: inkOf(element, 'ink-quiet'), grid: { stroke: inkOf(element, 'ink-line'), width: 1 }, ticks: { show: false }, font: '12px system-ui, sans-serif' };
}
