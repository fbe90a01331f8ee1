// Stacks of Python: requirements files, pyproject.toml, setup.py; with Spark where they depend on it.
import { SAID } from '../analysis/manifests/said.ts';
import type { Fact } from '../contract/analysis.ts';
import type { Stack, StackCommand } from '../contract/pipeline.ts';
import { quote } from '../shell/quote.ts';
import { command, dependenciesOf, folderOf, namesOf, nameOf, stackOf, testsBelow, under, type Project } from './needs-project.ts';
import { makeTarget, versionFile, versionOf, type Asked } from './needs-version.ts';

const PROJECT_FILES = /^(?:pyproject\.toml|setup\.(?:py|cfg)|Pipfile|requirements\.txt)$/;
const MANIFESTS = /^(?:pyproject\.toml|setup\.cfg|Pipfile|[\w.-]*requirements[\w.-]*\.(?:txt|in))$/;
/** Requirements that development needs, by the names that they go by. */
const DEVELOPMENT = ['requirements-dev.txt', 'requirements_dev.txt', 'dev-requirements.txt', 'requirements-test.txt', 'requirements_test.txt', 'test-requirements.txt', 'requirements/dev.txt', 'requirements/test.txt'];
/** What pytest is installed as where tests are written for it and nothing installs it. */
const PYTEST = 'pytest==8.3.4';

interface Manager {
  name: string;
  lockfile: string | null;
  install: string;
  /** Before each command. */
  prefix: string;
  build: string;
  evidence: Fact;
}

export function pythonStacks(project: Project): Stack[] {
  return project.folders(PROJECT_FILES).filter((folder) => isProject(project, folder)).map((folder) => pythonStack(project, folder));
}

/** A pyproject.toml with settings of tools only, and requirements of a folder below, are no project of their own. */
function isProject(project: Project, folder: string): boolean {
  if (project.named(folder, /^(?:setup\.(?:py|cfg)|Pipfile|requirements\.txt)$/).length > 0) return !/(?:^|\/)requirements$/.test(folder);
  return project.of(folder, 'pyproject.toml').some(({ detail, name, kind }) => detail === SAID.name || detail === SAID.backend || kind === 'dependency' || (detail === SAID.tool && name === 'poetry'));
}

function pythonStack(project: Project, folder: string): Stack {
  const facts = project.of(folder, 'pyproject.toml');
  const dependencies = dependenciesOf(project, folder, MANIFESTS).concat(dependenciesOf(project, under(folder, 'requirements'), /\.(?:txt|in)$/));
  const names = new Set(dependencies.map(({ name }) => plainName(name)));
  const isSpark = names.has('pyspark') || names.has('databricks-connect');
  const manager = managerOf(project, folder, facts);
  const asked = versionFile(project, folder, 'python') ?? versionOf(project.said(folder, /^Pipfile$/, SAID.version)) ?? askedIn(facts, dependencies);
  const name = facts.find(({ detail }) => detail === SAID.name);
  const spark = isSpark ? dependencies.find(({ name: each }) => /^(?:pyspark|databricks-connect)$/.test(each)) : undefined;
  const stack = stackOf(isSpark ? 'spark' : 'python', folder, [manager.evidence, name, asked?.evidence, spark]);
  const test = testOf(project, folder, names, manager);
  const install = test?.needsPytest === true ? `${manager.install}\npython -m pip install ${PYTEST}` : manager.install;
  return {
    ...stack, name: name?.name ?? stack.name, version: asked?.version ?? null, manager: manager.name, lockfile: manager.lockfile,
    steps: { install: command(install, manager.evidence), lint: lintOf(dependencies, manager), test: test?.step ?? null, build: buildOf(facts, manager) },
    start: startOf(project, folder, names), dependencies: namesOf(dependencies),
  };
}

const plainName = (name: string): string => name.toLowerCase().replaceAll('_', '-');

/** `requires-python`, and Poetry's dependency `python`. */
function askedIn(facts: readonly Fact[], dependencies: readonly Fact[]): Asked | null {
  return versionOf(facts.filter(({ name }) => name === 'requires-python'), ({ detail }) => detail) ?? versionOf(dependencies.filter(({ name }) => name === 'python' || name === 'python_version'), ({ detail }) => detail);
}

function managerOf(project: Project, folder: string, facts: readonly Fact[]): Manager {
  const tool = (name: string): Fact | undefined => facts.find((fact) => fact.detail === SAID.tool && fact.name === name);
  const lock = (name: string): string | null => (project.has(folder, name) ? name : null);
  const evidence = (name: string): Fact => project.fileFact(folder, name);
  if (lock('uv.lock') !== null || (tool('uv') !== undefined && !project.has(folder, 'requirements.txt'))) return { name: 'uv', lockfile: lock('uv.lock'), install: lock('uv.lock') === null ? 'uv sync' : 'uv sync --frozen', prefix: 'uv run ', build: 'uv build', evidence: lock('uv.lock') === null ? evidence('pyproject.toml') : evidence('uv.lock') };
  if (lock('poetry.lock') !== null || tool('poetry') !== undefined) return { name: 'poetry', lockfile: lock('poetry.lock'), install: 'poetry install --no-interaction', prefix: 'poetry run ', build: 'poetry build', evidence: tool('poetry') ?? evidence('poetry.lock') };
  if (project.has(folder, 'Pipfile')) return { name: 'pipenv', lockfile: lock('Pipfile.lock'), install: lock('Pipfile.lock') === null ? 'pipenv install --dev' : 'pipenv sync --dev', prefix: 'pipenv run ', build: 'python -m pip wheel --no-deps --wheel-dir dist .', evidence: evidence('Pipfile') };
  return pip(project, folder, facts);
}

function pip(project: Project, folder: string, facts: readonly Fact[]): Manager {
  const files = ['requirements.txt', ...DEVELOPMENT].filter((name) => project.has(folder, name));
  const extras = facts.filter(({ detail, name }) => detail === SAID.extra && /^(?:test|tests|testing|dev)$/.test(name)).map(({ name }) => name);
  const isPackage = project.named(folder, /^setup\.(?:py|cfg)$/).length > 0 || facts.some(({ detail }) => detail === SAID.backend || detail === SAID.name);
  const what = [...files.map((name) => `-r ${quote(name)}`), ...(isPackage ? [quote(extras.length === 0 ? '.' : `.[${extras.join(',')}]`)] : [])];
  const from = files[0] ?? project.named(folder, PROJECT_FILES)[0] ?? 'requirements.txt';
  return { name: 'pip', lockfile: null, install: `python -m pip install ${what.join(' ')}`, prefix: 'python -m ', build: 'python -m pip wheel --no-deps --wheel-dir dist .', evidence: project.fileFact(folder, from) };
}

/** What checks the code: a tool that is among the dependencies, so that installing them brings it. */
function lintOf(dependencies: readonly Fact[], { prefix }: Manager): StackCommand | null {
  const checks: Record<string, string> = { ruff: 'ruff check .', flake8: 'flake8 .', pylint: 'pylint --recursive=y .', black: 'black --check .', mypy: 'mypy .' };
  for (const [tool, run] of Object.entries(checks)) {
    const fact = dependencies.find(({ name }) => plainName(name) === tool);
    if (fact !== undefined) return command(`${prefix}${run}`, fact);
  }
  return null;
}

/** pytest where a dependency, a setting or the form of the tests says so; unittest where its classes are used; else the Makefile's target. */
function testOf(project: Project, folder: string, names: ReadonlySet<string>, { prefix, name: manager }: Manager): { step: StackCommand; needsPytest: boolean } | null {
  const tests = testsBelow(project, folder, /\.py"?$/);
  const set = project.of(folder, 'pyproject.toml').find(({ detail, name }) => detail === SAID.tool && name === 'pytest');
  const classes = project.factsBelow(folder).filter(({ detail }) => detail === SAID.unittest);
  if (names.has('pytest') && (tests.length > 0 || set !== undefined)) return { step: command(`${prefix}pytest`, set, ...tests), needsPytest: false };
  const django = names.has('django') ? project.of(folder, 'manage.py').find(({ name }) => name === '__main__') : undefined;
  if (set === undefined && django !== undefined && tests.length + classes.length > 0) return { step: command(`${prefix === 'python -m ' ? '' : prefix}python manage.py test`, django, ...tests), needsPytest: false };
  if (set === undefined && classes.length > 0 && classes.length >= tests.length) return { step: command(unittest(classes, folder, prefix), ...classes, ...tests), needsPytest: false };
  if (tests.length > 0 && manager === 'pip') return { step: command('python -m pytest', set, ...tests), needsPytest: true };
  const target = makeTarget(project, folder, ['test', 'check']);
  return target === null ? null : { step: command(`make ${target.target}`, target.evidence), needsPytest: false };
}

function unittest(classes: readonly Fact[], folder: string, prefix: string): string {
  const folders = [...new Set(classes.map(({ file }) => folderOf(file)))];
  const start = folders.length === 1 && folders[0] !== undefined && folders[0] !== folder ? folders[0].slice(folder === '' ? 0 : folder.length + 1) : null;
  const pattern = classes.every(({ file }) => nameOf(file).startsWith('test')) ? '' : ` -p '*test*.py'`;
  return `${prefix === 'python -m ' ? '' : prefix}python -m unittest discover${start === null ? '' : ` -s ${quote(start)}`}${pattern}`;
}

function buildOf(facts: readonly Fact[], { build }: Manager): StackCommand | null {
  const backend = facts.find(({ detail }) => detail === SAID.backend);
  return backend === undefined ? null : command(build, backend);
}

/** Libraries that serve by themselves when the script runs. */
const SERVERS = ['flask', 'fastapi', 'uvicorn', 'aiohttp', 'tornado', 'sanic', 'bottle'];

/** The Procfile's web process, or the script that servers are by custom. */
function startOf(project: Project, folder: string, dependencies: ReadonlySet<string>): StackCommand | null {
  const web = project.of(folder, 'Procfile').find(({ detail }) => detail === SAID.process);
  if (web !== undefined) return command(web.name, web);
  if (!SERVERS.some((name) => dependencies.has(name))) return null;
  for (const name of ['main.py', 'app.py', 'server.py']) {
    const script = project.of(folder, name).find((fact) => fact.name === '__main__' && fact.kind === 'entryPoint');
    if (script !== undefined) return command(`python ${name}`, script);
  }
  return null;
}
