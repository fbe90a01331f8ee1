// The history of a commit, or of all refs of a visit: one `git log` a question, streamed.
import { isUtf8 } from 'node:buffer';
import { startGit } from '../../git/process.ts';
import { COMMIT_LOG, readCommitLog, type LoggedCommit } from '../commit-log.ts';
import { rawPath } from './tree.ts';

export interface LogQuestion {
  /** Object ids to start from. */
  from: readonly string[];
  /** Only commits that change something at this path. */
  path?: string | undefined;
  limit?: number | undefined;
  skip?: number | undefined;
  signal?: AbortSignal | undefined;
}

export type HistoryCommit = Omit<LoggedCommit, 'changes'>;

/** Commits as `git log` orders them, newest first. Ending the iteration ends git. Fails with GitFailed or Cancelled. */
export async function* readLog(gitDir: string, { from, path = '', limit, skip = 0, signal }: LogQuestion): AsyncGenerator<HistoryCommit> {
  if (from.length === 0 || limit === 0) return;
  const bytes = rawPath(path);
  const counted = [...(limit === undefined ? [] : [`--max-count=${limit}`]), `--skip=${skip}`];
  const inArguments = isUtf8(bytes);
  const paths = bytes.length > 0 && inArguments ? ['--', `:(top,literal)${bytes.toString('utf8')}`] : [];
  const input = bytes.length > 0 && !inArguments ? [`${from.join('\n')}\n--\n`, globOf(bytes), '\n'] : [`${from.join('\n')}\n`];
  const running = startGit([...COMMIT_LOG, '-s', ...counted, ...paths], { gitDir, input: Buffer.concat(input.map((piece) => Buffer.from(piece))), signal });
  try {
    for await (const { changes: _, ...commit } of readCommitLog(running.stdout)) yield commit;
    await running.done;
  } finally {
    running.kill('SIGKILL');
  }
}

/** An argument must be UTF-8 and a line has no newline: such a path goes in as a line whose newlines are `?`. */
function globOf(path: Buffer): Buffer {
  const escaped = [...path].flatMap((byte) => (byte === 10 ? [63] : [42, 63, 91, 92].includes(byte) ? [92, byte] : [byte]));
  return Buffer.concat([Buffer.from(':(top,glob)'), Buffer.from(escaped)]);
}
