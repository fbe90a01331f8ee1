// Stages and jobs of a pipeline as a drawing: a column for each stage, a line from each job to those that wait for it, the state of each while it runs.
import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { DrawnJob, PipelineProposal, WatchedJob, WatchedPipeline } from '../../../contract/pipeline.ts';
import { duration, shown } from '../format.ts';
import { Elsewhere } from './elsewhere.tsx';
import { edgePath, edgesOf, type Box, type Edge } from './pipeline-edges.ts';
import { State } from './words.tsx';

interface JobBox extends Pick<DrawnJob, 'name' | 'stage' | 'needs' | 'image'> {
  watched: WatchedJob | null;
}

type Drawn = Pick<PipelineProposal, 'stages' | 'jobs' | 'system'>;

export function PipelineDrawing({ of, run }: { of: Drawn; run: WatchedPipeline | null }): JSX.Element {
  const root = useRef<HTMLDivElement>(null);
  const boxes = boxesOf(of, run);
  const edges = edgesOf(boxes);
  const paths = usePaths(root, edges);
  return (
    <div class="drawing-scroll" role="region" aria-label="Stages and jobs" tabIndex={0}>
      <div class="drawing" ref={root}>
        <svg aria-hidden="true">{edges.map(({ from, to }, i) => <path key={`${from} ${to}`} class={boxes.find(({ name }) => name === from)?.watched?.state ?? ''} d={paths[i] ?? ''} />)}</svg>
        <ol class={of.system === 'gitlab' ? 'stages in-order' : 'stages'}>
          {stagesOf(of, boxes).map((stage) => (
            <li key={stage}>
              <h3>{shown(stage)}</h3>
              <ul>{boxes.filter((each) => each.stage === stage).map((each) => <Job key={each.name} of={each} />)}</ul>
            </li>
          ))}
        </ol>
      </div>
    </div>
  );
}

function Job({ of: { name, needs, image, watched } }: { of: JobBox }): JSX.Element {
  return (
    <li class={`job ${watched?.state ?? ''}`} data-job={name}>
      <span class="row apart"><strong class="break">{shown(name)}</strong>{watched !== null && <State of={watched.state} />}</span>
      {image !== null && <span class="quiet small break">{shown(image)}</span>}
      {needs.length > 0 && <span class="quiet small break">after {needs.map(shown).join(', ')}</span>}
      {watched !== null && <span class="row apart small"><span class="quiet">{watched.seconds === null ? '' : duration(watched.seconds)}</span><Elsewhere href={watched.url} label={`Open job ${name} on the forge`}>Open</Elsewhere></span>}
    </li>
  );
}

/** The drawn jobs with the state that the run has of each, then those that only the run has: of a matrix, or of another workflow. */
function boxesOf({ jobs }: Drawn, run: WatchedPipeline | null): JobBox[] {
  const left = [...(run?.jobs ?? [])];
  const drawn = jobs.map(({ name, stage, needs, image }) => {
    const at = left.findIndex((each) => each.name === name);
    return { name, stage, needs, image, watched: at === -1 ? null : (left.splice(at, 1)[0] ?? null) };
  });
  return [...drawn, ...left.map((watched) => ({ name: watched.name, stage: watched.stage, needs: [], image: null, watched }))];
}

const stagesOf = ({ stages }: Drawn, boxes: readonly JobBox[]): string[] => [...new Set([...stages, ...boxes.map(({ stage }) => stage)])].filter((stage) => boxes.some((each) => each.stage === stage));

/** Where the lines go, measured anew when the drawing changes its size. */
function usePaths(root: { current: HTMLDivElement | null }, edges: readonly Edge[]): string[] {
  const [paths, setPaths] = useState<string[]>([]);
  const key = JSON.stringify(edges.map(({ from, to }) => [from, to]));
  useLayoutEffect(() => {
    const drawing = root.current;
    if (drawing === null) return undefined;
    const measure = (): void => {
      const boxes = new Map([...drawing.querySelectorAll<HTMLElement>('[data-job]')].map((job) => [job.dataset['job'] ?? '', boxOf(job, drawing)]));
      const ends = edges.map(({ from, to }) => [boxes.get(from), boxes.get(to)] as const);
      setPaths(ends.map(([from, to], i) => (from === undefined || to === undefined ? '' : edgePath(from, to, i))));
    };
    const watcher = new ResizeObserver(measure);
    watcher.observe(drawing);
    measure();
    return () => watcher.disconnect();
  }, [key]);
  return paths;
}

function boxOf(job: HTMLElement, drawing: HTMLElement): Box {
  const [inner, outer] = [job.getBoundingClientRect(), drawing.getBoundingClientRect()];
  return { left: inner.left - outer.left, right: inner.right - outer.left, top: inner.top - outer.top, bottom: inner.bottom - outer.top };
}
