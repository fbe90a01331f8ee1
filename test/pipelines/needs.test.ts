// What a pipeline has to know of a repository: stacks, versions, commands, services, ports, each with the line that shows it.
import { describe, expect, it } from 'vitest';
import type { Fact } from '../../contract/analysis.ts';
import type { PipelineNeeds, Stack } from '../../contract/pipeline.ts';
import { compareVersions, versionIn } from '../../pipelines/needs-version.ts';
import { REPOSITORIES, type FixtureRepository } from '../fixtures/pipelines-repositories.ts';
import { needsOfFiles } from '../harness/pipeline-needs.ts';

const filesOf = (name: string): FixtureRepository['files'] => REPOSITORIES.find((each) => each.name === name)?.files ?? {};
const needs = (name: string): Promise<PipelineNeeds> => needsOfFiles(name, filesOf(name));
const stackOf = async (name: string, kind: Stack['kind']): Promise<Stack> => {
  const found = (await needs(name)).stacks.find((stack) => stack.kind === kind);
  if (found === undefined) throw new Error(`${name} has no ${kind}`);
  return found;
};
const runs = ({ steps }: Stack): (string | undefined)[] => [steps.install?.run, steps.lint?.run, steps.test?.run, steps.build?.run];
const evidenceOf = (stack: Stack): Fact[] => [...stack.evidence, ...Object.values(stack.steps).flatMap((step) => step?.evidence ?? []), ...(stack.start?.evidence ?? []), ...stack.services.flatMap(({ evidence }) => evidence)];

it('has thirty repositories, each of another kind', () => {
  expect(REPOSITORIES).toHaveLength(30);
  expect(new Set(REPOSITORIES.map(({ name }) => name)).size).toBe(30);
});

describe.each(REPOSITORIES)('$name', ({ name, files, stacks }) => {
  it('has its stacks by folder', async () => {
    expect((await needs(name)).stacks.map(({ kind, folder, manager }) => `${kind} ${folder} ${manager ?? ''}`)).toEqual(stacks);
  });

  it('shows each claim in a line that is there', async () => {
    for (const stack of (await needs(name)).stacks) {
      expect(stack.evidence.length, stack.kind).toBeGreaterThan(0);
      for (const step of Object.values(stack.steps)) if (step !== null) expect(step.evidence.length, step.run).toBeGreaterThan(0);
      for (const { file, line, name: said } of evidenceOf(stack)) {
        expect(Object.keys(files)).toContain(file);
        if (line !== null) expect(files[file]?.split('\n')[line - 1], `${file}:${line}`).toContain(said);
      }
    }
  });

  it('is told the same whatever the order of its files', async () => {
    expect(await needsOfFiles(name, Object.fromEntries(Object.entries(files).reverse()))).toEqual(await needs(name));
  });
});

describe('commands', () => {
  it.each<[string, Stack['kind'], (string | undefined)[]]>([
    ['node-library', 'node', ['npm ci', 'npm run lint', 'npm test', 'npm run build']],
    ['web-vite', 'node', ['npm ci', undefined, undefined, 'npm run build']],
    ['node-pnpm-workspace', 'node', ['pnpm install --frozen-lockfile', undefined, 'pnpm --recursive run test', 'pnpm --recursive run build']],
    ['python-requirements', 'python', ['python -m pip install -r requirements.txt', undefined, 'python -m unittest discover -s tests', undefined]],
    ['python-poetry-package', 'python', ['poetry install --no-interaction', 'poetry run ruff check .', 'poetry run pytest', 'poetry build']],
    ['go-module', 'go', ['go mod download', 'go vet ./...', 'go test ./...', 'go build ./...']],
    ['rust-crate', 'rust', ['cargo fetch --locked', undefined, 'cargo test --locked', 'cargo build --release --locked']],
    ['maven-spring-modules', 'java-maven', [undefined, undefined, 'sh ./mvnw --batch-mode --no-transfer-progress test', 'sh ./mvnw --batch-mode --no-transfer-progress -DskipTests package']],
    ['c-make', 'cpp', [undefined, undefined, 'make test', 'make all']],
    ['ruby-gem', 'ruby', ['bundle install', 'bundle exec rubocop', 'bundle exec rspec', 'gem build parcel.gemspec']],
    ['terraform-network', 'terraform', ['terraform init -backend=false -input=false', 'terraform fmt -check -recursive', 'terraform validate', undefined]],
  ])('of %s are those that it shows', async (name, kind, expected) => {
    expect(runs(await stackOf(name, kind))).toEqual(expected);
  });

  it.each<[string, Record<string, string>, string]>([
    ['a task of Rake without a name', { 'Gemfile': "gem 'rake'\n", 'Rakefile': 'Rake::TestTask.new do |t|\nend\n' }, 'bundle exec rake test'],
    ['a task of Rake with a name', { 'Gemfile': "gem 'rake'\n", 'Rakefile': 'Rake::TestTask.new(:unit) do |t|\nend\n' }, 'bundle exec rake unit'],
    ['Rails', { 'Gemfile': "gem 'rails'\n", 'test/models/user_test.rb': '' }, 'bundle exec rails test'],
    ['Django', { 'requirements.txt': 'Django==5.1.4\n', 'manage.py': 'if __name__ == "__main__":\n    main()\n', 'shop/tests.py': 'from django.test import TestCase\n\n\nclass ShopTest(TestCase):\n    def test_it(self):\n        pass\n' }, 'python manage.py test'],
    ['a Makefile', { 'requirements.txt': 'requests\n', 'Makefile': 'test:\n\t./run.sh\n' }, 'make test'],
  ])('of the tests of %s', async (_what, files, run) => {
    expect((await needsOfFiles('tests', files)).stacks[0]?.steps.test?.run).toBe(run);
  });

  it('are none where the repository shows none, and a finding says so', async () => {
    const { stacks, findings } = await needsOfFiles('bare', { 'package.json': '{ "name": "bare" }' });
    expect(stacks[0]?.steps).toMatchObject({ lint: null, test: null, build: null });
    expect(findings).toEqual(['No tests are shown in the root (node): the pipeline runs none there.']);
  });

  it('install pytest where tests are written for it and nothing installs it', async () => {
    const { stacks } = await needsOfFiles('loose', { 'requirements.txt': 'requests==2.32.3\n', 'tests/test_it.py': 'def test_it():\n    assert True\n' });
    expect(stacks[0]?.steps.install?.run.split('\n')).toEqual(['python -m pip install -r requirements.txt', expect.stringMatching(/^python -m pip install pytest==\d/)]);
  });
});

describe('versions', () => {
  it.each([['>=18', '>=18'], ['^20.11', '20.11'], ['18.x || 20.x', '20'], ['>=3.9,<4', '3.9'], ['~> 1.6', '1.6'], ['3.12.*', '3.12'], ['<2', null], ['latest', null], ['*', null]])('%s is %s', (text, version) => {
    expect(versionIn(text)).toBe(version);
  });

  it('are compared number by number', () => {
    expect(compareVersions('3.9', '3.10')).toBeLessThan(0);
    expect(compareVersions('20', '20.0.0')).toBe(0);
  });

  it.each<[string, Stack['kind'], string | null]>([
    ['node-library', 'node', '>=20'], ['node-yarn-classic', 'node', '18.20.4'], ['python-requirements', 'python', '3.11.9'], ['python-pipenv', 'python', '3.10'], ['python-uv-fastapi', 'python', '>=3.12'],
    ['maven-library', 'java-maven', '17'], ['gradle-kotlin', 'java-gradle', '21'], ['go-module', 'go', '1.22'], ['rust-crate', 'rust', '>=1.70'], ['dotnet-solution', 'dotnet', '8.0'], ['php-library', 'php', '>=8.2'], ['ruby-gem', 'ruby', '3.3.0'], ['terraform-network', 'terraform', '>=1.5'], ['spark-python', 'spark', null],
  ])('of %s is what it asks for', async (name, kind, version) => {
    expect((await stackOf(name, kind)).version).toBe(version);
  });

  it('of a manager are those that the repository pins', async () => {
    expect((await stackOf('node-pnpm-workspace', 'node')).managerVersion).toBe('9.12.3');
    expect((await stackOf('node-yarn-berry', 'node')).managerVersion).toBe('4.5.3');
  });
});

describe('services, ports and starts', () => {
  it('are those whose clients the stack depends on, with the line of the compose file', async () => {
    const { services, ports, start } = await stackOf('node-express-service', 'node');
    expect(services.map(({ name, image, evidence }) => [name, image, evidence[0]?.file, evidence[0]?.line])).toEqual([['db', 'postgres:15', 'docker-compose.yml', 3], ['cache', 'redis:7.2.4-alpine', 'docker-compose.yml', 7]]);
    expect(ports).toEqual([3000]);
    expect(start?.run).toBe('npm run start');
  });

  it.each<[string, Stack['kind'], string | undefined, number[]]>([
    ['go-service', 'go', '/app/server', [8090]], ['go-module', 'go', undefined, []], ['python-uv-fastapi', 'python', 'python main.py', [8000]], ['python-django', 'python', 'gunicorn shop.wsgi --bind 0.0.0.0:$PORT', []], ['dotnet-solution', 'dotnet', 'dotnet Shop.Web.dll', []],
  ])('of %s', async (name, kind, start, ports) => {
    const stack = await stackOf(name, kind);
    expect([stack.start?.run, stack.ports]).toEqual([start, ports]);
  });

  it('of a folder are not those of the stack around it', async () => {
    const { stacks } = await needs('monorepo');
    expect(stacks.filter(({ ports }) => ports.length > 0)).toEqual([]);
  });
});

describe('existing files', () => {
  it('of CI and Docker are told by path', async () => {
    expect((await needs('spark-python')).ci).toEqual([{ path: '.gitlab-ci.yml', system: 'gitlab' }]);
    expect(await needs('monorepo')).toMatchObject({ ci: [{ path: '.github/workflows/ci.yml', system: 'github' }], dockerfiles: ['Dockerfile'], findings: ["Left out, as folders of tests, examples and other people's code: examples/demo."] });
  });
});

describe('what looks like a stack', () => {
  const kinds = async (files: Record<string, string>): Promise<string[]> => (await needsOfFiles('like', files)).stacks.map(({ kind, folder, steps }) => `${kind} ${folder} ${steps.build?.run ?? ''}`);

  it('and is part of another is none', async () => {
    expect(await kinds({ 'go.mod': 'module x\n', 'docs/requirements.txt': 'sphinx\n', 'deps/lib/CMakeLists.txt': 'project(lib)\n', 'msvc/all.sln': 'x\n', '.devcontainer/Dockerfile': 'FROM x:1.0\n', 'pyproject.toml': '[tool.ruff]\nline-length = 100\n' })).toEqual(['go  go build ./...']);
  });

  it('and is a folder for Dockerfiles builds what is above it', async () => {
    expect(await kinds({ 'docker/Dockerfile': 'FROM alpine:3.21.0\n', 'docker/Dockerfile.dockerignore': '.git\n', 'api/Dockerfile': 'FROM alpine:3.21.0\n' })).toEqual(['docker  docker build --file docker/Dockerfile --tag docker:ci .', 'docker api docker build --file Dockerfile --tag api:ci .']);
  });

  it('and is no site where a program serves the pages', async () => {
    expect(await kinds({ 'go.mod': 'module x\n', 'web/index.html': '<p>\n' })).toEqual(['go  go build ./...']);
  });
});

describe('a hostile repository', () => {
  it('says nothing but its names: no word of the README, no script that is not a known step', async () => {
    const { stacks } = await needs('hostile');
    const commands = stacks.flatMap((stack) => runs(stack)).join('\n');
    expect(commands).not.toMatch(/evil|TOKEN|curl|owned/);
    expect(stacks.map(({ version }) => version)).toEqual([null, null, null]);
  });

  it('with paths that no line of text can hold loses those, and a finding says so', async () => {
    const { stacks, findings } = await needsOfFiles('odd', { '"a\\nb/package.json"': '{ "scripts": { "test": "true" } }', 'go.mod': 'module x\n' });
    expect(stacks.map(({ kind, folder }) => [kind, folder])).toEqual([['go', '']]);
    expect(findings).toContain('1 path holds characters that no file of a pipeline can: left out.');
  });

  it('without any stack says so', async () => {
    expect((await needsOfFiles('none', { 'README.md': '# hello\n' })).findings).toEqual(['No stack was recognised: no file of a build system that PIVO has a template for.']);
  });
});

describe('a very large repository', () => {
  it('is told within its limits, and a finding says what was left out', async () => {
    const files = Object.fromEntries(Array.from({ length: 3_000 }, (_, at) => [`p${String(at).padStart(4, '0')}/package.json`, '{ "scripts": { "test": "true" } }']));
    const { stacks, findings } = await needsOfFiles('large', files);
    expect(stacks).toHaveLength(50);
    expect(findings.filter((finding) => finding.includes('more projects were left out'))).toEqual(['2950 more projects were left out: one pipeline takes 50 of a kind and 60 in all.']);
  });
});
