// The Compose Specification's own schema, as PyPI's check-jsonschema ships it, installed once into the user's cache at a pinned version.
import { execFile } from 'node:child_process';
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PACKAGE = 'check-jsonschema==0.39.0';

/** What the schema says against a Compose file, given as JSON in `file`; empty when nothing. */
export async function complaintsOf(file: string, compose: unknown): Promise<string> {
  await writeFile(file, JSON.stringify(compose));
  const env = { PATH: process.env['PATH'] ?? '', PYTHONPATH: await installed(), LC_ALL: 'C.UTF-8' };
  const args = ['-m', 'check_jsonschema', '--builtin-schema', 'vendor.compose-spec', file];
  return run('python3', args, { env }).then(() => '', (error: { stdout: string; stderr: string }) => `${error.stdout}${error.stderr}`);
}

/** Installed aside and renamed, so that a killed install leaves nothing half done. */
async function installed(): Promise<string> {
  const { stdout: version } = await run('python3', ['-c', 'import sys; print(sys.implementation.cache_tag)']);
  const parent = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'pivo', 'python');
  const folder = join(parent, `${PACKAGE.replace('==', '-')}-${version.trim()}`);
  if (await exists(folder)) return folder;
  const aside = `${folder}.${process.pid}`;
  await mkdir(parent, { recursive: true });
  await run('python3', ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-warn-conflicts', '--target', aside, PACKAGE], { maxBuffer: 2 ** 26 });
  await rename(aside, folder).catch(async (error: unknown) => {
    await rm(aside, { recursive: true, force: true });
    if (!(await exists(folder))) throw error; // somebody else was first
  });
  return folder;
}

const exists = (path: string): Promise<boolean> => access(path).then(() => true, () => false);
