// An archive with its index for questions: generated repositories, and this project's own where it has a history.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gitText } from '../../git/process.ts';
import { openContext, type OpenContext } from '../../operations/context.ts';
import { waitUntilIndexed } from '../../operations/index-status.ts';
import { readerOf } from '../../operations/query.ts';
import { rowsOf } from '../../operations/rows.ts';
import { importCommits, type ImportedCommit } from '../fixtures/fast-import.ts';
import { fixture, linearHistory } from '../fixtures/generate.ts';
import { initBare, setRefs } from '../fixtures/plumbing.ts';
import { openIngest } from '../harness/ingest.ts';
import { silentLog } from '../harness/temporal.ts';
import { end, startProcess, testHome } from '../metadata/service.ts';

export interface ArchiveWithIndex {
  context: OpenContext;
  /** Names of the repositories that are in it. */
  repositories: string[];
  /** Rows of a statement, by column. */
  rows(sql: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

/** A few commits of two people, the last ones around now, with reasons in their messages; tag v1 is the second. */
async function diary(dir: string): Promise<void> {
  await initBare(dir);
  const now = Math.floor(Date.now() / 1000);
  const [ada, grace] = ['Ada Lovelace <ada@example.org>', 'Grace Hopper <grace@example.org>'];
  const lastMonth = Math.floor(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() - 1, 15) / 1000);
  const commit = (mark: number, author: string, when: number, message: string, path: string, content: string): ImportedCommit => ({ ref: 'refs/heads/main', mark, ...(mark === 1 ? {} : { parents: [mark - 1] }), author, when: `${when} +0000`, message, files: [{ path, content }] });
  const ids = await importCommits(dir, [
    commit(1, ada, 1_500_000_000, 'Begin the diary\n', 'main.py', 'print("hello")\n'),
    commit(2, grace, 1_550_000_000, 'Say what it is for\n', 'notes/today.md', '# Today\n'),
    commit(3, ada, lastMonth, 'Retry the request three times\n\nThe server closes idle sockets, so the first try may fail.\n', 'main.py', 'for attempt in range(3):\n    print("hello")\n'),
    commit(4, grace, lastMonth + 3600, 'Greet the world\n\nNobody knew who was greeted.\n', 'main.py', 'for attempt in range(3):\n    print("hello, world")\n'),
    commit(5, grace, now, 'Write about tomorrow | with a pipe\n', 'notes/tomorrow.md', '# Tomorrow\n\nA longer text than all the others here, so that it is the largest file.\n'.repeat(3)),
  ]);
  await setRefs(dir, [['refs/tags/v1', ids[1] ?? null]]);
}

/** Backs everything up and waits until the real metadata service has it in the index. */
export async function openArchiveWithIndex(): Promise<ArchiveWithIndex> {
  const { home, config, dispose } = await testHome();
  const origin = (name: string): string => join(home, 'origins', `${name}.git`);
  const harness = await openIngest(home);
  const visits = new Map<string, number>();
  const backUp = async (name: string, from = origin(name)): Promise<void> => void visits.set(name, (await harness.ingest(from, name)).visit);
  const service = await startProcess(home);

  await diary(origin('diary'));
  await backUp('diary');
  await linearHistory(origin('streams'), { commits: 200, files: 12, seed: 3 });
  await backUp('streams');
  await fixture('nested-tags').build(origin('nested-tags'));
  await backUp('nested-tags');
  await fixture('force-push').build(origin('force-push'));
  await backUp('force-push');
  await fixture('force-push').evolve?.(origin('force-push'));
  await backUp('force-push');
  if (existsSync(join(PROJECT, '.git'))) await backUp('pivo', resolve(PROJECT, await gitText(['-C', PROJECT, 'rev-parse', '--git-common-dir'])));

  for (const [name, visit] of visits) await waitUntilIndexed(config.paths.metadataSocket, name, visit);
  const context = openContext(config, silentLog, { user: 'ada', via: 'agent', owner: false });
  return {
    context,
    repositories: [...visits.keys()],
    rows: async (sql) => rowsOf(await readerOf(config.paths.index).query(sql)),
    async close() {
      readerOf(config.paths.index).close();
      await context.close();
      await harness.close();
      await end(service, 'SIGTERM');
      await dispose();
    },
  };
}
