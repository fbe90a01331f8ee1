// The Python of the restore job: its linter and its own tests, which need neither Spark nor a cluster.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { hasPython, sparkJobTools } from '../harness/python-tools.ts';

const folder = fileURLToPath(new URL('../../spark_jobs', import.meta.url));

/** What the tool prints when it ends with 0; its whole output is the failure otherwise. */
async function run(...args: string[]): Promise<string> {
  const { python, env } = await sparkJobTools();
  const { stdout } = await promisify(execFile)(python, ['-m', ...args], { cwd: folder, env, maxBuffer: 2 ** 24 }).catch((error: { stdout: string; stderr: string }) => {
    throw new Error(`${args[0]} found fault:\n${error.stdout}${error.stderr}`);
  });
  return stdout;
}

describe.skipIf(!(await hasPython()))('spark_jobs', () => {
  it('is free of what ruff finds, and formatted', async () => {
    expect(await run('ruff', 'check', '--no-cache', '.')).toContain('All checks passed');
    expect(await run('ruff', 'format', '--no-cache', '--check', '.')).toContain('already formatted');
  });

  it('passes its own tests', async () => {
    expect(await run('pytest', '-q')).toMatch(/^\d+ passed/m);
  });
});
