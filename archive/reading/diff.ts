// What changed between two commits, file by file, as unified text.
import { formatPatch, OMIT_HEADERS, structuredPatch, type StructuredPatch } from 'diff';
import { isUtf8 } from 'node:buffer';
import type { CatFile } from '../../git/cat-file.ts';
import { quotePatchPath, quotePath } from '../../git/quote.ts';
import { diffEntries, type PathDifference } from './tree-diff.ts';
import { findPath, rawPath, requirePath, type TreeEntry } from './tree.ts';

export interface FileSide {
  mode: string;
  oid: string;
}

export interface FileDifference {
  status: PathDifference['status'];
  /** As `quotePath` writes it. */
  path: string;
  /** Null for a file that was added. */
  old: FileSide | null;
  /** Null for a file that was deleted. */
  new: FileSide | null;
  /** `text`: `patch` shows every change. `binary`, `large`: one line says so in its place. `missing`: the archive lacks a side. */
  kind: 'text' | 'binary' | 'large' | 'missing';
  /** Lines added and deleted; null where they were not counted. */
  added: number | null;
  deleted: number | null;
  /** Unified diff with git's headers, or a header and the line that says why there is none. */
  patch: string;
}

/** A file of more bytes is not compared line by line. */
export const LARGEST_DIFFED = 1 << 20;
/** Two versions further apart than this many lines are shown as all deleted, all added. */
const MOST_EDITS = 4_000;
const CONTEXT = 3;

/**
 * Differences from commit `a` to commit `b`, at a path or everywhere. Fails with NotFound for an unknown commit, and
 * for a path that neither has.
 */
export async function* diffCommits(objects: CatFile, a: string, b: string, path = ''): AsyncGenerator<FileDifference> {
  const [old, now] = [await findPath(objects, a, path), await findPath(objects, b, path)];
  if (old === null && now === null) await requirePath(objects, b, path);
  for await (const difference of diffEntries(objects, rawPath(path), old, now)) yield await describe(objects, difference);
}

async function describe(objects: CatFile, difference: PathDifference): Promise<FileDifference> {
  const { status, path, old, new: now } = difference;
  const facts = { status, path: quotePath(path), old: sideOf(old), new: sideOf(now) };
  if (status !== 'T') return { ...facts, ...(await patchOf(objects, path, old, now)) };
  const [gone, come] = [await patchOf(objects, path, old, null), await patchOf(objects, path, null, now)]; // git takes a change of type as two
  return { ...facts, kind: gone.kind === 'text' ? come.kind : gone.kind, added: come.added, deleted: gone.deleted, patch: gone.patch + come.patch };
}

type Patch = Pick<FileDifference, 'kind' | 'added' | 'deleted' | 'patch'>;

async function patchOf(objects: CatFile, path: Buffer, old: TreeEntry | null, now: TreeEntry | null): Promise<Patch> {
  const header = headerOf(path, old, now);
  const [before, after] = await Promise.all([contentOf(objects, old), contentOf(objects, now)]);
  for (const kind of ['missing', 'large', 'binary'] as const) {
    if (before === kind || after === kind) return { kind, added: null, deleted: null, patch: `${header}${NO_TEXT[kind]}\n` };
  }
  const patch = compare(before, after);
  const lines = patch.hunks.flatMap((hunk) => hunk.lines);
  const count = (sign: string): number => lines.filter((line) => line.startsWith(sign)).length;
  const text = lines.length === 0 ? '' : `${nameLine('---', 'a/', old, path)}${nameLine('+++', 'b/', now, path)}${formatPatch(patch, OMIT_HEADERS)}`;
  return { kind: 'text', added: count('+'), deleted: count('-'), patch: header + text };
}

const NO_TEXT = { missing: 'A side of this change is not in the archive', large: `Files of more than ${LARGEST_DIFFED} bytes differ`, binary: 'Binary files differ' };

const sideOf = (entry: TreeEntry | null): FileSide | null => (entry === null ? null : { mode: entry.mode, oid: entry.oid });

/** `text`, or why a side has none. A gitlink is the line that git shows for it. */
async function contentOf(objects: CatFile, entry: TreeEntry | null): Promise<'missing' | 'large' | 'binary' | { text: string }> {
  if (entry === null) return { text: '' };
  if (entry.type === 'commit') return { text: `Subproject commit ${entry.oid}\n` };
  const info = await objects.info(entry.oid);
  if (info === null) return 'missing';
  if (info.size > LARGEST_DIFFED) return 'large';
  const blob = await objects.read(entry.oid);
  if (blob === null) return 'missing';
  return isBinary(blob.content) ? 'binary' : { text: textOf(blob.content) };
}

/** Git's rule: a NUL among the first 8000 bytes (xdiff-interface.c, buffer_is_binary). */
const isBinary = (content: Buffer): boolean => content.subarray(0, 8000).includes(0);

/** Text that is not UTF-8 is shown as Latin-1, so that every differing byte is a differing character. */
const textOf = (content: Buffer): string => content.toString(isUtf8(content) ? 'utf8' : 'latin1');

type Text = Awaited<ReturnType<typeof contentOf>>;

function compare(before: Text, after: Text): StructuredPatch {
  const [old, now] = [typeof before === 'string' ? '' : before.text, typeof after === 'string' ? '' : after.text];
  const options = { context: CONTEXT, maxEditLength: MOST_EDITS };
  return structuredPatch('', '', old, now, undefined, undefined, options) ?? { ...structuredPatch('', '', '', ''), hunks: [allReplaced(old, now)] };
}

/** A hunk that deletes every old line and adds every new one. */
function allReplaced(before: string, after: string): StructuredPatch['hunks'][number] {
  const [old, now] = [linesOf(before, '-'), linesOf(after, '+')];
  const count = (lines: string[], sign: string): number => lines.filter((line) => line.startsWith(sign)).length;
  return { oldStart: 1, oldLines: count(old, '-'), newStart: 1, newLines: count(now, '+'), lines: [...old, ...now] };
}

function linesOf(text: string, sign: string): string[] {
  const lines = text.split('\n');
  const complete = lines.at(-1) === '';
  if (complete) lines.pop();
  return [...lines.map((line) => sign + line), ...(complete ? [] : ['\\ No newline at end of file'])];
}

const named = (prefix: string, path: Buffer): string => quotePatchPath(Buffer.concat([Buffer.from(prefix), path]));

/** A name with a space ends with a tab, by which patch(1) finds its end. */
function nameLine(sign: string, prefix: string, side: TreeEntry | null, path: Buffer): string {
  const name = side === null ? '/dev/null' : named(prefix, path);
  return `${sign} ${name}${name.includes(' ') ? '\t' : ''}\n`;
}

/** The lines that git puts before the text: names, and modes where they tell something. */
function headerOf(path: Buffer, old: TreeEntry | null, now: TreeEntry | null): string {
  const lines = [`diff --git ${named('a/', path)} ${named('b/', path)}`];
  if (old === null) lines.push(`new file mode ${now?.mode}`);
  else if (now === null) lines.push(`deleted file mode ${old.mode}`);
  else if (old.mode !== now.mode) lines.push(`old mode ${old.mode}`, `new mode ${now.mode}`);
  if (old?.oid !== now?.oid) lines.push(`index ${short(old)}..${short(now)}${old?.mode === now?.mode ? ` ${old?.mode}` : ''}`);
  return lines.map((line) => `${line}\n`).join('');
}

const short = (side: TreeEntry | null): string => side?.oid.slice(0, 12) ?? '0'.repeat(12);
