// Writes a neutral pipeline as a workflow of GitHub Actions (docs.github.com/actions/reference/workflows-and-actions/workflow-syntax).
import { Document } from 'yaml';
import { quote } from '../shell/quote.ts';
import type { NeutralJob, NeutralPipeline } from './neutral.ts';
import type { WrittenPipeline } from './write-gitlab.ts';

/** By exact version tags: full commit ids would be firmer, and cannot be looked up without the network. */
const ACTIONS = { checkout: 'actions/checkout@v4.2.2', cache: 'actions/cache@v4.2.0', upload: 'actions/upload-artifact@v4.6.0' } as const;
const RUNNER = 'ubuntu-24.04';
const MINUTES = 60;
/** The job that says which folders have changed. */
const CHANGES = 'changes';

/** A `${{` of the repository's own stays text: else it would be an expression. */
const plain = (line: string): string => line.replaceAll('${{', "${{ '${{' }}");

export function githubFile({ stages, jobs, comment }: NeutralPipeline, defaultBranch: string | null): WrittenPipeline {
  const folders = foldersOf(jobs);
  const branches = defaultBranch === null ? ['**'] : [defaultBranch.replaceAll(/[*?[\]!+\\]/g, String.raw`\$&`), 'pivo/**'];
  const document = new Document({
    name: 'PIVO',
    on: { push: { branches }, pull_request: {}, workflow_dispatch: {} },
    permissions: { contents: 'read' },
    concurrency: { group: '${{ github.workflow }}-${{ github.ref }}', 'cancel-in-progress': true },
    jobs: { ...(folders.size === 0 ? {} : { [CHANGES]: changesJob(folders) }), ...Object.fromEntries(jobs.map((job) => [job.name, githubJob(job, folders)])) },
  }, { aliasDuplicateObjects: false });
  document.commentBefore = `${comment}\n Actions are named by exact version tags; pin them by their full commit ids where these can be looked up.`;
  const first = folders.size === 0 ? [] : [{ name: CHANGES, stage: 'check', needs: [], image: null, script: changesScript(folders) }];
  return {
    content: document.toString({ lineWidth: 0, flowCollectionPadding: false }),
    stages: folders.size > 0 && !stages.includes('check') ? ['check', ...stages] : [...stages],
    jobs: [...first, ...jobs.map(({ name, stage, needs, image, script, folder }) => ({ name, stage, needs: folder === null ? needs : [CHANGES, ...needs], image, script }))],
  };
}

/** Folders that jobs wait for a change in, each with the name of its output. */
function foldersOf(jobs: readonly NeutralJob[]): Map<string, string> {
  const folders = new Map<string, string>();
  for (const { folder } of jobs) if (folder !== null && !folders.has(folder)) folders.set(folder, `part_${folders.size + 1}`);
  return folders;
}

/** Compares with the commit before the push, or the base of the pull request; where that is not to be had, everything has changed. */
const changesScript = (folders: ReadonlyMap<string, string>): string[] => [
  'git cat-file -e "$BASE^{commit}" 2>/dev/null || BASE=',
  'changed() {',
  '  if [ -z "$BASE" ] || ! git --literal-pathspecs diff --quiet "$BASE" HEAD -- "$2" .github/workflows/pivo.yml; then',
  '    echo "$1=true" >> "$GITHUB_OUTPUT"',
  '  fi',
  '}',
  ...[...folders].map(([folder, output]) => `changed ${output} ${quote(folder)}`),
];

function changesJob(folders: ReadonlyMap<string, string>): Record<string, unknown> {
  return {
    'runs-on': RUNNER, 'timeout-minutes': 5,
    outputs: Object.fromEntries([...folders.values()].map((output) => [output, `\${{ steps.diff.outputs.${output} }}`])),
    steps: [
      { uses: ACTIONS.checkout, with: { 'fetch-depth': 0, 'persist-credentials': false } },
      { id: 'diff', env: { BASE: '${{ github.event.pull_request.base.sha || github.event.before }}' }, run: plain(changesScript(folders).join('\n')) },
    ],
  };
}

function githubJob(job: NeutralJob, folders: ReadonlyMap<string, string>): Record<string, unknown> {
  const output = job.folder === null ? undefined : folders.get(job.folder);
  const needs = output === undefined ? job.needs : [CHANGES, ...job.needs];
  const services = Object.fromEntries(job.services.map(({ name, image, variables }) => [name, { image, ...(Object.keys(variables).length === 0 ? {} : { env: variables }) }]));
  return {
    'runs-on': RUNNER, 'timeout-minutes': MINUTES,
    ...(needs.length === 0 ? {} : { needs }),
    ...(output === undefined ? {} : { if: `needs.${CHANGES}.outputs.${output} == 'true'` }),
    ...(job.image === null ? {} : { container: job.image }),
    ...(job.services.length === 0 ? {} : { services }),
    ...(Object.keys(job.variables).length === 0 ? {} : { env: job.variables }),
    steps: [{ uses: ACTIONS.checkout, with: { 'persist-credentials': false } }, ...cacheSteps(job), { name: 'Run', run: plain(job.script.join('\n')) }, ...artifactSteps(job)],
  };
}

function cacheSteps({ cache }: NeutralJob): Record<string, unknown>[] {
  if (cache === null) return [];
  const key = `${cache.key}-\${{ runner.os }}`;
  const keys = cache.lockfile === null ? { key } : { key: `${key}-\${{ hashFiles('${cache.lockfile}') }}`, 'restore-keys': `${key}-` };
  return [{ uses: ACTIONS.cache, with: { path: cache.paths.join('\n'), ...keys } }];
}

const artifactSteps = ({ artifacts, name }: NeutralJob): Record<string, unknown>[] => (artifacts.length === 0 ? [] : [{ uses: ACTIONS.upload, with: { name, path: artifacts.join('\n'), 'if-no-files-found': 'ignore', 'retention-days': 7 } }]);
