// Notifications as a user has them: commands, REST, MCP; and deliveries that outlive the worker and Temporal.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Deliveries } from '../../operations/deliveries.ts';
import { allOperations } from '../../operations/index.ts';
import type { TestedTarget } from '../../operations/notify-test.ts';
import type { TargetState } from '../../operations/notify-targets.ts';
import { tools } from '../../agent/tools/index.ts';
import { fixture } from '../fixtures/generate.ts';
import { startPivo, type Pivo } from '../harness/pivo.ts';
import { hang, ok, startReceiver, status, type Receiver } from './receiver.ts';

let folder: string;
let origin: string;
let chat: Receiver;
let wrong: Receiver;
let pivo: Pivo;
const tokens = { reader: 'token-of-rita', operator: 'token-of-otto' };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-nt-'));
  const home = join(folder, 'home');
  origin = join(folder, 'project.git');
  [chat, wrong] = [await startReceiver(), await startReceiver(status(404))];
  await fixture('force-push').build(origin);
  await mkdir(home);
  await writeFile(join(home, 'chat.json'), '{"text": "{{title}}", "visit": "{{facts.visit}}"}');
  await writeFile(join(home, 'bad.json'), '{"text": "{{facts.nothing}}"}');
  const server = Object.entries(tokens).map(([role, token]) => `[[server.tokens]]\nuser = "${role}"\nrole = "${role}"\nsha256 = "${createHash('sha256').update(token).digest('hex')}"\n`);
  const targets = [`name = "chat"\nurlEnv = "CHAT_URL"\ntemplate = "chat.json"\nevents = ["visit.done"]`, `name = "wrong"\nurl = "${wrong.url}"\nevents = ["visit.done"]\ntokenEnv = "NO_SUCH"`, `name = "bad"\nurl = "${wrong.url}"\ntemplate = "bad.json"\nevents = ["gate.done"]`];
  await writeFile(join(home, 'config.toml'), [...server, ...targets.map((table) => `[[notify]]\n${table}\n`)].join('\n'));
  pivo = await startPivo(home, { PIVO_LISTEN: '127.0.0.1:0', CHAT_URL: chat.url });
});
afterAll(async () => {
  await pivo?.close();
  await Promise.all([chat.stop(), wrong.stop()]);
  await rm(folder, { recursive: true, force: true });
});

const deliveries = async (...args: string[]): Promise<Deliveries['deliveries']> => (await pivo.json<Deliveries>('notify', 'deliveries', ...args)).deliveries;

/** Kills a part of the stack as the kernel would. */
async function kill(part: 'worker' | 'temporal'): Promise<void> {
  const record = JSON.parse(await readFile(join(pivo.home, 'run', 'stack.json'), 'utf8')) as { parts: Record<string, { process: { pid: number } | null }> };
  process.kill(record.parts[part]?.process?.pid ?? 0, 'SIGKILL');
}

it('says who is told of what, and what is wrong with it', async () => {
  expect(await pivo.json<TargetState[]>('notify', 'targets')).toMatchObject([
    { target: 'chat', place: null, events: ['visit.done'], problem: null },
    { target: 'wrong', place: new URL(wrong.url).origin, problem: { message: expect.stringContaining('NO_SUCH holds no token') } },
    { target: 'bad', problem: { message: 'the template of bad names what is not there: {{facts.nothing}}', hint: expect.stringContaining('facts.records') } },
  ]);
  expect(await pivo.text('notify', 'targets')).not.toContain('T0001');
});

it('tests a target and says what to do when it does not answer as it should', async () => {
  expect(await pivo.json<TestedTarget[]>('notify', 'test', 'chat')).toMatchObject([{ target: 'chat', delivered: true, answer: 204, failure: null }]);
  expect(JSON.parse(chat.received.at(-1)?.body ?? '')).toMatchObject({ text: expect.stringMatching(/^A test of PIVO, asked for by /), visit: '' });
  chat.answer(status(404));
  await expect(pivo.text('notify', 'test', 'chat')).rejects.toMatchObject({ code: 8, stdout: expect.stringMatching(/✗ chat[^]*answered 404\n {2}Is the URL complete/) });
  await expect(pivo.text('notify', 'test', 'wrong')).rejects.toMatchObject({ code: 8, stdout: expect.stringContaining('NO_SUCH holds no token') });
  await expect(pivo.text('notify', 'test', 'bad')).rejects.toMatchObject({ code: 8, stdout: expect.stringContaining('names what is not there') });
  await expect(pivo.text('notify', 'test', 'nobody')).rejects.toMatchObject({ code: 3 });
  expect(wrong.received).toEqual([]);
});

it('delivers what it began before worker and Temporal were killed, under the same idempotency key', async () => {
  chat.received.splice(0);
  chat.answer(hang);
  await pivo.text('ingest', origin);
  await expect.poll(() => chat.received.length).toBe(1);
  await kill('worker');
  await expect.poll(() => chat.received.length, { timeout: 60_000 }).toBe(2);
  await kill('temporal');
  await kill('worker');
  chat.answer(ok);
  await expect.poll(() => deliveries('--status', 'delivered', '--target', 'chat'), { timeout: 90_000, interval: 1_000 }).toMatchObject([{ event: 'visit.done', key: 'visit.done:project:1' }]);
  expect(new Set(chat.received.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
});

it('keeps what did not arrive until a person sends it again', async () => {
  chat.answer(status(410));
  await fixture('force-push').evolve?.(origin);
  await pivo.text('ingest', origin);
  await expect.poll(() => deliveries('--status', 'dead'), { interval: 1_000 }).toMatchObject([{ target: 'chat', key: 'visit.done:project:2', failure: 'answered 410' }]);
  const [{ id } = { id: '' }] = await deliveries('--status', 'dead');
  chat.answer(ok);
  expect(await pivo.text('notify', 'retry', id)).toContain('1 delivery will be tried again');
  await expect.poll(() => deliveries('--status', 'dead'), { interval: 1_000 }).toEqual([]);
  await expect.poll(() => deliveries('--status', 'delivered'), { interval: 1_000 }).toHaveLength(2);
  await expect(pivo.text('notify', 'retry', id)).rejects.toMatchObject({ code: 2 });
  await expect(pivo.text('notify', 'retry', 'f'.repeat(32))).rejects.toMatchObject({ code: 3 });
  await expect(pivo.text('notify', 'retry')).rejects.toMatchObject({ code: 2 });
  expect(await pivo.text('notify', 'retry', '--all-dead')).toContain('0 deliveries will be tried again');
  expect(await pivo.text('notify', 'deliveries')).toMatch(/visit\.done +project +delivered/);
});

it('answers over REST to who may ask', async () => {
  const { url } = await pivo.json<{ url: string }>('console');
  const ask = (method: string, path: string, token: string, body?: object): Promise<Response> => fetch(new URL(`api/v1/notifications/${path}`, url), { method, headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) }, ...(body !== undefined && { body: JSON.stringify(body) }) });
  expect(await (await ask('GET', 'deliveries?status=delivered', tokens.reader)).json()).toMatchObject({ deliveries: [{ target: 'chat' }, { target: 'chat' }] });
  expect((await ask('POST', 'test', tokens.reader, { target: 'chat' })).status).toBe(403);
  expect((await ask('POST', 'retry', tokens.reader, { allDead: true })).status).toBe(403);
  expect(await (await ask('POST', 'test', tokens.operator, { target: 'chat' })).json()).toMatchObject([{ delivered: true }]);
  expect(await (await ask('POST', 'retry', tokens.operator, { allDead: true })).json()).toEqual({ deliveries: 0 });
});

it('lets agent and MCP read deliveries and nothing more', async () => {
  const kinds = Object.fromEntries((await allOperations()).map(({ name, kind }) => [name, kind]));
  expect(kinds).toMatchObject({ deliveries: 'reads', 'notify-test': 'decides', 'notify-retry': 'decides' });
  expect(tools.filter(({ operation }) => /^notify|deliveries/.test(operation)).map(({ name }) => name)).toEqual(['list_deliveries']);
});
