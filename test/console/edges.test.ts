// The lines of a drawing of jobs.
import { expect, it } from 'vitest';
import { edgePath, edgesOf } from '../../apps/console/parts/pipeline-edges.ts';

const job = (name: string, ...needs: string[]): { name: string; needs: string[] } => ({ name, needs });
const said = (...jobs: ReturnType<typeof job>[]): string[] => edgesOf(jobs).map(({ from, to }) => `${from}-${to}`);

it('lead from a job to those that wait for it, and say nothing twice', () => {
  expect(said(job('changes'), job('lint', 'changes'), job('test', 'changes', 'lint'), job('image', 'changes', 'test'))).toEqual(['changes-lint', 'lint-test', 'test-image']);
});

it('end where a job needs one that is not there, or jobs that need each other', () => {
  expect(said(job('a', 'gone'), job('b', 'c'), job('c', 'b'))).toEqual(['c-b', 'b-c']);
});

it('go across to a later column, and along the margin within one', () => {
  const box = (left: number, top: number): Parameters<typeof edgePath>[0] => ({ left, right: left + 100, top, bottom: top + 20 });
  expect(edgePath(box(0, 0), box(150, 40), 0)).toBe('M100 10 C125 10 125 50 150 50');
  expect(edgePath(box(30, 0), box(30, 40), 0)).toBe('M30 10 H28 Q25 10 25 13 V47 Q25 50 28 50 H30');
});
