// The workflow bundle: built once per state of its sources, since building costs a worker a second of its start.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from '@temporalio/worker';
import { replaceFile } from '../whole-file.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** All that a workflow's code can come from. */
const SOURCES = ['workflows', 'contract'];
const VERSIONS = ['@temporalio/worker', '@temporalio/workflow', '@temporalio/interceptors-opentelemetry', 'zod'];

/** Where bundles may be kept; the first folder that can be written is used. */
export const projectBuildFolder = join(ROOT, 'build');

/** What a bundle may hold beside the workflows. */
export interface BundleParts {
  failureConverterPath?: string | undefined;
  /** Interceptors that trace. */
  interceptors?: string[] | undefined;
}

/**
 * Path of the bundle of workflows/index.ts and the given parts; builds it when no folder has it.
 * Two at once build the same file.
 * Fails with the last folder's error when none can be written.
 */
export async function workflowBundle(folders: readonly string[], logger: Logger, { failureConverterPath, interceptors }: BundleParts = {}): Promise<string> {
  const name = `workflows-${await sourcesHash()}${failureConverterPath === undefined ? '' : '-encoded'}${interceptors === undefined ? '' : '-traced'}.js`;
  const built = folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
  if (built !== undefined) return built;
  const { bundleWorkflowCode } = await import('@temporalio/worker');
  const { code } = await bundleWorkflowCode({ workflowsPath: join(ROOT, 'workflows/index.ts'), logger, ...(failureConverterPath !== undefined && { failureConverterPath }), ...(interceptors !== undefined && { workflowInterceptorModules: interceptors }) });
  return writeToFirst(folders, name, code);
}

async function sourcesHash(): Promise<string> {
  const hash = createHash('sha256');
  for (const folder of SOURCES) {
    const files = (await readdir(join(ROOT, folder))).filter((file) => file.endsWith('.ts')).sort();
    for (const file of files) hash.update(`${folder}/${file}\0`).update(await readFile(join(ROOT, folder, file))).update('\0');
  }
  for (const name of VERSIONS) {
    const { version } = JSON.parse(await readFile(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')) as { version: string };
    hash.update(`${name}@${version}\0`);
  }
  return hash.digest('hex').slice(0, 16);
}

async function writeToFirst(folders: readonly string[], name: string, code: string): Promise<string> {
  let failure: unknown;
  for (const folder of folders) {
    try {
      return await writeInto(folder, name, code);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

async function writeInto(folder: string, name: string, code: string): Promise<string> {
  const file = join(folder, name);
  await mkdir(folder, { recursive: true });
  await replaceFile(file, code, { flush: true }); // one that a power loss cut would end every start
  return file;
}
