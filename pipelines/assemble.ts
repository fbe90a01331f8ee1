// Assembles a proposal from needs and templates: the same needs give the same files.
import type { CiSystem, PipelineNeeds, PipelineProblem, PipelineProposal, ProposedFile, Stack } from '../contract/pipeline.ts';
import { PivoError } from '../contract/failures.ts';
import { jobsOf } from './assemble-jobs.ts';
import { dockerfileOf } from './dockerfile.ts';
import { imageName } from './needs-infra.ts';
import { command, nameOf, stackOf } from './needs-project.ts';
import { warning, type NeutralJob, type NeutralPipeline } from './neutral.ts';
import { templatesFor } from './retrieve.ts';
import { STAGES, type PipelineTemplate, type Templates } from './templates.ts';
import { githubFile } from './write-github.ts';
import { gitlabFile } from './write-gitlab.ts';

export interface AssembleOrder {
  needs: PipelineNeeds;
  system: CiSystem;
  templates: Templates;
  /** Contents of the files that are there, by path: of those that `pathsThatMatter` names, and of `.dockerignore` files. */
  existing: ReadonlyMap<string, string>;
  /** What the person asked for, in words; it ranks templates. */
  wish?: string;
  /** Runs of GitHub begin on this branch and on PIVO's; on every branch where it is not known. */
  defaultBranch?: string;
}

/** GitLab has one entry file; GitHub takes any number, so that PIVO's has a name of its own. */
export const CI_FILE: Readonly<Record<CiSystem, string>> = { gitlab: '.gitlab-ci.yml', github: '.github/workflows/pivo.yml' };

/** Files whose present content an order must hold: what a proposal may replace. */
export const pathsThatMatter = (needs: PipelineNeeds, system: CiSystem): string[] => [CI_FILE[system], ...needs.stacks.flatMap(({ folder }) => ['Dockerfile', '.dockerignore'].map((name) => (folder === '' ? name : `${folder}/${name}`)))].filter((path, at, all) => all.indexOf(path) === at);

/** Dockerfiles that one proposal adds. */
const MOST_IMAGES = 8;

/**
 * The proposal, unchecked: validation comes after. Fails with NotFound where no stack was recognised, and with InvalidInput
 * where none of its steps can be run.
 */
export function assemble(order: AssembleOrder): PipelineProposal {
  const { needs, system, existing } = order;
  if (needs.stacks.length === 0) throw new PivoError('NotFound', `no stack was recognised in ${needs.repository}`, { hint: needs.findings.join(' ') });
  const path = CI_FILE[system];
  const chosen = needs.stacks.map((stack) => ({ stack, template: templatesFor(order.templates.pipelines, stack, order.wish)[0] }));
  const images = imagesFor(chosen, existing);
  const parts = [...chosen, ...images.map(({ stack }) => ({ stack, template: order.templates.pipelines.find((each) => each.for.stack === 'docker') }))];
  const { jobs, problems } = jobsOfAll(parts, order, path);
  if (jobs.length === 0) throw new PivoError('InvalidInput', `nothing that a pipeline could run was found in ${needs.repository}`, { hint: needs.findings.join(' ') });
  const templates = [...new Set(parts.flatMap(({ template }) => template?.name ?? []))];
  const pipeline: NeutralPipeline = { stages: STAGES.filter((stage) => jobs.some((job) => job.stage === stage)), jobs, comment: commentOf(needs, templates) };
  const written = system === 'gitlab' ? gitlabFile(pipeline) : githubFile(pipeline, order.defaultBranch ?? null);
  const files: ProposedFile[] = [{ path, content: written.content, existing: existing.get(path) ?? null }, ...images.flatMap((image) => image.files)];
  return { repository: needs.repository, commit: needs.commit, system, files, stages: written.stages, jobs: written.jobs, templates, problems, writtenBy: 'pivo' };
}

interface Chosen {
  stack: Stack;
  template: PipelineTemplate | undefined;
}

/** For each stack that makes a service in a folder without a Dockerfile: the files, and a stack that builds the image. */
function imagesFor(chosen: readonly Chosen[], existing: ReadonlyMap<string, string>): { files: ProposedFile[]; stack: Stack }[] {
  const taken = new Set(chosen.filter(({ stack }) => stack.kind === 'docker').map(({ stack }) => stack.folder));
  const made: { files: ProposedFile[]; stack: Stack }[] = [];
  for (const { stack, template } of chosen) {
    if (template === undefined || taken.has(stack.folder) || made.length >= MOST_IMAGES) continue;
    const files = dockerfileOf(stack, template, (path) => existing.has(path));
    if (files.length === 0 || files.some(({ path }) => existing.has(path))) continue;
    taken.add(stack.folder);
    made.push({ files, stack: { ...stackOf('docker', stack.folder, stack.start?.evidence ?? []), steps: { install: null, lint: null, test: null, build: command(`docker build --tag ${imageName(stack.folder)} .`, ...(stack.start?.evidence ?? [])) } } });
  }
  return made;
}

function jobsOfAll(parts: readonly Chosen[], order: AssembleOrder, path: string): { jobs: NeutralJob[]; problems: PipelineProblem[] } {
  const slugs = slugsOf(parts.map(({ stack }) => stack));
  const byFolder = new Set(parts.map(({ stack }) => stack.folder)).size > 1;
  const jobs: NeutralJob[] = [];
  const problems: PipelineProblem[] = [];
  for (const [at, { stack, template }] of parts.entries()) {
    if (template === undefined) {
      problems.push(warning('references', path, `there is no template for ${stack.kind}${stack.manager === null ? '' : ` with ${stack.manager}`} (${stack.folder === '' ? 'the root' : stack.folder})`));
      continue;
    }
    const made = jobsOf({ stack, template, services: order.templates.services, slug: slugs[at] ?? '', byFolder, path });
    jobs.push(...made.jobs.map((job) => ({ ...job, needs: job.needs.length > 0 || stack.kind !== 'docker' ? job.needs : before(parts, slugs, stack, jobs) })));
    problems.push(...made.problems);
  }
  return { jobs, problems };
}

/** An image is made when the jobs of its own folder have passed: the last of each stack there. */
function before(parts: readonly Chosen[], slugs: readonly string[], image: Stack, jobs: readonly NeutralJob[]): string[] {
  const beside = parts.flatMap(({ stack }, at) => (stack.folder === image.folder && stack.kind !== 'docker' ? [slugs[at] ?? ''] : []));
  return beside.flatMap((slug) => jobs.filter(({ name, stage }) => stage !== 'package' && (slug === '' || name.startsWith(`${slug}-`))).slice(-1).map(({ name }) => name));
}

/** Names of stacks as job names begin: one stack needs none, nor does an image beside it. */
function slugsOf(stacks: readonly Stack[]): string[] {
  if (stacks.filter(({ kind }) => kind !== 'docker').length <= 1 && stacks.filter(({ kind }) => kind === 'docker').length <= 1) return stacks.map(() => '');
  const seen = new Set<string>();
  return stacks.map((stack) => {
    const base = (stack.folder === '' ? stack.kind : nameOf(stack.folder)).toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '').slice(0, 40);
    const named = /^[a-z]/.test(base) ? base : `${stack.kind}${base === '' ? '' : `-${base}`}`;
    const both = stacks.some((other) => other !== stack && other.folder === stack.folder) && stack.folder !== '' ? `${named}-${stack.kind}` : named;
    let slug = both;
    for (let at = 2; seen.has(slug); at++) slug = `${both}-${at}`;
    seen.add(slug);
    return slug;
  });
}

const commentOf = ({ commit }: PipelineNeeds, templates: readonly string[]): string => ` Proposed by PIVO for commit ${commit.slice(0, 12)}.\n Templates: ${templates.join(', ')}. The images are pinned by exact version tags; pin them by digest where a registry is at hand.`;
