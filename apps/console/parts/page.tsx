// The frame of a page: title, the way back, actions, tabs, paging.
import type { ComponentChildren, JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { count } from '../format.ts';
import { address, here } from '../route.ts';

export interface PageProps {
  title: string;
  /** Where the page belongs: links before the title. */
  within?: { label: string; href: string }[];
  about?: ComponentChildren;
  actions?: ComponentChildren;
  children: ComponentChildren;
}

export function Page({ title, within = [], about, actions, children }: PageProps): JSX.Element {
  useEffect(() => void (document.title = `${title} · PIVO`), [title]);
  return (
    <>
      <header class="page-head">
        <div>
          {within.length > 0 && <nav class="crumbs" aria-label="Breadcrumb"><ol>{within.map(({ label, href }) => <li key={href}><a href={href}>{label}</a></li>)}</ol></nav>}
          <h1 tabIndex={-1}>{title}</h1>
          {about !== undefined && <p class="about">{about}</p>}
        </div>
        {actions !== undefined && <div class="actions">{actions}</div>}
      </header>
      {children}
    </>
  );
}

export function Card({ title, aside, children }: { title?: string; aside?: ComponentChildren; children: ComponentChildren }): JSX.Element {
  return (
    <div class="card">
      {title !== undefined && <div class="card-head"><h2>{title}</h2>{aside}</div>}
      {children}
    </div>
  );
}

export function Tabs({ tabs, label }: { tabs: { label: string; href: string }[]; label: string }): JSX.Element {
  const current = address.value.pathname;
  return <nav class="tabs" aria-label={label}>{tabs.map(({ label, href }) => <a key={href} href={href} aria-current={href.split('?')[0] === current ? 'page' : undefined}>{label}</a>)}</nav>;
}

/** Newer and older, by `skip` in the address. `total` null: not known how many there are. */
export function Pager({ skip, shown, step, total, more }: { skip: number; shown: number; step: number; total: number | null; more: boolean }): JSX.Element | null {
  if (skip === 0 && !more) return null;
  return (
    <nav class="pager" aria-label="Pages">
      {skip > 0 ? <a class="button" rel="prev" href={here({ skip: skip - step > 0 ? skip - step : '' })}>← Previous</a> : <span />}
      <span class="quiet">{count(skip + 1)}–{count(skip + shown)}{total === null ? '' : ` of ${count(total)}`}</span>
      {more ? <a class="button" rel="next" href={here({ skip: skip + step })}>Next →</a> : <span />}
    </nav>
  );
}
