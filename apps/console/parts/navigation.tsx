// The way to every page, and the choice of theme; on a phone behind a button.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { token } from '../session.ts';
import { chooseTheme, theme, type Theme } from '../theme.ts';

const PLACES = [
  ['/', 'Overview', 'M3 11 12 4l9 7v9H3z'],
  ['/restores', 'Restores', 'M4 12a8 8 0 1 0 3-6.2M4 4v5h5'],
  ['/pipelines', 'Pipelines', 'M4 6a2 2 0 1 0 4 0a2 2 0 1 0-4 0M16 12a2 2 0 1 0 4 0a2 2 0 1 0-4 0M4 18a2 2 0 1 0 4 0a2 2 0 1 0-4 0M8 6h3v12H8M11 12h5'],
  ['/fleets', 'Fleets', 'M4 5h6v6H4zM14 5h6v6h-6zM4 15h6v5H4zM14 15h6v5h-6z'],
  ['/chat', 'Chat', 'M4 5h16v11H9l-5 4z'],
  ['/sql', 'SQL', 'M5 6c0-3 14-3 14 0v12c0 3-14 3-14 0zM5 12c0 3 14 3 14 0M5 6c0 3 14 3 14 0'],
  ['/logs', 'Logs', 'M4 6h16M4 11h16M4 16h10'],
  ['/assistant/debug', 'Assistant', 'M12 3a6 6 0 0 1 4 10.5V17H8v-3.5A6 6 0 0 1 12 3M9 21h6'],
  ['/spool', 'Spool', 'M4 4h16v5H4zM4 9l2 11h12l2-11M10 13h4'],
  ['/schedules', 'Schedules', 'M12 4a8 8 0 1 0 .1 0M12 8v4l3 2'],
  ['/audit', 'Audit', 'M6 3h9l4 4v14H6zM9 11h7M9 15h7'],
  ['/health', 'Health', 'M3 12h5l2-6 4 12 2-6h5'],
] as const;

export function Navigation({ path }: { path: string }): JSX.Element {
  const [open, setOpen] = useState(false);
  useEffect(() => setOpen(false), [path]);
  return (
    <header class={`side${open ? ' open' : ''}`} onKeyDown={(event) => event.key === 'Escape' && setOpen(false)}>
      <a class="brand" href="/"><img src="/icon.svg" alt="" width="26" height="26" /> PIVO</a>
      <button type="button" class="menu" aria-expanded={open} aria-controls="places" onClick={() => setOpen(!open)}>Menu</button>
      <div id="places" class="places">
        <nav aria-label="Main">
          {PLACES.map(([href, label, shape]) => (
            <a key={href} href={href} aria-current={isWithin(path, href) ? 'page' : undefined}>
              <svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true"><path d={shape} /></svg>
              {label}
            </a>
          ))}
        </nav>
        <ThemeChoice />
        <p class="quiet who">{token.value === null ? 'Looking on: approving needs `pivo console`' : 'With a token'}</p>
      </div>
    </header>
  );
}

const isWithin = (path: string, href: string): boolean => (href === '/' ? path === '/' || /^\/(repositories|ingest|jobs)(\/|$)/.test(path) : path === href || path.startsWith(`${sectionOf(href)}/`));

/** A place with tabs is where any of them is. */
const sectionOf = (href: string): string => (href.startsWith('/assistant/') ? '/assistant' : href);

const THEMES: [Theme, string][] = [['system', 'System'], ['light', 'Light'], ['dark', 'Dark']];

function ThemeChoice(): JSX.Element {
  return (
    <label class="theme">
      <span>Theme</span>
      <select value={theme.value} onChange={(event) => chooseTheme(event.currentTarget.value as Theme)}>
        {THEMES.map(([value, label]) => <option key={value} value={value}>{label}</option>)}
      </select>
    </label>
  );
}
