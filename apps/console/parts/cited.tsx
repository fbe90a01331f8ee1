// Links of the assistant: where the line of a log, the event of a run or the row of the index is looked at.
import type { JSX } from 'preact';
import { at } from '../route.ts';
import { sqlText } from '../api/sql.ts';
import { pageOfRun } from './running.tsx';

/** The page of a `log:`, `temporal:` or `index:` link; null for one of another kind. */
export function pageOfLink(link: string): string | null {
  const [, source, line] = /^log:([0-9a-f]{16}):(\d+)$/.exec(link) ?? [];
  if (source !== undefined && line !== undefined) return at(['logs', source, line]);
  const [, workflow] = /^temporal:(.+):\d+$/.exec(link) ?? [];
  if (workflow !== undefined) return pageOfRun(workflow);
  const [, table, id] = /^index:([a-z_]+):(.+)$/.exec(link) ?? [];
  return table === undefined || id === undefined ? null : at(['sql'], { q: `SELECT * FROM ${table} WHERE rowid = ${sqlText(id)}` });
}

/** In Markdown, links of the assistant lead to their pages here. */
export const withPages = (markdown: string): string => markdown.replace(/\]\(((?:log|temporal|index):[^\s()]+)\)/g, (_, link: string) => `](${pageOfLink(link) ?? link})`);

export function Cited({ link }: { link: string }): JSX.Element {
  const href = pageOfLink(link);
  const code = <code class="break">{link}</code>;
  return href === null ? code : <a href={href}>{code}</a>;
}
