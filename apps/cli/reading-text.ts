// What the archive holds, as people read it.
import type { LfsStatus } from '../../contract/lfs.ts';
import type { Difference } from '../../operations/diff.ts';
import type { LogEntry, LogPage } from '../../operations/log.ts';
import type { Listing } from '../../operations/ls.ts';
import type { RepositoryState } from '../../operations/repos.ts';
import type { VisitList, VisitState } from '../../operations/visits.ts';
import { count, instant, many, safe, safeLine, shortId, size, table } from './format.ts';
import type { Style } from './session.ts';

export type { Difference, Listing, LogPage, RepositoryState, VisitList };

export function reposText(states: readonly RepositoryState[], style: Style): string {
  if (states.length === 0) return 'no repositories yet; back one up with `pivo ingest URL`\n';
  return table(states, [
    { title: 'REPOSITORY', value: ({ repository }) => style.bold(repository) },
    { title: 'LAST VISIT (UTC)', value: ({ time }) => instant(time) },
    { title: 'VISITS', value: ({ visits, visit, current }) => `${current === visit ? '' : style.yellow(`${current} of `)}${count(visits)}`, align: 'right' },
    { title: 'PROVEN', value: ({ drill }) => (drill.red ? style.red : style.green)(drill.proven === null ? (drill.red ? 'never' : '-') : instant(drill.proven).slice(0, 10)) },
    { title: 'VERIFIED', value: ({ verified }) => (verified === null ? '-' : (verified.findings === 0 ? style.green : style.red)(verified.findings === 0 ? instant(verified.last).slice(0, 10) : many(verified.findings, 'finding'))) },
    { title: 'REFS', value: ({ refs }) => count(refs), align: 'right' },
    { title: 'SIZE', value: ({ packBytes }) => size(packBytes), align: 'right' },
    { title: 'HEAD', value: ({ head }) => safeLine(head.symref?.replace(/^refs\/heads\//, '') ?? shortId(head.oid)) },
    { title: 'ORIGIN', value: ({ origin, gone }) => `${safeLine(origin)}${gone === null ? '' : style.red(` (gone since ${instant(gone)})`)}` },
  ], style.dim);
}

export function visitsText({ visits }: VisitList, style: Style): string {
  return table(visits, [
    { title: 'VISIT', value: ({ seq }) => String(seq), align: 'right' },
    { title: 'TIME (UTC)', value: ({ time }) => instant(time) },
    { title: 'SNAPSHOT', value: ({ snapshot }) => shortId(snapshot) },
    { title: 'HEAD', value: ({ head }) => shortId(head) },
    { title: 'STORED', value: ({ newBytes }) => (newBytes === 0 ? '-' : size(newBytes)), align: 'right' },
    { title: 'CHANGES', value: (visit) => visitChanges(visit, style) },
  ], style.dim);
}

export function lfsText({ repository, visit, looked, objects, bytes, missing, entries }: LfsStatus, style: Style): string {
  if (!looked && objects === 0) return `nobody looked for objects of Git LFS in ${repository} yet: the next backup does\n`;
  if (objects === 0) return `${repository} has no objects of Git LFS (visit ${visit})\n`;
  const told = `${style.bold(repository)}: ${many(objects, 'object')} of Git LFS, ${size(bytes)}${missing === 0 ? style.green(', all archived') : style.yellow(`, ${count(missing)} missing`)}\n`;
  if (entries.length === 0) return told;
  return told + table(entries, [
    { title: 'OBJECT', value: ({ oid }) => shortId(oid) },
    { title: 'SIZE', value: ({ size: length }) => size(length), align: 'right' },
    { title: 'STATE', value: ({ state }) => (state === 'archived' ? style.green(state) : style.yellow(state)) },
    { title: 'PATH', value: ({ path }) => safeLine(path ?? '-') },
    { title: 'REASON', value: ({ reason }) => safeLine(reason ?? '') },
  ], style.dim);
}

/** Holes of git's own count one by one; of objects of Git LFS each counts. */
function holesText(holes: VisitState['holes'], style: Style): string {
  const lfs = holes.reduce((sum, hole) => sum + (hole.lfs ?? 0), 0);
  const refs = holes.filter((hole) => hole.lfs === undefined).length;
  const parts = [...(refs === 0 ? [] : [many(refs, 'hole')]), ...(lfs === 0 ? [] : [`${many(lfs, 'object')} of Git LFS missing`])];
  return style.yellow(parts.join(', '));
}

function visitChanges({ outcome, changes, holes, held }: VisitState, style: Style): string {
  const parts = (['created', 'updated', 'forced', 'deleted'] as const).filter((kind) => changes[kind] > 0).map((kind) => `${count(changes[kind])} ${kind}`);
  const destroyed = changes.destroyed === undefined ? '' : style.red(changes.destroyed.emptied ? ', emptied' : `, ${count(changes.destroyed.total)} destroyed`);
  const told = `${outcome === 'unchanged' ? style.dim('unchanged') : parts.join(', ') || 'none'}${destroyed}${held ? style.yellow(', held') : ''}`;
  return holes.length === 0 ? told : `${told}, ${holesText(holes, style)}`;
}

export function logText({ commits }: LogPage, style: Style): string {
  return commits.map((commit) => `${style.yellow(commit.hash.slice(0, 12))} ${style.dim(commitTime(commit))} ${safeLine(commit.subject)} ${style.dim(`(${safeLine(commit.author.name)})`)}\n`).join('') || 'no commits\n';
}

const MOST_SECONDS = 8_640_000_000_000;

/** Time of a commit in UTC, without seconds; `-` where it has none that a date can hold. */
function commitTime({ committer: { time } }: LogEntry): string {
  return time === null || Math.abs(time) > MOST_SECONDS ? '-' : instant(time * 1000).slice(0, -3);
}

export function listingText({ entries }: Listing, style: Style): string {
  const widest = entries.reduce((most, { size: bytes }) => Math.max(most, sizeOf(bytes).length), 0);
  return entries.map(({ mode, type, oid, size: bytes, path }) => `${style.dim(`${mode} ${oid.slice(0, 12)}`)} ${sizeOf(bytes).padStart(widest)}  ${type === 'tree' ? style.bold(`${safe(path)}/`) : safe(path)}${type === 'commit' ? style.dim(' (submodule)') : ''}\n`).join('');
}

const sizeOf = (bytes: number | null): string => (bytes === null ? '-' : size(bytes));

/** The patch as it is, so that `git apply` takes it; coloured on a terminal only. */
export function diffText({ files }: Difference, style: Style): string {
  return files.map(({ patch }) => patch.split('\n').map((line) => paintLine(line, style)).join('\n')).join('');
}

function paintLine(line: string, style: Style): string {
  if (style.bold('x') === 'x') return line; // no terminal: bytes must stay as they are
  const shown = safe(line);
  if (/^(diff|index|---|\+\+\+|new file|deleted file|old mode|new mode)/.test(line)) return style.bold(shown);
  if (line.startsWith('@@')) return style.dim(shown);
  if (line.startsWith('+')) return style.green(shown);
  return line.startsWith('-') ? style.red(shown) : shown;
}
