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
