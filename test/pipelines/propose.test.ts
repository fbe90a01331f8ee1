// From the files of a commit to what a person is shown: nothing that was left out is left unsaid.
import { expect, it } from 'vitest';
import type { PipelineProposal } from '../../contract/pipeline.ts';
import { CI_FILE } from '../../pipelines/assemble.ts';
import { propose } from '../../pipelines/propose.ts';
import { COMMIT } from '../harness/pipeline-needs.ts';

const PACKAGE = JSON.stringify({ scripts: { test: 'node --test', start: 'node server.js' } });

/** `writer`: a model that answers with this CI file. No tool is on this PATH. */
async function proposalOf(files: Readonly<Record<string, string | Buffer>>, { ci, others = [] }: { ci?: string; others?: string[] } = {}): Promise<PipelineProposal> {
  const listed = Object.entries(files).map(([path, content]) => ({ path, bytes: Buffer.byteLength(content) }));
  const writer = ci === undefined ? undefined : { name: 'a model', write: () => Promise.resolve(JSON.stringify({ files: [{ path: CI_FILE.gitlab, content: ci }] })) };
  return propose({ repository: 'shop', commit: COMMIT, files: listed, others, read: ({ path }) => Promise.resolve(Buffer.from(files[path] as string)), findings: [{ problem: 'not read: a submodule is a repository of its own', files: ['lib'], count: 1 }], system: 'gitlab' }, { tools: { cache: '/nowhere', env: { PATH: '' } }, writer, signal: new AbortController().signal, onPhase: () => {} });
}

const said = ({ problems }: PipelineProposal): string[] => problems.filter(({ path, severity }) => path === CI_FILE.gitlab && severity === 'warning').map(({ message }) => message);

it('projects beyond the limits, folders aside and parts without tests are said to the person', async () => {
  const many = Object.fromEntries(Array.from({ length: 52 }, (_, at) => [`services/s${at}/go.mod`, `module example.org/s${at}\n\ngo 1.22\n`]));
  const warnings = said(await proposalOf({ ...many, 'web/package.json': PACKAGE, 'examples/a/package.json': PACKAGE, 'mix.exs': 'defmodule A do\nend\n' }));
  expect(warnings).toEqual(expect.arrayContaining([
    '2 more projects were left out: one pipeline takes 50 of a kind and 60 in all.',
    'Left out, as folders of tests, examples and other people\'s code: examples/a.',
    'No tests are shown in services/s0 (go): the pipeline runs none there.',
    'not read: a submodule is a repository of its own (1 file)',
  ]));
});

it('what was left out is still said of the files that a model made', async () => {
  const made = await proposalOf({ 'api/go.mod': 'module example.org/api\n\ngo 1.22\n', 'old/package.json': '{ "scripts": { "test": "true" }, "engines": { "node": "99" } }' }, { ci: 'unit:\n  image: node:24.14.0\n  script: [npm test]\n' });
  expect(made.writtenBy).toBe('a model');
  expect(said(made)).toEqual(expect.arrayContaining(['No tests are shown in api (go): the pipeline runs none there.', expect.stringContaining('no image for version 99 of node')]));
});

it.each<[string, Record<string, string | Buffer>, string[]]>([
  ['a link', {}, ['Dockerfile']],
  ['no UTF-8', { Dockerfile: Buffer.from('FROM scratch\n# caf\xe9\n', 'latin1') }, []],
])('a Dockerfile that is %s stays, and none is proposed beside it', async (_, files, others) => {
  expect((await proposalOf({ 'package.json': PACKAGE, ...files }, { others })).files.map(({ path }) => path)).toEqual([CI_FILE.gitlab]);
});

it('a CI file that cannot be shown is not replaced', async () => {
  for (const [files, others] of [[{}, [CI_FILE.gitlab]], [{ [CI_FILE.gitlab]: Buffer.from([0xff]) }, []]] as const) {
    await expect(proposalOf({ 'package.json': PACKAGE, ...files }, { others: [...others] })).rejects.toMatchObject({ kind: 'InvalidInput', message: expect.stringContaining(CI_FILE.gitlab) as string });
  }
});
