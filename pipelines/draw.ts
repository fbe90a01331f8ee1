// Stages and jobs of a CI file that somebody else wrote, for a drawing: what cannot be read is left as it was drawn before.
import { parse } from 'yaml';
import type { DrawnJob, PipelineProposal } from '../contract/pipeline.ts';
import { CI_FILE } from './assemble.ts';

type Drawing = Pick<PipelineProposal, 'stages' | 'jobs'>;

/** What the system's own file says; the given drawing where it cannot be read. */
export function drawn({ system, files, stages, jobs }: Pick<PipelineProposal, 'system' | 'files' | 'stages' | 'jobs'>): Drawing {
  const content = files.find(({ path }) => path === CI_FILE[system])?.content ?? '';
  try {
    const root = objectOf(parse(content));
    const found = system === 'gitlab' ? gitlabJobs(root) : githubJobs(root, jobs);
    const named = textsOf(root['stages']);
    return found.length === 0 ? { stages, jobs } : { stages: named.length > 0 ? named : stages, jobs: found };
  } catch {
    return { stages, jobs };
  }
}

const objectOf = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {});
const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).filter((each) => typeof each === 'string');

/** `image: name` or `image: {name: …}`. */
const imageOf = (value: unknown, key: string): string | null => (typeof value === 'string' ? value : (textsOf(objectOf(value)[key])[0] ?? null));

function gitlabJobs(root: Record<string, unknown>): DrawnJob[] {
  return Object.entries(root).flatMap(([name, value]) => {
    const job = objectOf(value);
    if (name.startsWith('.') || !('script' in job)) return [];
    const needs = (Array.isArray(job['needs']) ? job['needs'] : []).flatMap((need) => imageOf(need, 'job') ?? []);
    return [{ name, stage: textsOf(job['stage'])[0] ?? 'test', needs, image: imageOf(job['image'], 'name'), script: textsOf(job['script']) }];
  });
}

/** GitHub has no stages: a job keeps the one that it was drawn in. */
function githubJobs(root: Record<string, unknown>, before: readonly DrawnJob[]): DrawnJob[] {
  return Object.entries(objectOf(root['jobs'])).map(([name, value]) => {
    const job = objectOf(value);
    const steps = Array.isArray(job['steps']) ? job['steps'].map(objectOf) : [];
    return { name, stage: before.find((each) => each.name === name)?.stage ?? 'test', needs: textsOf(job['needs']), image: imageOf(job['container'], 'image'), script: steps.flatMap((step) => textsOf(step['run']).flatMap((run) => run.split('\n'))) };
  });
}
