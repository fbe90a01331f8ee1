// What registries give, once a user: fetched aside under a lock, then renamed, so that a folder in the cache is whole.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { PivoError } from '../contract/failures.ts';
import { exists } from './files.ts';
import { withLock } from './lock.ts';
import type { EnginePlaces } from './places.ts';
import { findTool, run, type RunResult } from './tools.ts';

export interface EngineOptions extends EnginePlaces {
  /** Gets a line for people when something that takes long begins or ends. */
  progress?: ((line: string) => void) | undefined;
  signal?: AbortSignal | undefined;
}

export const sourceFile = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** 12 hex digits of the SHA-256 of files: a folder named by it is never mistaken for one that other pins gave. */
export async function pinOf(...files: string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(file));
  return hash.digest('hex').slice(0, 12);
}

/**
 * The folder `name` of the cache. When it is not there, `fill` gets a folder beside it, which may hold what an interrupted
 * fill left; a second process waits for the first and finds the result.
 */
export async function fetched(name: string, options: EngineOptions, fill: (aside: string) => Promise<void>): Promise<string> {
  const folder = join(options.cache, name);
  if (await exists(folder)) return folder;
  await withLock(join(options.cache, 'locks', name), options.signal, async () => {
    if (await exists(folder)) return;
    const began = Date.now();
    options.progress?.(`fetching ${name} …`);
    const aside = `${folder}.part`;
    await mkdir(aside, { recursive: true });
    await fill(aside);
    await rename(aside, folder);
    options.progress?.(`fetched ${name} in ${((Date.now() - began) / 1000).toFixed(1)} s`);
  });
  return folder;
}

/** Runs a tool that fetches. Fails with Unavailable and the tool's last words when it does not succeed. */
export async function fetchWith(tool: 'mvn' | 'python3' | 'javac' | 'tar', args: string[], options: EngineOptions): Promise<RunResult> {
  const result = await run(await findTool(tool, options.env), args, { env: options.env, signal: options.signal });
  if (result.code === 0) return result;
  const said = `${result.stdout.toString()}\n${result.stderr}`.split('\n').filter((line) => /error/i.test(line)).slice(0, 3).join(' | ');
  throw new PivoError('Unavailable', `${tool} ended with code ${result.code}: ${said || result.stderr.trim().slice(-500)}`, {
    hint: 'Is the registry reachable from here? What was fetched is kept; start again.',
    facts: { tool, args },
  });
}

/** SHA-256 of a file, in hex. */
export async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
