// One home for the engines of a whole test run, and somebody who ends them however the run ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { RUN_HOME } from './guarded.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Home of the engines that this run shares. */
    enginesHome: string;
  }
}

const GUARD = join(import.meta.dirname, 'engines-guard.ts');

/** Engines start when the first suite asks (engines.ts); Ctrl-C ends vitest without a teardown, so a process in a session of its own waits for the end of its stdin. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const home = await mkdtemp(join(tmpdir(), 'pivo-engines-of-run-'));
  project.provide('enginesHome', home);
  process.env[RUN_HOME] = home;
  const guard = spawn(process.execPath, [GUARD, home], { detached: true, stdio: ['pipe', 'ignore', 'inherit'] });
  guard.unref();
  return async () => {
    const ended = once(guard, 'exit');
    guard.ref();
    guard.stdin.end();
    await ended;
  };
}
