// The files of a proposal: a new one whole, one that replaces another as the difference, each with what the checks say of it.
import { OMIT_HEADERS, formatPatch, structuredPatch } from 'diff';
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { PipelineProblem, ProposedFile } from '../../../contract/pipeline.ts';
import { count, shown } from '../format.ts';
import CodeView from './code-view.tsx';
import { lazyPart } from './lazy.tsx';
import { Badge } from './words.tsx';

const DiffView = lazyPart(() => import('./diff-view.tsx'), 10);

export function PipelineFiles({ files, problems }: { files: readonly ProposedFile[]; problems: readonly PipelineProblem[] }): JSX.Element {
  return <div class="files">{files.map((file) => <File key={file.path} file={file} problems={problems.filter(({ path }) => path === file.path)} />)}</div>;
}

function File({ file: { path, content, existing }, problems }: { file: ProposedFile; problems: readonly PipelineProblem[] }): JSX.Element {
  const [whole, setWhole] = useState(existing === null);
  const same = existing === content;
  const marked = useMemo(() => markedLines(problems), [problems]);
  const choice = (label: string, value: boolean): JSX.Element => <button type="button" aria-pressed={whole === value} onClick={() => setWhole(value)}>{label}</button>;
  return (
    <details class="file" open={!same}>
      <summary class="row apart">
        <span class="row"><strong class="break">{shown(path)}</strong> {same ? <Badge tone="plain">as it is</Badge> : existing === null ? <Badge tone="good">new</Badge> : <Badge tone="warn">replaces what is there</Badge>}</span>
        {problems.length > 0 && <span class="quiet small">{count(problems.length)} to look at</span>}
      </summary>
      {existing !== null && !same && <div class="row view" role="group" aria-label={`View of ${path}`}>{choice('Difference', false)}{choice('Whole file', true)}</div>}
      {whole || same || existing === null ? <CodeView path={path} text={content} marked={marked} /> : <Change path={path} existing={existing} content={content} />}
    </details>
  );
}

function markedLines(problems: readonly PipelineProblem[]): Map<number, PipelineProblem['severity']> {
  const marked = new Map<number, PipelineProblem['severity']>();
  for (const { line, severity } of problems) if (line !== null && marked.get(line) !== 'error') marked.set(line, severity);
  return marked;
}

function Change({ path, existing, content }: { path: string; existing: string; content: string }): JSX.Element {
  const file = useMemo(() => {
    const patch = structuredPatch('file', 'file', existing, content);
    const lines = patch.hunks.flatMap((hunk) => hunk.lines);
    const of = (sign: string): number => lines.filter((line) => line.startsWith(sign)).length;
    return { status: 'M' as const, path, kind: 'text' as const, added: of('+'), deleted: of('-'), patch: `--- a/file\n+++ b/file\n${formatPatch(patch, OMIT_HEADERS)}` };
  }, [path, existing, content]);
  return <DiffView files={[file]} split={false} />;
}
