// Proposals of thirty repositories for both systems: valid, quoted, exact, and their commands really run.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PipelineProposal, proposalHash, type CiSystem } from '../../contract/pipeline.ts';
import { assemble, CI_FILE, pathsThatMatter } from '../../pipelines/assemble.ts';
import { imageFor } from '../../pipelines/assemble-image.ts';
import { loadTemplates } from '../../pipelines/templates.ts';
import { REPOSITORIES, type FixtureRepository } from '../fixtures/pipelines-repositories.ts';
import { needsOfFiles, proposalOf } from '../harness/pipeline-needs.ts';

const run = promisify(execFile);
const SYSTEMS: readonly CiSystem[] = ['gitlab', 'github'];
let scratch = '';
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'pivo-pipelines-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

const fixture = (name: string): FixtureRepository => REPOSITORIES.find((each) => each.name === name) ?? { name, files: {}, stacks: [] };
const proposal = (name: string, system: CiSystem): Promise<PipelineProposal> => proposalOf(name, fixture(name).files, system);
const content = ({ files }: PipelineProposal, path: string): string => files.find((file) => file.path === path)?.content ?? '';
const EXACT_IMAGE = /^[\w./-]+:[\w.-]*\d+\.\d+[\w.-]*$/;

/** Lays the files out in a folder of its own. */
async function layOut(name: string, files: FixtureRepository['files']): Promise<string> {
  const folder = await mkdtemp(join(scratch, `${name}-`));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

interface GitlabJob { stage: string; image: string | { name: string }; services?: { name: string }[]; needs: string[]; script: string[]; rules?: { changes: string[] }[] }
interface GithubJob { needs?: string[]; if?: string; container?: string; services?: Record<string, { image: string }>; steps: { uses?: string; run?: string }[] }

describe.each(REPOSITORIES)('$name', ({ name, files }) => {
  it('has a GitLab pipeline whose stages, needs and images are there', async () => {
    const made = await proposal(name, 'gitlab');
    const { stages, workflow: _workflow, default: _default, ...jobs } = parse(content(made, CI_FILE.gitlab)) as { stages: string[]; workflow: unknown; default: unknown } & Record<string, GitlabJob>;
    expect(Object.keys(jobs)).toEqual(made.jobs.map((job) => job.name));
    for (const [job, { stage, image, services = [], needs, script }] of Object.entries(jobs)) {
      expect(stages, job).toContain(stage);
      expect(script.length).toBeGreaterThan(0);
      for (const each of [typeof image === 'string' ? image : image.name, ...services.map((service) => service.name)]) expect(each).toMatch(EXACT_IMAGE);
      for (const need of needs) expect(stages.indexOf(jobs[need]?.stage ?? ''), `${job} after ${need}`).toBeLessThan(stages.indexOf(stage));
      for (const need of needs) expect(stages).toContain(jobs[need]?.stage);
    }
  });

  it('has a GitHub workflow whose needs, images and actions are there', async () => {
    const made = await proposal(name, 'github');
    const { jobs, permissions } = parse(content(made, CI_FILE.github)) as { jobs: Record<string, GithubJob>; permissions: unknown };
    expect(permissions).toEqual({ contents: 'read' });
    expect(Object.keys(jobs)).toEqual(made.jobs.map((job) => job.name));
    for (const [job, { needs = [], container, services = {}, steps }] of Object.entries(jobs)) {
      expect(job).toMatch(/^[a-z][a-z0-9-]*$/);
      for (const need of needs) expect(Object.keys(jobs).indexOf(need), `${job} after ${need}`).toBeGreaterThanOrEqual(0);
      for (const image of [...(container === undefined ? [] : [container]), ...Object.values(services).map((service) => service.image)]) expect(image).toMatch(EXACT_IMAGE);
      for (const { uses } of steps) if (uses !== undefined) expect(uses).toMatch(/^actions\/[\w-]+@v\d+\.\d+\.\d+$/);
      expect(steps.filter((step) => step.run !== undefined)).toHaveLength(1);
    }
  });

  it.each(SYSTEMS)('has scripts for %s that a shell can read, and a proposal as the contract has it', async (system) => {
    const made = await proposal(name, system);
    expect(PipelineProposal.parse(made)).toEqual(made);
    expect(made.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    for (const { script } of made.jobs) await run('bash', ['-n', '-c', script.join('\n')]);
    for (const { content: text } of made.files) expect(text).not.toMatch(/:latest|&a\d|undefined|\[object|\{\{(?! *['a-z]+)/);
  });

  it('has the same files whatever the order of the repository\'s', async () => {
    const again = await proposalOf(name, Object.fromEntries(Object.entries(files).reverse()), 'gitlab');
    expect(proposalHash(again)).toBe(proposalHash(await proposal(name, 'gitlab')));
  });
});

describe('files that exist', () => {
  it('are shown with what is in them, and only those that are replaced', async () => {
    const made = await proposal('spark-python', 'gitlab');
    expect(made.files.map(({ path, existing }) => [path, existing])).toEqual([['.gitlab-ci.yml', fixture('spark-python').files['.gitlab-ci.yml']]]);
    expect((await proposal('monorepo', 'github')).files.map(({ path, existing }) => [path, existing])).toEqual([['.github/workflows/pivo.yml', null]]);
  });

  it('are named before they are read', async () => {
    expect(pathsThatMatter(await needsOfFiles('monorepo', fixture('monorepo').files), 'gitlab')).toEqual(['.gitlab-ci.yml', 'Dockerfile', '.dockerignore', 'api/Dockerfile', 'api/.dockerignore', 'jobs/Dockerfile', 'jobs/.dockerignore', 'ops/Dockerfile', 'ops/.dockerignore', 'web/Dockerfile', 'web/.dockerignore']);
  });
});

describe('a Dockerfile', () => {
  it.each(['node-express-service', 'python-uv-fastapi', 'python-django', 'go-service', 'dotnet-solution'])('of %s is made in stages, with exact images and another user than root', async (name) => {
    const made = await proposal(name, 'gitlab');
    const lines = content(made, 'Dockerfile').trimEnd().split('\n');
    const images = lines.filter((line) => line.startsWith('FROM ')).map((line) => line.split(' ')[1] ?? '');
    expect(images).toHaveLength(2);
    for (const image of images) expect(image).toMatch(/:[\w.-]*\d+\.\d+[\w.-]*$|:bookworm-\d{8}-slim$/);
    expect(lines.find((line) => line.startsWith('USER '))).toMatch(/^USER [1-9]\d*$/);
    expect(lines.at(-1)).toMatch(/^CMD \[".*"\]$/);
    expect(made.jobs.at(-1)).toMatchObject({ name: 'container', stage: 'package', script: ['docker build --tag app:ci .'] });
  });

  it('is left alone where there is one, and where nothing is served', async () => {
    expect((await proposal('monorepo', 'gitlab')).files).toHaveLength(1);
    expect((await proposal('go-module', 'gitlab')).files).toHaveLength(1);
  });
});

describe('images', () => {
  const images = { repository: 'x', default: '3.12', suffix: '-b', versions: { '3.9': '3.9.1', '3.10': '3.10.2', '3.12': '3.12.3' } };
  it.each([[null, '3.12.3', true], ['>=3.9', '3.12.3', true], ['3.10', '3.10.2', true], ['3.10.7', '3.10.2', true], ['3', '3.12.3', true], ['3.11', '3.12.3', false], ['4', '3.12.3', false], ['>=4', '3.12.3', false]])('for %s', (asked, tag, fits) => {
    expect(imageFor(images, asked)).toEqual({ image: `x:${tag}-b`, fits });
  });

  it('that fit no version are said aloud', async () => {
    const made = await proposalOf('future', { 'package.json': '{ "scripts": { "test": "true" }, "engines": { "node": "99" } }' }, 'gitlab');
    expect(made.problems).toEqual([{ check: 'images', severity: 'warning', path: '.gitlab-ci.yml', line: null, message: 'no image for version 99 of node is known: node:24.14.0-bookworm is taken' }]);
  });
});

describe('services', () => {
  it('run beside the tests, exact, and start without a secret', async () => {
    const { test, lint } = parse(content(await proposal('node-express-service', 'gitlab'), '.gitlab-ci.yml')) as Record<'test' | 'lint', { services?: unknown; variables: Record<string, string> }>;
    expect(test.services).toEqual([{ name: 'postgres:15.10', alias: 'db' }, { name: 'redis:7.2.4-alpine', alias: 'cache' }]);
    expect(test.variables).toMatchObject({ POSTGRES_HOST_AUTH_METHOD: 'trust' });
    expect(lint.services).toBeUndefined();
  });
});

describe('a monorepo', () => {
  it('of GitLab runs the jobs of a folder where it changed', async () => {
    const jobs = parse(content(await proposal('monorepo', 'gitlab'), '.gitlab-ci.yml')) as Record<string, GitlabJob>;
    expect(jobs['api-test']?.rules).toEqual([{ changes: ['api/**/*', '.gitlab-ci.yml'] }]);
    expect(jobs['docker-container']?.rules).toBeUndefined();
  });

  it('of GitHub tells by git which folders changed: those of the push, or all where that is not known', async () => {
    const made = await proposal('monorepo', 'github');
    const folder = await layOut('changes', fixture('monorepo').files);
    const git = async (...args: string[]): Promise<string> => (await run('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: folder })).stdout.trim();
    await git('init', '-q');
    await git('add', '-A');
    await git('commit', '-qm', 'one');
    const base = await git('rev-parse', 'HEAD');
    await writeFile(join(folder, 'api/sum.go'), 'package sum\n');
    await git('commit', '-qam', 'two');
    const script = made.jobs[0]?.script.join('\n') ?? '';
    const changed = async (from: string): Promise<string> => {
      const output = join(await mkdtemp(join(scratch, 'output-')), 'out');
      await run('bash', ['-e', '-c', script], { cwd: folder, env: { ...process.env, BASE: from, GITHUB_OUTPUT: output } });
      return (await run('cat', [output])).stdout;
    };
    expect(await changed(base)).toBe('part_1=true\n');
    expect(await changed('0000000000000000000000000000000000000000')).toBe('part_1=true\npart_2=true\npart_3=true\npart_4=true\n');
    expect(await changed('')).toBe('part_1=true\npart_2=true\npart_3=true\npart_4=true\n');
  });
});

describe('a hostile repository', () => {
  it.each(SYSTEMS)('changes nothing of what %s does', async (system) => {
    const made = await proposal('hostile', system);
    const text = made.files.map((file) => file.content).join('\n');
    expect(text).not.toMatch(/evil|CI_JOB_TOKEN|GITHUB_TOKEN|curl/);
    expect(made.files.map(({ path }) => path)).toEqual([CI_FILE[system]]);
  });

  it('is no expression of GitHub', async () => {
    const text = content(await proposal('hostile', 'github'), CI_FILE.github);
    const expressions = [...text.matchAll(/\$\{\{(.*?)\}\}/g)].map(([, inner = '']) => inner.trim());
    expect([...new Set(expressions)].filter((inner) => !/^(?:github\.(?:workflow|ref)|steps\.diff\.outputs\.part_\d+|github\.event\.pull_request\.base\.sha \|\| github\.event\.before|runner\.os|'\$\{\{'|hashFiles\('[^']*'\))$/.test(inner))).toEqual([]);
  });
});

/** The scripts of a proposal without what needs a network or belongs to the image: variables with folders, packages of the system, tools. */
const ownLines = (script: readonly string[]): string[] => script.filter((line) => !/^(?:export |apt-get |rustup |python -m pip install poetry|npm install --global)/.test(line));

/** Whether a program is there and works: a version manager's stand-in without a version is on PATH, and runs nothing. */
const works = (program: string): Promise<boolean> => run(program, [program === 'go' ? 'version' : '--version']).then(() => true, () => false);
const runnable = await Promise.all(REPOSITORIES.flatMap(({ tools, ...repository }) => (tools === undefined ? [] : [{ ...repository, tools }])).map(async (repository) => ({ ...repository, there: (await Promise.all(repository.tools.map(works))).every(Boolean) })));

describe('the jobs really run and pass', () => {
  for (const { name, files, tools, there } of runnable) {
    it.skipIf(!there)(`${name}, with ${tools.join(' and ')}`, async ({ skip }) => {
      const made = await proposal(name, 'gitlab');
      // version managers of the machine would obey these files; in a job there are none
      const folder = await layOut(name, Object.fromEntries(Object.entries(files).filter(([path]) => !path.endsWith('.python-version'))));
      const jobs = made.jobs.filter((job) => job.stage !== 'package');
      expect(jobs.length).toBeGreaterThan(0);
      for (const { name: job, script } of jobs) {
        const failed = await run('bash', ['-e', '-c', ownLines(script).join('\n')], { cwd: folder, maxBuffer: 2 ** 24 }).then(() => null, (error: { stdout: string; stderr: string }) => `${error.stdout}\n${error.stderr}`);
        if (failed !== null && /Could not transfer artifact|Unknown host|registry\.terraform\.io/.test(failed)) skip(`${tools.join(' and ')} needs its registry, which cannot be reached`);
        expect(failed, job).toBeNull();
      }
    });
  }
});

describe('an order that nothing can be made of', () => {
  it('fails with the reason', async () => {
    const templates = await loadTemplates();
    const order = async (files: Record<string, string>): Promise<PipelineProposal> => assemble({ needs: await needsOfFiles('none', files), system: 'gitlab', templates, existing: new Map() });
    await expect(order({ 'README.md': '# none\n' })).rejects.toMatchObject({ kind: 'NotFound' });
    await expect(order({ 'package.json': '{ "name": "bare" }' })).rejects.toMatchObject({ kind: 'InvalidInput' });
  });
});
