// Builds the console's pages once per state of its sources, as the workflow bundle is built.
import { createHash, type Hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('.', import.meta.url));
const ROOT = join(SOURCES, '../..');
/** Beside the pages' own folder: what the pages' code and its building come from. */
const ALSO = ['contract/names.ts', 'contract/spec.ts', 'contract/file-link.ts', 'operations/rows.ts', 'package-lock.json'];

/**
 * Folder with the built pages: `index.html`, `icon.svg` and `assets/`, whose names hold a hash of their content, so that
 * they may be cached for ever. Builds it in the first of `folders` that can be written when none has it; two at once build the same.
 * Fails with the last folder's error when none can be written.
 */
export async function consoleFolder(folders: readonly string[]): Promise<string> {
  const name = `console-${await sourcesHash()}`;
  const built = folders.map((folder) => join(folder, name)).find((folder) => existsSync(folder));
  if (built !== undefined) return built;
  let failure: unknown = new Error('no folder was named to build the console in');
  for (const folder of folders) {
    try {
      return await buildInto(folder, name);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

async function sourcesHash(): Promise<string> {
  const hash = createHash('sha256');
  const own = (await readdir(SOURCES, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of own.sort()) await addFile(hash, file);
  for (const file of ALSO) await addFile(hash, join(ROOT, file));
  return hash.digest('hex').slice(0, 16);
}

async function addFile(hash: Hash, file: string): Promise<void> {
  hash.update(`${file.slice(ROOT.length)}\0`).update(await readFile(file)).update('\0');
}

async function buildInto(folder: string, name: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const [made, aside] = [join(folder, name), join(folder, `${name}.${process.pid}`)];
  try {
    await bundle(aside);
    await rename(aside, made).catch((error: unknown) => {
      if (!existsSync(made)) throw error; // else somebody was quicker, with the same result
    });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  return made;
}

/** No file refers to anything outside of it, and nothing is inlined: the server's content policy allows neither. */
async function bundle(outDir: string): Promise<void> {
  const { build } = await import('vite');
  await build({
    configFile: false,
    root: SOURCES,
    base: '/',
    mode: 'production',
    logLevel: 'warn',
    publicDir: join(SOURCES, 'public'),
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: { outDir, emptyOutDir: true, target: 'es2023', assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: false },
  });
}
