// Bars side by side, each of some parts on top of one another; a bar can lead somewhere, and the arrow keys go from bar to bar.
import type { JSX } from 'preact';
import type { Tone } from './words.tsx';

export interface Bar {
  /** What it counts, in words. */
  label: string;
  /** From the bottom up. */
  parts: readonly { tone: Tone; value: number }[];
  href?: string | undefined;
}

const HEIGHT = 100;

/** The tallest bar fills the height; what is there is at least seen. */
export function Bars({ bars, label, from, to }: { bars: readonly Bar[]; label: string; from: string; to: string }): JSX.Element {
  const sums = bars.map(({ parts }) => parts.reduce((sum, { value }) => sum + value, 0));
  const most = Math.max(1, ...sums);
  const first = sums.findIndex((sum) => sum > 0);
  return (
    <figure class="bars">
      <ol aria-label={label} onKeyDown={step}>{bars.map((bar, i) => (sums[i] === 0 ? <li key={i} /> : <li key={i}><Stack of={bar} most={most} isFirst={i === first} /></li>))}</ol>
      <figcaption class="row apart quiet small"><span>{from}</span><span>{to}</span></figcaption>
    </figure>
  );
}

/** One stop of the Tab key for all of them. */
function step(event: JSX.TargetedKeyboardEvent<HTMLOListElement>): void {
  const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const links = [...event.currentTarget.querySelectorAll('a')];
  const next = way === undefined ? undefined : links[links.indexOf(document.activeElement as HTMLAnchorElement) + way];
  if (next === undefined) return;
  event.preventDefault();
  for (const link of links) link.tabIndex = link === next ? 0 : -1;
  next.focus();
}

function Stack({ of: { label, parts, href }, most, isFirst }: { of: Bar; most: number; isFirst: boolean }): JSX.Element {
  const pieces = parts.filter(({ value }) => value > 0).map(({ tone, value }) => <span key={tone} class={`bar ${tone}`} style={{ height: `${Math.max(1, (value / most) * HEIGHT)}%` }} />);
  return href === undefined ? <span class="pile" role="img" aria-label={label} title={label}>{pieces}</span> : <a class="pile" href={href} tabIndex={isFirst ? 0 : -1} aria-label={label} title={label}>{pieces}</a>;
}
