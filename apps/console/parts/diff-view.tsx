// Differences of files, unified or side by side: diff2html reads the patch, every character is shown as text.
import { parse } from 'diff2html/lib-esm/diff-parser.js';
import type { DiffBlock, DiffLine } from 'diff2html/lib-esm/types.js';
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { Difference } from '../../../operations/diff.ts';
import { count, many, shown } from '../format.ts';
import { Badge } from './words.tsx';

export interface DiffViewProps {
  files: readonly Pick<Difference['files'][number], 'status' | 'path' | 'kind' | 'added' | 'deleted' | 'patch'>[];
  split: boolean;
}

/** Files that are shown at first, and lines of one that are open without asking. */
const [FILES, LINES] = [50, 1500];

const WORDS = { A: ['added', 'good'], D: ['deleted', 'bad'], M: ['changed', 'plain'], T: ['type changed', 'warn'] } as const;

export default function DiffView({ files, split }: DiffViewProps): JSX.Element {
  const [most, setMost] = useState(FILES);
  return (
    <div class={`diff code${split ? ' split' : ''}`}>
      {files.slice(0, most).map((file) => <FileDiff key={file.path} file={file} split={split} />)}
      {files.length > most && <p class="pad"><button type="button" onClick={() => setMost(most + FILES * 4)}>Show more of {many(files.length, 'file')}</button></p>}
    </div>
  );
}

function FileDiff({ file, split }: { file: DiffViewProps['files'][number]; split: boolean }): JSX.Element {
  const long = (file.added ?? 0) + (file.deleted ?? 0) > LINES;
  const [open, setOpen] = useState(!long);
  const [word, tone] = WORDS[file.status];
  return (
    <details class="diff-file" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span class="row"><Badge tone={tone}>{word}</Badge><strong class="break">{shown(file.path)}</strong></span>
        {file.added !== null && <span class="quiet">+{count(file.added)} −{count(file.deleted ?? 0)}</span>}
      </summary>
      {open && (file.kind === 'text' ? <Blocks patch={file.patch} split={split} label={file.path} /> : <p class="pad quiet">{NO_TEXT[file.kind]}</p>)}
    </details>
  );
}

const NO_TEXT = { binary: 'Binary: it is not shown.', large: 'Too large to be compared here: `pivo diff` shows it.', missing: 'The archive lacks one side: the origin did not have it.' };

function Blocks({ patch, split, label }: { patch: string; split: boolean; label: string }): JSX.Element {
  const blocks = useMemo(() => parse(patch, { matching: 'none' } as never)[0]?.blocks ?? [], [patch]);
  if (blocks.length === 0) return <p class="pad quiet">Only its mode or type changed.</p>;
  return (
    <div class="scroll" role="region" aria-label={`Changes of ${label}`} tabIndex={0}>
      <table>
        {split && <colgroup><col class="ln" /><col /><col class="ln" /><col /></colgroup>}
        <tbody>{blocks.map((block, i) => (split ? <Split key={i} block={block} /> : <Unified key={i} block={block} />))}</tbody>
      </table>
    </div>
  );
}

const textOf = (line: DiffLine | undefined): string => shown(line?.content.slice(1) ?? '');
const toneOf = (line: DiffLine | undefined): string => (line === undefined ? 'none' : line.type === 'insert' ? 'ins' : line.type === 'delete' ? 'del' : '');
const markOf = (line: DiffLine | undefined): string => ({ ins: '+', del: '−' })[toneOf(line)] ?? '';

function Unified({ block }: { block: DiffBlock }): JSX.Element {
  return (
    <>
      <tr class="hunk"><td colSpan={4}>{shown(block.header)}</td></tr>
      {block.lines.map((line, i) => (
        <tr key={i} class={toneOf(line)}><td class="ln">{line.oldNumber}</td><td class="ln">{line.newNumber}</td><td class="mark">{markOf(line)}</td><td class="text">{textOf(line)}</td></tr>
      ))}
    </>
  );
}

/** Deleted lines stand beside those that took their place. */
function pairs(lines: readonly DiffLine[]): [DiffLine | undefined, DiffLine | undefined][] {
  const found: [DiffLine | undefined, DiffLine | undefined][] = [];
  let [deleted, inserted]: [DiffLine[], DiffLine[]] = [[], []];
  const flush = (): void => {
    for (let i = 0; i < Math.max(deleted.length, inserted.length); i++) found.push([deleted[i], inserted[i]]);
    [deleted, inserted] = [[], []];
  };
  for (const line of lines) {
    if (line.type === 'delete') {
      if (inserted.length > 0) flush();
      deleted.push(line);
    } else if (line.type === 'insert') inserted.push(line);
    else {
      flush();
      found.push([line, line]);
    }
  }
  flush();
  return found;
}

function Split({ block }: { block: DiffBlock }): JSX.Element {
  return (
    <>
      <tr class="hunk"><td colSpan={4}>{shown(block.header)}</td></tr>
      {pairs(block.lines).map(([old, now], i) => (
        <tr key={i}>
          <td class={`ln ${toneOf(old)}`}>{old?.oldNumber}</td><td class={`text ${toneOf(old)}`}><span class="unseen">{markOf(old)}</span>{textOf(old)}</td>
          <td class={`ln ${toneOf(now)}`}>{now?.newNumber}</td><td class={`text ${toneOf(now)}`}><span class="unseen">{markOf(now)}</span>{textOf(now)}</td>
        </tr>
      ))}
    </>
  );
}
