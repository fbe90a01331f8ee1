// Processes of a test run that its guard ends when the run was killed and cannot do it.
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { identify, signalProcess, type ProcessIdentity } from '../../processes/identity.ts';

/** Variable with the home of the run; its test files inherit it. */
export const RUN_HOME = 'PIVO_TEST_RUN';

const notesOf = (home: string): string => join(home, 'processes');

/** Tells the guard of a process. The answer takes it back: the process has ended. Does nothing outside of a run. */
export async function guarded(pid: number): Promise<() => Promise<void>> {
  const [home, identity] = [process.env[RUN_HOME], identify(pid)];
  if (home === undefined || identity === null) return () => Promise.resolve();
  const note = join(notesOf(home), String(pid));
  await mkdir(notesOf(home), { recursive: true });
  await writeFile(note, JSON.stringify(identity));
  return () => rm(note, { force: true });
}

/** Ends what is still noted. */
export async function endGuarded(home: string): Promise<void> {
  const notes = await readdir(notesOf(home)).catch(() => []);
  for (const note of notes) signalProcess(JSON.parse(await readFile(join(notesOf(home), note), 'utf8')) as ProcessIdentity, 'SIGTERM');
}
