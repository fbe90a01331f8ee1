// Temporal's test server from Maven Central, in which waits take no time: for timers of days. It has no schedules.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { fetched, pinOf } from '../../engines/cache.ts';
import { javaArgs, jarsIn } from '../../engines/java.ts';
import { fetchJars } from '../../engines/maven.ts';
import { enginePlaces } from '../../engines/places.ts';
import { findTool, missingTools } from '../../engines/tools.ts';
import { installRuntime } from '../../stack/temporal-runtime.ts';
import { silentLog, type TestTemporal } from './temporal.ts';

const POM = fileURLToPath(new URL('./poms/temporal-test-server.xml', import.meta.url));

/** True when this machine has Java and Maven; tests of long waits are skipped by name without. */
export const hasTimeSkipping = async (): Promise<boolean> => (await missingTools(process.env, ['java', 'mvn'])).length === 0;

/**
 * Starts a server whose time runs only while somebody works: awaiting a result skips the waits, up to the time-outs of runs that ended, so
 * that a run's own times tell how long it took. Workflows of one server are awaited one after another.
 */
export async function startTimeSkipping(): Promise<TestTemporal> {
  const folder = await mkdtemp(join(tmpdir(), 'pivo-skipping-'));
  const options = enginePlaces(process.env);
  const jars = await fetched(`temporal-test-server-${await pinOf(POM)}`, options, (aside) => fetchJars(POM, ['-DincludeScope=runtime', 'dependency:copy-dependencies'], aside, options));
  const path = join(folder, 'temporal-test-server');
  const java = javaArgs({ heap: '256m', classpath: jarsIn(join(jars, 'jars')), temporary: folder, main: 'io.temporal.testserver.TestServer', args: [] });
  await writeFile(path, `#!/bin/sh\nexec ${[await findTool('java', process.env), ...java].map((word) => `'${word}'`).join(' ')} "$@"\n`);
  await chmod(path, 0o755);
  installRuntime(silentLog);
  const environment = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path } } });
  const { address, client } = environment;
  return {
    client, folder,
    server: { address, stop: () => environment.teardown() } as TestTemporal['server'],
    cli: '',
    run: () => Promise.reject(new Error('this server has no CLI')),
    async stop() {
      await environment.teardown();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
