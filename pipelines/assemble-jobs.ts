// The jobs of one stack, from its template: what the template knows of the stack's kind, and what the repository shows.
import type { PipelineProblem, Stack } from '../contract/pipeline.ts';
import { quotePath } from '../shell/quote.ts';
import { imageFor } from './assemble-image.ts';
import { isPlainPath, warning, type NeutralJob, type NeutralService } from './neutral.ts';
import { STAGES, type PipelineTemplate, type Templates } from './templates.ts';

export interface StackJobs {
  jobs: NeutralJob[];
  problems: PipelineProblem[];
}

export interface JobsOrder {
  stack: Stack;
  template: PipelineTemplate;
  services: Templates['services'];
  /** Before the names of its jobs; empty where there is one stack only. */
  slug: string;
  /** Jobs of a stack of one folder run only where something below it changed. */
  byFolder: boolean;
  /** The file that is written: problems are about it. */
  path: string;
}

/** Jobs in the order of their stages, each after those of the stage before; a step that the repository does not show has none. */
export function jobsOf(order: JobsOrder): StackJobs {
  const { stack, template, path } = order;
  const shown = template.jobs.filter(({ step }) => stack.steps[step] !== null).sort((a, b) => STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage));
  const services = servicesOf(stack, order.services);
  const picked = template.image === null ? null : imageFor(template.image, stack.version);
  const jobs: NeutralJob[] = [];
  for (const { step, name = step, stage, artifacts } of shown) {
    jobs.push({
      name: order.slug === '' ? name : `${order.slug}-${name}`, stage, needs: jobs.slice(-1).map((job) => job.name),
      image: picked?.image ?? null, entrypoint: template.entrypoint, variables: template.variables, services: step === 'test' ? services.services : [],
      script: scriptOf(stack, template, step), cache: cacheOf(stack, template, order.slug),
      artifacts: step === 'build' && isPlainPath(stack.folder) ? artifacts.map((each) => (stack.folder === '' ? each : `${stack.folder}/${each}`)) : [],
      folder: order.byFolder && stack.folder !== '' ? stack.folder : null,
    });
  }
  const unfit = picked?.fits === false ? [warning('images', path, `no image for version ${stack.version} of ${stack.kind} is known: ${picked.image} is taken`)] : [];
  return { jobs, problems: [...unfit, ...services.problems.map((message) => warning('images', path, message))] };
}

/** Variables first, then what the template prepares, then the stack's folder and what the repository shows. */
function scriptOf(stack: Stack, template: PipelineTemplate, step: 'lint' | 'test' | 'build'): string[] {
  const exports = Object.entries(template.exports).map(([name, value]) => `export ${name}="${value.replaceAll('{{root}}', '$PWD')}"`);
  const folder = stack.folder === '' ? [] : [`cd ${quotePath(stack.folder)}`];
  return [...exports, ...setupOf(stack, template), ...folder, ...linesOf(stack.steps.install), ...linesOf(stack.steps[step])];
}

export const linesOf = (command: { run: string } | null): string[] => command?.run.split('\n') ?? [];

/** What the template prepares; a line for a version that nobody knows is left out. */
export function setupOf({ managerVersion }: Stack, template: PipelineTemplate): string[] {
  const version = managerVersion ?? template.managerVersion;
  return template.setup.filter((line) => version !== undefined || !line.includes('{{managerVersion}}')).map((line) => line.replaceAll('{{managerVersion}}', version ?? ''));
}

function cacheOf(stack: Stack, { cache, name }: PipelineTemplate, slug: string): NeutralJob['cache'] {
  if (cache.length === 0) return null;
  const lockfile = stack.lockfile !== null && isPlainPath(stack.folder) ? (stack.folder === '' ? stack.lockfile : `${stack.folder}/${stack.lockfile}`) : null;
  return { paths: cache, key: slug === '' ? name : `${name}-${slug}`, lockfile };
}

/** A service's own image where its tag is exact; else the known one of its version. */
function servicesOf(stack: Stack, known: Templates['services']): { services: NeutralService[]; problems: string[] } {
  const problems: string[] = [];
  const services = stack.services.flatMap(({ name, image }) => {
    const [, kind = '', tag = ''] = /([a-z0-9-]+)(?::([^/@]*))?(?:@[^/]*)?$/.exec(image) ?? [];
    const template = known[kind];
    if (template === undefined) {
      problems.push(`service ${name} is left out: no exact image for it is known`);
      return [];
    }
    const exact = /^[\w./-]+:[\w.-]*\d+\.\d+[\w.-]*(?:@sha256:[0-9a-f]{64})?$/.test(image);
    const picked = exact ? { image, fits: true } : imageFor(template.image, /^\d+(?:\.\d+)*/.exec(tag)?.[0] ?? null);
    if (!picked.fits) problems.push(`no exact image for version ${tag} of service ${name} is known: ${picked.image} is taken`);
    return [{ name, image: picked.image, variables: template.variables }];
  });
  return { services, problems };
}
