// Secrets planted where every kind of credential lives, then searched for in all that PIVO writes, says and starts.
import { mkdtemp, readFile, readdir, rm, writeFile, mkdir } from 'node:fs/promises';
import { request } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { saveCredential } from '../../git/credentials.ts';
import { git } from '../../git/process.ts';
import { startGitHttp, type GitHttpServer } from '../harness/git-http.ts';
import { startPivo, type Pivo } from '../harness/pivo.ts';
import { linearHistory } from '../fixtures/linear-history.ts';
import { initBare } from '../fixtures/plumbing.ts';

const SECRETS = { token: 'canary-4f1d7-token', key: 'canary-4f1d7-key', kafka: 'canary-4f1d7-kafka', hdfs: 'canary-4f1d7-hdfs', wrong: 'canary-4f1d7-wrong', model: 'canary-4f1d7-model' };
/** What gives any of them away, also as HTTP and URLs write it. */
const TRACES = [...Object.values(SECRETS), ...[SECRETS.token, SECRETS.wrong].flatMap((secret) => [Buffer.from(`ada:${secret}`).toString('base64'), ...[0, 1, 2].map((shift) => Buffer.from(`${'x'.repeat(shift)}${secret}`).toString('base64').slice(shift + 2, -4))])];

let dir: string;
let pivo: Pivo;
let server: GitHttpServer;
/** Command lines and environments of all processes that were seen, but for what PIVO itself was given. */
const processes = new Set<string>();
const sampling = new AbortController();
let sampled: Promise<void>;
const said: string[] = [];

async function sample(): Promise<void> {
  while (!sampling.signal.aborted) {
    for (const pid of (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name))) {
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      processes.add(line);
      if (/^(\S*\/)?(git|ssh|sh)\0/.test(line)) processes.add(await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''));
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Runs `./pivo` and keeps what it says, also when it fails. */
async function say(...args: string[]): Promise<string> {
  const text = await pivo.text(...args).catch((error: { stdout?: string; stderr?: string }) => `${error.stdout}${error.stderr}`);
  said.push(text);
  return text;
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-canary-'));
  await linearHistory(join(dir, 'served/r.git'), { commits: 50, files: 5, seed: 1 });
  await initBare(join(dir, 'served/copy.git'));
  server = await startGitHttp({ root: join(dir, 'served'), login: { username: 'ada', token: SECRETS.token } });
  const home = join(dir, 'h');
  await mkdir(home);
  await writeFile(join(dir, 'hdfs.token'), SECRETS.hdfs);
  await writeFile(join(home, 'config.toml'), `[webhdfs]\ntokenFile = ${JSON.stringify(join(dir, 'hdfs.token'))}\n`);
  const credentials = join(home, 'credentials');
  await saveCredential(credentials, 'forge', { kind: 'token', username: 'ada', token: SECRETS.token });
  await saveCredential(credentials, 'stale', { kind: 'token', username: 'ada', token: SECRETS.wrong });
  await saveCredential(credentials, 'deploy', { kind: 'ssh-key', privateKey: SECRETS.key });
  sampled = sample();
  pivo = await startPivo(home, { PIVO_GIT_PROTOCOLS: 'http,ssh,file', PIVO_LOG_LEVEL: 'debug', PIVO_KAFKA_PASSWORD: SECRETS.kafka, PIVO_LLM: 'scripted', GEMINI_API_KEY: SECRETS.model });
  await say('ingest', `${server.url}/r.git`, '--credential', 'forge', '--json');
  await git(['update-ref', 'refs/heads/again', 'HEAD'], { gitDir: join(dir, 'served/r.git') });
  await say('ingest', `${server.url}/r.git`, '--credential', 'forge');
  await say('restore', 'r', '--to', `${server.url}/copy.git`, '--credential', 'forge', '--yes', '--json');
  await say('ingest', `${server.url}/r.git`, '--name', 'refused', '--credential', 'stale');
  await say('ingest', 'git@127.0.0.1:none', '--name', 'nobody', '--credential', 'deploy');
  await say('ingest', `http://ada:${SECRETS.wrong}@127.0.0.1:9/r.git`);
  await say('ask', 'how many commits does r have?', '--json');
  for (const args of [['repos'], ['visits', 'r'], ['log', 'r'], ['jobs'], ['audit'], ['receipts'], ['approvals'], ['status'], ['doctor'], ['credential', 'list'], ['query', 'SELECT * FROM audit']]) said.push(await say(...args, '--json'), await say(...args));
}, 240_000);
afterAll(async () => {
  sampling.abort();
  await sampled;
  await pivo?.close();
  await server?.close();
  await rm(dir, { recursive: true, force: true });
}, 60_000);

const tracesIn = (text: string): string[] => TRACES.filter((trace) => text.includes(trace));

test('the secrets were used: the backup and the restore needed them', async () => {
  expect(said[0]).toContain('"visit":1');
  expect(said[2]).toContain('"outcome":"done"');
  expect(server.authorizations).toContain(`Basic ${Buffer.from(`ada:${SECRETS.token}`).toString('base64')}`);
  expect(server.authorizations).toContain(`Basic ${Buffer.from(`ada:${SECRETS.wrong}`).toString('base64')}`);
});

test('no command line and no environment of git or ssh carried one', () => {
  expect([...processes].some((line) => line.includes('index-pack') || line.includes('fetch'))).toBe(true);
  // the one line that a person typed with a password in it is this test's own
  expect([...processes].filter((line) => !line.includes(`http://ada:${SECRETS.wrong}@`) && tracesIn(line.replaceAll(`PIVO_KAFKA_PASSWORD=${SECRETS.kafka}`, '').replaceAll(`GEMINI_API_KEY=${SECRETS.model}`, '')).length > 0)).toEqual([]);
  expect([...processes].filter((line) => /PIVO_KAFKA_PASSWORD|GEMINI_API_KEY/.test(line) && line.includes('GIT_TERMINAL_PROMPT'))).toEqual([]);
});

test('nothing that PIVO said carried one', () => {
  expect(said.filter((text) => tracesIn(text).length > 0)).toEqual([]);
});

test("no file of the home has one but the credentials' own: logs, archive, index, events, Temporal's tables", async () => {
  const files = (await readdir(pivo.home, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).filter((file) => !file.startsWith(join(pivo.home, 'credentials')));
  const names = files.map((file) => file.slice(pivo.home.length + 1));
  for (const expected of ['pivo.db', 'events.db', 'temporal.db']) expect(names.join(' ')).toContain(expected);
  const found: string[] = [];
  for (const file of files) found.push(...tracesIn((await readFile(file)).toString('latin1')).map((trace) => `${file}: ${trace}`));
  expect(found).toEqual([]);
});

test('no workflow history has one, decoded', async () => {
  const runs = JSON.parse(await pivo.text('temporal', 'workflow', 'list', '--output', 'json')) as { execution: { workflowId: string; runId: string } }[];
  expect(runs.length).toBeGreaterThanOrEqual(4);
  for (const { execution } of runs) {
    const history = await pivo.text('temporal', 'workflow', 'show', '--workflow-id', execution.workflowId, '--run-id', execution.runId, '--output', 'json');
    const payloads = [...history.matchAll(/"data": "([A-Za-z0-9+/=]+)"/g)].map(([, data = '']) => Buffer.from(data, 'base64').toString());
    expect(tracesIn(history + payloads.join('\n'))).toEqual([]);
  }
});

test("no answer of the server's socket has one, however it is asked", async () => {
  const ask = (name: string, body: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const asking = request({ socketPath: join(pivo.home, 'run/server.sock'), method: 'POST', path: `/operations/${name}` }, (response) => void textOf(response).then(resolve, reject));
      asking.once('error', reject);
      asking.end(body);
    });
  for (const name of ['credential-list', 'repos', 'visits', 'jobs', 'audit', 'receipts', 'query', 'approvals']) {
    for (const body of ['{}', '{"repository":"r"}', '{"sql":"SELECT * FROM audit"}', '{', '{"name":"forge"}']) expect(tracesIn(await ask(name, body))).toEqual([]);
  }
});

test('no page, no address of the REST, no measure and no answer over MCP has one, asked as the owner', async () => {
  const { server: web } = await pivo.json<{ server: { url: string } }>('status');
  const headers = { authorization: `Bearer ${(await readFile(join(pivo.home, 'server-token'), 'utf8')).trim()}`, 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const api = ['overview', 'repositories', 'repositories/r/visits', 'repositories/r/commits', 'jobs', 'restores', 'approvals', 'audit', 'schedules', 'health', 'chat/history', 'openapi.json'].map((path) => `/api/v1/${path}`);
  const call = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'query_metadata', arguments: { sql: 'SELECT * FROM audit' } } });
  const answers = [...(await Promise.all(['/', '/metrics', ...api].map(async (path) => fetch(new URL(path, web.url), { headers })))), await fetch(new URL('/mcp', web.url), { method: 'POST', headers, body: call })];
  expect(answers.filter(({ status }) => status !== 200).map(({ url, status }) => `${url} ${status}`)).toEqual([]);
  for (const answer of answers) expect(tracesIn(await answer.text())).toEqual([]);
});
