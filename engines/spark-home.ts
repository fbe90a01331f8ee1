// SPARK_HOME of Spark 3.5 from PyPI's source archive, which holds the whole distribution; nothing is built.
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fetched, fetchWith, sha256, type EngineOptions } from './cache.ts';
import { exists } from './files.ts';

const VERSION = '3.5.9';
const SDIST_SHA256 = 'ea27adc39ddac9413b8951e45aa748cbed6c785971b81386efc41938f6243d93';
const PACKAGE = `pyspark-${VERSION}`;

/** Where the archive's folders belong in a SPARK_HOME. */
const LAYOUT = { 'deps/bin': 'bin', 'deps/jars': 'jars', 'deps/licenses': 'licenses', lib: 'python/lib', pyspark: 'python/pyspark' } as const;

/** SPARK_HOME in the cache. Fails with Unavailable when PyPI does not give the pinned archive. */
export function sparkHome(options: EngineOptions): Promise<string> {
  return fetched(`spark-${VERSION}-${SDIST_SHA256.slice(0, 12)}`, options, async (aside) => {
    const sdist = await fetchSdist(aside, options);
    await fetchWith('tar', ['-xzf', sdist, '-C', aside, ...Object.keys(LAYOUT).map((from) => `${PACKAGE}/${from}`)], options);
    await mkdir(join(aside, 'python'), { recursive: true });
    for (const [from, to] of Object.entries(LAYOUT)) await rename(join(aside, PACKAGE, from), join(aside, to));
    await rm(join(aside, PACKAGE), { recursive: true });
    await rm(sdist);
  });
}

/** pip checks the pin before it runs the archive's setup script; what an interrupted fetch left is checked here. */
async function fetchSdist(aside: string, options: EngineOptions): Promise<string> {
  const sdist = join(aside, `${PACKAGE}.tar.gz`);
  if ((await exists(sdist)) && (await sha256(sdist)) === SDIST_SHA256) return sdist;
  await rm(aside, { recursive: true });
  await mkdir(aside);
  const pins = join(aside, 'requirements.txt');
  await writeFile(pins, `pyspark==${VERSION} --hash=sha256:${SDIST_SHA256}\n`);
  const quiet = ['--quiet', '--disable-pip-version-check', '--no-cache-dir'];
  await fetchWith('python3', ['-m', 'pip', 'download', ...quiet, '--no-deps', '--no-binary', 'pyspark', '--dest', aside, '--require-hashes', '--requirement', pins], options);
  return sdist;
}
