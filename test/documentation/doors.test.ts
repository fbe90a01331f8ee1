// The ways to documentation: command line, REST, and the agent's tool, with a model or without.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nextOf } from '../../agent/providers/scripted/answer.ts';
import { RESULT_BUDGET } from '../../agent/tools/fit.ts';
import { callTool, tools } from '../../agent/tools/index.ts';
import { openStore } from '../../archive/open.ts';
import { openLibrary, type Library } from '../../archive/reading/library.ts';
import type { Message } from '../../contract/conversation.ts';
import type { Documentation } from '../../operations/generate-documentation.ts';
import type { OperationContext } from '../../operations/operation.ts';
import { question } from '../agent/model-requests.ts';
import { pivo, type Ran } from '../cli/run-pivo.ts';
import { importCommits } from '../fixtures/fast-import.ts';
import { PIPELINES } from '../fixtures/pipelines.ts';
import { initBare } from '../fixtures/plumbing.ts';
import { openIngest } from '../harness/ingest.ts';
import { silentLog } from '../harness/temporal.ts';
import { bearer, send, serve } from '../server/served.ts';

let folder: string;
let home: string;
let library: Library;
let context: OperationContext;
const run = (...args: string[]): Promise<Ran> => pivo(args, { home, cwd: folder, env: { PIVO_LLM: 'scripted' } });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-docs-'));
  home = join(folder, 'home');
  const origin = join(folder, 'execa.git');
  await initBare(origin);
  await importCommits(origin, [{ ref: 'refs/heads/main', mark: 1, files: Object.entries(PIPELINES).map(([path, content]) => ({ path, content })) }]);
  const harness = await openIngest(home);
  await harness.ingest(origin, 'execa');
  await harness.close();
  const store = openStore(`file://${join(home, 'archive')}`);
  library = openLibrary({ store, cache: join(folder, 'read-cache') });
  const down = (): Promise<never> => Promise.reject(new Error('not in this test'));
  context = { store, library, paths: { index: '', state: join(home, 'state.db'), cache: join(folder, 'read-cache'), spool: '', metadataSocket: '', credentials: '', logIndex: '' }, drill: { maxAge: 30 }, workerId: 'worker', git: { protocols: [] }, agent: { origins: [], targets: [] }, log: silentLog, caller: { user: 'ada', via: 'agent', owner: false }, temporal: down, status: down };
}, 60_000);
afterAll(async () => {
  await library.close();
  await promisify(execFile)('chmod', ['-R', 'u+w', folder]);
  await rm(folder, { recursive: true, force: true });
});

describe('pivo docs', () => {
  it('prints Markdown, or everything in JSON, and follows its own links', async () => {
    const { code, stdout, stderr } = await run('docs', 'execa', 'jobs/daily.py');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^# execa: `jobs\/daily\.py`\n/);
    const json = JSON.parse((await run('docs', 'execa', 'jobs/daily.py', '--json')).stdout) as Documentation;
    expect(json).toMatchObject({ content: stdout, stored: true, writtenBy: 'pivo' });
    const link = /`(execa@[0-9a-f]{12}:jobs\/daily\.py#L13)`/.exec(stdout)?.[1] ?? '';
    expect((await run('cat', link)).stdout).toBe(PIPELINES['jobs/daily.py']);
    expect(await run('cat', 'execa')).toMatchObject({ code: 2, stderr: expect.stringContaining('names no file') as string });
  });

  it('writes a file, and never over another one unless it is told to', async () => {
    const file = join(folder, 'DOCS.md');
    expect(await run('docs', 'execa', 'dags', '--output', 'DOCS.md')).toMatchObject({ code: 0, stdout: '', stderr: expect.stringMatching(/^DOCS\.md: \d+ facts, written by pivo\n$/) as string });
    const before = await readFile(file, 'utf8');
    expect(before).toContain('sales_daily');
    expect(await run('docs', 'execa', 'jobs', '--output', 'DOCS.md')).toMatchObject({ code: 6, stderr: expect.stringContaining('give --force') as string });
    expect(await readFile(file, 'utf8')).toBe(before);
    expect((await run('docs', 'execa', 'jobs', '--output', 'DOCS.md', '--force')).code).toBe(0);
    expect(await readFile(file, 'utf8')).toContain('daily-sales');
  });
});

describe('REST', () => {
  it('makes a document, gives the kept one back, and lists them', async () => {
    const server = await serve({ context });
    try {
      const ask = async (body: object): Promise<Documentation> => JSON.parse((await send(`${server.url}/api/v1/generate-documentation`, { method: 'POST', headers: { ...bearer('reader'), 'content-type': 'application/json' }, body: JSON.stringify(body) })).text) as Documentation;
      expect(await ask({ repository: 'execa', path: 'sql' })).toMatchObject({ stored: false, content: expect.stringContaining('mart.totals') as string });
      expect(await ask({ repository: 'execa', path: 'sql' })).toMatchObject({ stored: true });
      expect(await ask({ repository: 'execa', path: 'sql', fresh: true })).toMatchObject({ stored: false });
      const { text } = await send(`${server.url}/api/v1/repositories/execa/documents`, { headers: bearer('reader') });
      expect(JSON.parse(text)).toMatchObject({ documents: expect.arrayContaining([expect.objectContaining({ path: 'sql', writtenBy: 'pivo' })]) as unknown[] });
      expect((await send(`${server.url}/api/v1/generate-documentation`, { method: 'POST', headers: { ...bearer('reader'), 'content-type': 'application/json' }, body: '{"repository":"nobody"}' })).status).toBe(404);
    } finally {
      await server.close();
    }
  });
});

describe('the agent', () => {
  const offered = tools.map(({ name }) => ({ name, description: '', parameters: {} }));
  const after = (messages: Message[], content: unknown): Message[] => {
    const { calls } = nextOf({ messages, tools: offered }) as Extract<ReturnType<typeof nextOf>, { calls: unknown }>;
    return [...messages, { role: 'assistant', text: '', calls }, ...calls.map(({ id, name }): Message => ({ role: 'tool', call: id, name, content: JSON.stringify(content), cut: false, failed: false }))];
  };
  const named = (text: string): Message[] => after([question(text)], { columns: ['repo_name'], rows: [['execa']] });

  it.each([
    ['Document the pipeline in execa', { repository: 'execa' }],
    ['please write documentation for jobs/daily.py in execa at v1', { repository: 'execa', path: 'jobs/daily.py', point: 'v1' }],
    ['generate docs for execa', { repository: 'execa' }],
    ['Write docs about the DAGs of the execa repo.', { repository: 'execa' }],
  ])('without a model knows "%s"', (text, expected) => {
    expect(nextOf({ messages: named(text), tools: offered })).toMatchObject({ calls: [{ name: 'generate_documentation', arguments: expected }] });
  });

  it('answers with the document as it is', () => {
    expect(nextOf({ messages: after(named('document execa'), { content: '# execa\n\nWords.' }), tools: offered })).toEqual({ answer: '# execa\n\nWords.' });
  });

  it('is given a document within its budget, made without another model', async () => {
    const { content, failure } = await callTool({ ...context, writer: { name: 'x', write: () => Promise.reject(new Error('asked')) } }, 'generate_documentation', { repository: 'execa' }, { signal: new AbortController().signal });
    expect(failure).toBeUndefined();
    expect(Buffer.byteLength(content)).toBeLessThanOrEqual(RESULT_BUDGET);
    expect(JSON.parse(content)).toMatchObject({ repository: 'execa', writtenBy: 'pivo', content: expect.stringContaining('## Entry points') as string });
  });
});
