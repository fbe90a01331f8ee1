// The repositories that benches measure on, made once a run.
import { join } from 'node:path';
import { git, gitText } from '../git/process.ts';
import { bigBlobs } from '../test/fixtures/contents.ts';
import { linearHistory } from '../test/fixtures/linear-history.ts';

/** 8,000 commits over 400 files, packed as an upstream would have it. */
export async function generatedRepository(scratch: string): Promise<string> {
  const dir = join(scratch, 'generated.git');
  await linearHistory(dir, { commits: 8000, files: 400, seed: 20 });
  await git(['repack', '-a', '-d', '-q'], { gitDir: dir });
  return dir;
}

/** A repository of `megabytes` of files of 1 MB that cannot be compressed. */
export async function repositoryOfSize(scratch: string, megabytes: number): Promise<string> {
  const dir = join(scratch, `${megabytes}-mb.git`);
  await bigBlobs(dir, { count: megabytes, bytes: 2 ** 20 });
  return dir;
}

/** The `.git` folder or bare repository at a path. */
export const gitDirOf = (path: string): Promise<string> => gitText(['rev-parse', '--absolute-git-dir'], { cwd: path });

/** Its name in the tables: last part of the path and number of commits. */
export async function titleOf(gitDir: string): Promise<string> {
  const parts = gitDir.replace(/\/\.git$/, '').split('/');
  return `${parts.at(-1)} (${await gitText(['rev-list', '--count', '--all'], { gitDir })} commits)`;
}
