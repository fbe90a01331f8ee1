// The tools: what they are made of, what they may never be, and how their answers are kept small.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scriptedProvider } from '../../agent/providers/scripted/provider.ts';
import { fit, RESULT_BUDGET } from '../../agent/tools/fit.ts';
import { callTool, describeTools, tools } from '../../agent/tools/index.ts';
import { translator } from '../../agent/translate.ts';
import type { Message } from '../../contract/conversation.ts';
import { allOperations, loadOperation } from '../../operations/index.ts';
import type { OperationContext } from '../../operations/operation.ts';
import { DROPPED_RESULT, DROPPED_TURNS, withinBudget } from '../../workflows/conversation-budget.ts';
import { openIndexWriter } from '../../metadata/writer.ts';
import { readerOf } from '../../operations/query.ts';
import { importCommits } from '../fixtures/fast-import.ts';
import { initBare } from '../fixtures/plumbing.ts';
import { openBackedUp, type BackedUp } from '../reading/backed-up.ts';
import { commits, snapshot } from '../metadata/service.ts';
import { silentLog } from '../harness/temporal.ts';

const signal = new AbortController().signal;

describe('the list of tools', () => {
  it('has the names of the original system, each of one operation that reads or starts', async () => {
    expect(tools.map(({ name }) => name)).toEqual(['query_metadata', 'get_file_content', 'get_file_diff', 'list_files', 'get_history', 'submit_ingest_job', 'submit_restore_job', 'submit_restore_all_job', 'get_job_status', 'list_pending_approvals', 'search_logs', 'search_forge', 'top_k', 'debug', 'upload_logs', 'list_deliveries', 'list_pushes', 'list_sources', 'list_source_repositories', 'list_fleet_runs', 'fleet_status', 'spool_status', 'list_batches', 'generate_documentation', 'generate_shell_command', 'optimize_resources', 'generate_pipeline', 'commit_pipeline', 'check_pipeline_status', 'archive_cost']);
    expect(tools.flatMap(({ aliases }) => aliases).sort()).toEqual(['query_hive', 'read_file', 'restore_repo']);
    for (const tool of tools) expect((await loadOperation(tool.operation)).kind).toBe(tool.kind);
  });

  it('holds no operation that decides, by no name', async () => {
    const decides = (await allOperations()).filter(({ kind }) => kind === 'decides').map(({ name }) => name);
    expect(decides).toEqual(expect.arrayContaining(['approve', 'reject', 'credential-add', 'credential-remove']));
    const reachable = tools.map(({ operation }) => operation);
    expect(decides.filter((name) => reachable.includes(name))).toEqual([]);
    const context = {} as OperationContext;
    for (const name of [...decides, 'ask', 'conversation-stop', 'constructor', '']) expect((await callTool({ ...context, log: silentLog }, name, {}, { signal })).failure).toMatchObject({ kind: 'NotFound' });
  });

  it('takes schema and description from the operation, and hides what the tool sets itself', async () => {
    const described = await describeTools();
    const byName = Object.fromEntries(described.map((tool) => [tool.name, tool]));
    expect(byName['submit_restore_job']?.description).toContain((await loadOperation('restore')).description);
    const properties = (name: string): string[] => Object.keys(byName[name]?.parameters['properties'] ?? {});
    expect(properties('submit_restore_job')).toEqual(['repository', 'target', 'point', 'refs', 'credential', 'engine', 'lfs', 'expiresAfter']);
    expect(properties('submit_ingest_job')).not.toEqual(expect.arrayContaining(['wait']));
    expect(properties('submit_ingest_job')).not.toEqual(expect.arrayContaining(['approval']));
    expect(byName['get_file_content']?.parameters).toMatchObject({ type: 'object', required: ['repository', 'path'], additionalProperties: false });
  });
});

describe('answers', () => {
  let archive: BackedUp;
  let context: OperationContext;
  beforeAll(async () => {
    archive = await openBackedUp();
    const origin = join(archive.dir, 'large.git');
    await initBare(origin);
    await importCommits(origin, Array.from({ length: 120 }, (_, at) => ({
      ref: 'refs/heads/main', mark: at + 1, ...(at === 0 ? {} : { parents: [at] }), message: `Change ${at}\n\n${'Because. '.repeat(60)}`,
      files: at === 0 ? [{ path: 'long.txt', content: 'é'.repeat(50_000) }, { path: 'binary', content: Buffer.from([1, 0, 2]) }, ...Array.from({ length: 900 }, (_, n) => ({ path: `many/file-${n}.txt`, content: `${n}` }))] : [{ path: 'long.txt', content: `${at}\n${'x'.repeat(40_000)}\n` }],
    })));
    await archive.ingest(origin, 'large');
    context = { store: archive.deps.store, library: archive.library, paths: { index: '', state: '', cache: join(archive.dir, 'read-cache'), spool: '', metadataSocket: '', credentials: '', logIndex: '' }, git: { protocols: ['file'] }, drill: { maxAge: 30 }, workerId: 'worker', agent: { origins: [], targets: [] }, log: silentLog, caller: { user: 'ada', via: 'agent', owner: false }, temporal: () => Promise.reject(new Error('no Temporal')), status: () => Promise.reject(new Error('no stack')) };
  });
  afterAll(() => archive.cleanUp());

  const call = async (name: string, args: object): Promise<{ value: Record<string, unknown>; cut: boolean }> => {
    const { content, cut } = await callTool(context, name, { repository: 'large', ...args }, { signal });
    expect(Buffer.byteLength(content)).toBeLessThanOrEqual(RESULT_BUDGET);
    return { value: JSON.parse(content) as Record<string, unknown>, cut };
  };

  it('of a long history are cut between commits, and say how to get the rest', async () => {
    const { value, cut } = await call('get_history', { limit: 100 });
    const shown = value['commits'] as { subject: string }[];
    expect(cut).toBe(true);
    expect(value['cut']).toBe(`Only the first ${shown.length} of 100 commits are shown. Ask again with a smaller \`limit\`, and with \`skip\` (now 0) for those after.`);
    expect((await call('get_history', { limit: 5, skip: shown.length })).value['commits']).toMatchObject([{ subject: `Change ${119 - shown.length}` }, {}, {}, {}, {}]);
  });

  it('of a large folder and a large diff are cut too', async () => {
    expect((await call('list_files', { path: 'many' })).cut).toBe(true);
    const { value } = await call('get_file_diff', { from: 'main', to: 'latest' });
    expect(value['files']).toEqual([]);
    const log = await call('get_history', { limit: 2, skip: 10 });
    const [now, before] = log.value['commits'] as { hash: string }[];
    const diff = await call('get_file_diff', { from: before?.hash, to: now?.hash });
    expect(diff).toMatchObject({ cut: true, value: { files: [{ path: 'long.txt', patch: expect.stringContaining('more characters were cut') as string }] } });
  });

  it('of a long file come in parts that join to the whole, between characters', async () => {
    const log = await call('get_history', { limit: 1, skip: 119 });
    const [first] = log.value['commits'] as { hash: string }[];
    let text = '';
    for (let offset: number | undefined = 1 - 1; offset !== undefined; ) {
      const { value } = await call('get_file_content', { path: 'long.txt', point: first?.hash, offset, length: 15_001 });
      text += value['content'] as string;
      offset = value['next'] as number | undefined;
      if (offset !== undefined) expect(value['cut']).toContain(`\`offset\` ${offset}`);
    }
    expect(text).toBe('é'.repeat(50_000));
  });

  it('of the index show the SQL, also where the model made it of a question', async () => {
    const index = join(archive.dir, 'pivo.db');
    const writer = openIndexWriter(index);
    writer.write([...commits('execa', 1, 0, 900), snapshot('execa', 1, 900)]);
    writer.close();
    const asked = (name: string, args: object, translate?: (question: string) => Promise<string>): ReturnType<typeof callTool> =>
      callTool({ ...context, paths: { ...context.paths, index } }, name, args, { signal, ...(translate === undefined ? {} : { translate }) });
    const sql = 'SELECT count(*) AS n FROM commits';
    expect(await asked('query_hive', { sql })).toMatchObject({ sql, content: expect.stringContaining('[[900]]') as string });
    expect(await asked('query_metadata', { question: 'how many?' }, async (question) => `${sql} -- ${question}`)).toMatchObject({ sql: `${sql} -- how many?`, content: expect.stringContaining('[[900]]') as string });
    expect((await asked('query_metadata', { question: 'how many?' }, (question) => translator(scriptedProvider())(question, signal))).failure).toMatchObject({ kind: 'InvalidInput', message: 'the model made no SQL of the question' });
    for (const args of [{}, { sql, question: 'how many?' }, { question: 'how many?' }]) expect((await asked('query_metadata', args)).failure).toMatchObject({ kind: 'InvalidInput' });
    expect(await asked('query_metadata', { sql: 'SELECT nothing FROM commits' })).toMatchObject({ sql: 'SELECT nothing FROM commits', failure: { kind: 'InvalidInput' } });
    const { cut, content } = await asked('query_metadata', { sql: 'SELECT * FROM repo_snapshots', limit: 900 });
    expect({ cut, says: (JSON.parse(content) as { cut: string }).cut }).toEqual({ cut: true, says: expect.stringMatching(/^Only the first \d+ of 900 rows are shown\..*LIMIT and OFFSET/) as string });
    readerOf(index).close();
  });

  it('of a binary file say so', async () => {
    expect((await call('get_file_content', { path: 'binary' })).value).toMatchObject({ binary: true, bytes: 3 });
  });

  it('stay valid JSON within the budget, whatever is in them', () => {
    for (const value of [{ text: '\u0000"\\'.repeat(90_000) }, { rows: Array.from({ length: 9_000 }, () => ['é'.repeat(90)]) }, { rows: [['x'.repeat(900_000)]] }, Object.fromEntries(Array.from({ length: 9_000 }, (_, n) => [`k${n}`, n]))]) {
      const { content, cut } = fit({ value, list: 'rows', rest: 'Ask for less.' });
      expect(cut).toBe(true);
      expect(Buffer.byteLength(content)).toBeLessThanOrEqual(RESULT_BUDGET);
      expect((JSON.parse(content) as { cut: string }).cut).toContain('Ask for less.');
    }
  });
});

describe('the messages of a long conversation', () => {
  const turn = (at: number, size: number): Message[] => [
    { role: 'user', text: `question ${at}` },
    { role: 'assistant', text: '', calls: [{ id: `c${at}`, name: 'list_files', arguments: {} }] },
    { role: 'tool', call: `c${at}`, name: 'list_files', content: JSON.stringify({ text: 'x'.repeat(size) }), cut: false, failed: false },
    { role: 'assistant', text: `answer ${at}`, calls: [] },
  ];
  const size = (messages: readonly Message[]): number => messages.reduce((sum, message) => sum + JSON.stringify(message).length, 0);

  it('lose their oldest results first, each with a word about it', () => {
    const messages = [1, 2, 3, 4].flatMap((at) => turn(at, 10_000));
    const kept = withinBudget(messages, 25_000);
    expect(kept.map((message) => message.role === 'tool' && message.content === DROPPED_RESULT)).toEqual([2, 6].reduce((flags, at) => flags.with(at, true), Array.from({ length: 16 }, () => false)));
    expect(size(kept)).toBeLessThanOrEqual(25_000);
    expect(withinBudget(messages, 100_000)).toEqual(messages);
  });

  it('then their oldest turns, whole ones, and stay so when they are kept within the budget again', () => {
    const messages = Array.from({ length: 50 }, (_, at) => turn(at, 1_000)).flat();
    const kept = withinBudget(messages, 5_000);
    const [first] = kept;
    expect(first).toMatchObject({ role: 'user', text: expect.stringContaining(DROPPED_TURNS) as string });
    expect(kept.length % 4).toBe(0);
    expect(size(kept)).toBeLessThanOrEqual(5_000 + DROPPED_TURNS.length + 4);
    expect(withinBudget(withinBudget([...kept, ...turn(51, 1_000)], 5_000), 5_000)[0]).toMatchObject({ text: expect.not.stringContaining(DROPPED_TURNS + DROPPED_TURNS) as string });
    expect(kept.at(-1)).toEqual(messages.at(-1));
  });

  it('never lose the results that the model waits for', () => {
    const messages = [...turn(1, 9_000), ...turn(2, 90_000).slice(0, 3)];
    const kept = withinBudget(messages, 10_000);
    expect(kept.at(-1)).toEqual(messages.at(-1));
    expect(kept[0]).toMatchObject({ text: `${DROPPED_TURNS}question 2` });
  });
});
