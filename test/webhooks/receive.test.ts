// Webhooks over HTTP: what is proven is in the spool before it is answered, and nothing else ever is.
import { once } from 'node:events';
import { mkdtemp, rm, unlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PivoError } from '../../contract/failures.ts';
import type { Frame } from '../../contract/spool.ts';
import { createWebhookReceiver, openWebhookReceiver } from '../../operations/webhook-receiver.ts';
import { openSpool } from '../../spool/folders.ts';
import { readSegment } from '../../spool/segment.ts';
import type { WebhookSettings } from '../../webhooks/settings.ts';
import { silentLog } from '../harness/temporal.ts';
import { problem, send, serve, type Answer, type Served } from '../server/served.ts';
import { SECRET, SIGNING, fromGitea, fromGithub, fromGitlab, gitlabPush, gitlabUpdate, hubPush, hubRepository, signedByGitlab, webhook, type Delivery } from './deliveries.ts';

const WEBHOOKS = [webhook('github'), webhook('gitlab'), webhook('gitea'), webhook('gitlab', { name: 'signed', secret: SIGNING }), { ...webhook('github', { name: 'lost' }), secret: lost }];
const PROTOCOLS = ['https', 'ssh'];

function lost(): string {
  throw new PivoError('CredentialMissing', 'the secret of webhook "lost" cannot be read: ENOENT /place/of/secret');
}

let folder: string;
let server: Served;
let receiver: ReturnType<typeof openWebhookReceiver>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-webhooks-'));
  await open(WEBHOOKS);
});

afterEach(async () => {
  await server.close();
  await receiver.close();
  await rm(folder, { recursive: true, force: true });
});

async function open(webhooks: readonly WebhookSettings[], hosts: string[] = []): Promise<void> {
  receiver = openWebhookReceiver({ spool: folder, webhooks, protocols: PROTOCOLS, log: silentLog });
  server = await serve({ webhooks: receiver, hosts });
}

const post = (source: string, { headers, body }: Delivery): Promise<Answer> => send(`${server.url}/api/v1/webhooks/${source}`, { method: 'POST', headers, body });

async function spooled(): Promise<Frame[]> {
  const spool = openSpool(folder);
  const frames: Frame[] = [];
  for (const { path } of await spool.waiting('push')) for await (const batch of readSegment(path, { kind: 'push', signal: new AbortController().signal })) frames.push(...batch);
  return frames;
}

const payloads = async (): Promise<unknown[]> => (await spooled()).map(({ payload }) => payload);

describe('a push', () => {
  it('of GitHub is durable when it is answered, with its URLs best first', async () => {
    const answer = await post('github', fromGithub(hubPush('acme/tool'), { id: 'd-1' }));
    expect([answer.status, JSON.parse(answer.text)]).toEqual([202, { accepted: true, id: 'github:d-1' }]);
    expect(await spooled()).toEqual([
      { kind: 'push', key: 'acme/tool', time: expect.any(Number) as number, id: 'github:d-1', payload: { source: 'github', forge: 'github', repository: 'acme/tool', urls: ['https://forge.example/acme/tool.git', 'git@forge.example:acme/tool.git'], ref: 'refs/heads/main', before: '4f'.repeat(20), after: 'a1'.repeat(20) } },
    ]);
  });

  it('of Gitea and of GitLab, by token or signed, is taken too', async () => {
    const answers = [await post('gitea', fromGitea(hubPush('acme/a'))), await post('gitlab', fromGitlab(gitlabPush('group/team/b'))), await post('gitlab', fromGitlab(gitlabPush('group/c'), { event: 'Tag Push Hook' })), await post('gitlab', fromGitlab(gitlabUpdate('group/d'), { event: 'System Hook' })), await post('gitlab', fromGitlab(gitlabUpdate('group/e'), { event: 'Repository Update Hook' })), await post('signed', signedByGitlab(gitlabPush('group/f')))];
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202, 202]);
    expect((await spooled()).map(({ key }) => key).sort()).toEqual(['acme/a', 'group/c', 'group/d', 'group/e', 'group/f', 'group/team/b']);
  });

  it('is also a branch or tag that was made or deleted', async () => {
    for (const [event, type] of [['create', 'tag'], ['delete', 'branch']] as const) await post('github', fromGithub({ ref: 'v1', ref_type: type, repository: hubRepository('acme/tool') }, { event }));
    expect((await payloads()).map((payload) => (payload as { ref: string }).ref).sort()).toEqual(['refs/heads/v1', 'refs/tags/v1']);
  });

  it('of the same delivery is taken once, one after the other and at once', async () => {
    const delivery = fromGithub(hubPush('acme/tool'));
    const answers = await Promise.all(Array.from({ length: 10 }, () => post('github', delivery)));
    answers.push(await post('github', delivery));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array<number>(10).fill(200), 202]);
    expect(answers.filter(({ text }) => (JSON.parse(text) as { duplicate?: boolean }).duplicate === true)).toHaveLength(10);
    expect(await spooled()).toHaveLength(1);
  });

  it('that comes once more after a day, or to another webhook, is another one', async () => {
    let now = 0;
    const frames: Frame[] = [];
    const { receive } = createWebhookReceiver({ webhooks: [webhook('github'), webhook('github', { name: 'other' })], append: async (frame) => void frames.push(frame), protocols: PROTOCOLS, log: silentLog, now: () => now });
    const { headers, body } = fromGithub(hubPush('acme/tool'));
    const take = async (source: string) => (await receive(source, { headers, body: Buffer.from(body), now })).outcome;
    expect([await take('github'), await take('github'), await take('other')]).toEqual(['accepted', 'duplicate', 'accepted']);
    now = 86_400_000;
    expect(await take('github')).toBe('accepted');
  });
});

describe('what is not proven', () => {
  it('is answered with 401, whatever of the signature is wrong, and nothing of it is kept', async () => {
    const good = fromGithub(hubPush('acme/tool'));
    const wrong: [string, Delivery][] = [
      ['github', fromGithub(hubPush('acme/tool'), { secret: 'another' })],
      ['github', { ...good, body: `${good.body} ` }],
      ['github', { ...good, headers: { ...good.headers, 'x-hub-signature-256': 'sha256=' } }],
      ['github', { ...good, headers: { ...good.headers, 'x-hub-signature-256': (good.headers['x-hub-signature-256'] ?? '').slice('sha256='.length) } }],
      ['github', { ...good, headers: { 'content-type': 'application/json', 'x-github-event': 'push' } }],
      ['github', fromGitea(hubPush('acme/tool'))],
      ['gitea', good],
      ['gitlab', fromGitlab(gitlabPush('a/b'), { token: '' })],
      ['gitlab', fromGitlab(gitlabPush('a/b'), { token: `${SECRET} ` .slice(0, -2) })],
      ['signed', fromGitlab(gitlabPush('a/b'), { token: SIGNING })],
      ['signed', signedByGitlab(gitlabPush('a/b'), { key: `whsec_${Buffer.alloc(32, 8).toString('base64')}` })],
    ];
    for (const [source, delivery] of wrong) expect((await post(source, delivery)).status).toBe(401);
    expect(await spooled()).toEqual([]);
  });

  it('a signature of another time is refused, of this time it is not', async () => {
    const now = Math.floor(Date.now() / 1000);
    for (const at of [now - 400, now + 400]) expect((await post('signed', signedByGitlab(gitlabPush('a/b'), { at }))).status).toBe(401);
    for (const at of [now - 200, now + 200]) expect((await post('signed', signedByGitlab(gitlabPush('a/b'), { at }))).status).toBe(202);
    expect(await spooled()).toHaveLength(2);
  });

  it('an unknown webhook is 404, for those of this machine and with the owner token as well', async () => {
    for (const headers of [{}, { authorization: 'Bearer token-of-olga' }]) {
      const { body, ...delivery } = fromGithub(hubPush('acme/tool'));
      expect((await post('none', { body, headers: { ...delivery.headers, ...headers } })).status).toBe(404);
      expect((await post('github', { body, headers: { 'content-type': 'application/json', ...headers } })).status).toBe(401);
    }
  });

  it('too often from one address is told to come back, while what is proven goes on', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, () => post('github', fromGithub(hubPush('acme/tool'), { secret: 'another' }))));
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(10);
    expect((await post('github', fromGithub(hubPush('acme/tool')))).status).toBe(202);
  });

  it('a webhook without its secret says nothing of where that should be', async () => {
    const answer = await post('lost', fromGithub(hubPush('acme/tool')));
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5']);
    expect(answer.text).not.toContain('/place');
  });
});

describe('what is proven and no push', () => {
  it('a ping is answered, other events are ignored', async () => {
    expect(JSON.parse((await post('github', fromGithub({ zen: 'Keep it logically awesome.' }, { event: 'ping' }))).text)).toEqual({ pong: true });
    for (const delivery of [fromGithub({}, { event: 'issues' }), fromGithub([], { event: 'evil\nname' })]) {
      const answer = await post('github', { ...delivery, headers: { ...delivery.headers, 'x-github-event': (delivery.headers['x-github-event'] ?? '').replace('\n', '!') } });
      expect([answer.status, JSON.parse(answer.text)]).toEqual([202, { accepted: false, reason: expect.stringMatching(/^the event "(issues|unnamed)" is no push$/) as string }]);
    }
    expect(await spooled()).toEqual([]);
  });

  it.each([
    ['no JSON', 'ref=refs%2Fheads%2Fmain'],
    ['half of it', '{"ref":'],
    ['not UTF-8', '"\u0080"'],
    ['nothing', ''],
    ['a list', '[]'],
    ['nested without end', `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`],
    ['nested in what looks like a string', `{"a":"\\\\",${'"b":{'.repeat(100)}${'}'.repeat(100)}}`],
    ['keys of prototypes', '{"__proto__":{"repository":{"full_name":"a/b","clone_url":"https://forge.example/a/b.git"}},"ref":"refs/heads/main"}'],
    ['a name with a line break', JSON.stringify(hubPush('acme/to\nol'))],
    ['a name that turns text around', JSON.stringify(hubPush('acme/\u202Elo\u202Dot'))],
    ['a name without end', JSON.stringify(hubPush('x'.repeat(100_000)))],
    ['a URL without end', JSON.stringify(hubPush('a/b', `https://forge.example/${'x'.repeat(100_000)}`))],
    ['a number for a name', JSON.stringify({ ...hubPush('a/b'), repository: { full_name: 7, clone_url: 'https://forge.example/a/b.git' } })],
  ])('a body that is %s is refused', async (_, body) => {
    const delivery = fromGithub(body);
    const answer = await post('github', delivery);
    expect([answer.status, problem(answer).kind]).toEqual([400, 'InvalidInput']);
    expect(await spooled()).toEqual([]);
  });

  it('URLs with users, passwords or other transports are left out, and without any other the push is ignored', async () => {
    for (const url of ['https://ada:secret@forge.example/a/b.git', 'https://ada@forge.example/a/b.git', 'ext::sh -c id', 'file:///etc', '-u', 'http://forge.example/a/b.git']) {
      const push = hubPush('a/b', url);
      const { ssh_url: ssh, ...repository } = push.repository;
      expect(JSON.parse((await post('github', fromGithub({ ...push, repository }))).text)).toMatchObject({ accepted: false });
      expect((await post('github', fromGithub(push))).status).toBe(202);
      expect(ssh).toBeDefined();
    }
    for (const payload of await payloads()) expect((payload as { urls: string[] }).urls).toEqual(['git@forge.example:a/b.git']);
  });
});

describe('the door', () => {
  it('lets through exactly the address of a webhook', async () => {
    await server.close();
    server = await serve({ webhooks: receiver, requireToken: true });
    const delivery = fromGithub(hubPush('acme/tool'));
    expect((await post('github', delivery)).status).toBe(202);
    for (const path of ['/api/v1/webhooks', '/api/v1/webhooks/github/x', '/api/v1/jobs', '/api/v1/webhooks/']) expect((await send(`${server.url}${path}`, { method: 'POST', headers: delivery.headers, body: delivery.body })).status).toBe(401);
    expect((await send(`${server.url}/api/v1/webhooks/github`)).status).toBe(401);
    expect((await send(`${server.url}/api/v1/webhooks/github`, { method: 'POST', headers: { ...delivery.headers, host: 'elsewhere.example' }, body: delivery.body })).status).toBe(403);
    await server.close();
    server = await serve({ webhooks: receiver, hosts: ['pivo.example'] });
    const named = fromGithub(hubPush('acme/tool'));
    expect((await send(`${server.url}/api/v1/webhooks/github`, { method: 'POST', headers: { ...named.headers, host: 'pivo.example' }, body: named.body })).status).toBe(202);
  });

  it('refuses a body that is too large, by what it says of itself and by what comes', async () => {
    const huge = String(26 * 2 ** 20);
    const [claimed, chunked] = [await raw(`POST /api/v1/webhooks/github HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${huge}\r\n\r\n`), await rawChunks(26)];
    expect([claimed, chunked].map((answer) => answer.split('\r\n')[0])).toEqual(['HTTP/1.1 413 Payload Too Large', 'HTTP/1.1 413 Payload Too Large']);
    expect(claimed.toLowerCase()).toContain('connection: close');
    expect((await post('github', fromGithub(hubPush('acme/tool')))).status).toBe(202);
  });

  it('says so when the spool cannot be written, and takes the same delivery when it can', async () => {
    const delivery = fromGithub(hubPush('acme/tool'));
    let full = true;
    const frames: Frame[] = [];
    const append = async (frame: Frame): Promise<void> => {
      if (full) throw new PivoError('StorageFull', 'no space left');
      frames.push(frame);
    };
    await server.close();
    server = await serve({ webhooks: createWebhookReceiver({ webhooks: WEBHOOKS, append, protocols: PROTOCOLS, log: silentLog }) });
    const answers = await Promise.all([post('github', delivery), post('github', delivery)]);
    expect(answers.map(({ status, headers }) => [status, headers['retry-after']])).toEqual([[503, '5'], [503, '5']]);
    full = false;
    expect((await post('github', delivery)).status).toBe(202);
    expect(frames).toHaveLength(1);
  });

  it('says so when the spool has no place, and takes the push when it has', async () => {
    await writeFile(join(folder, 'incoming'), 'in the way');
    const delivery = fromGithub(hubPush('acme/tool'));
    expect((await post('github', delivery)).status).toBe(503);
    await unlink(join(folder, 'incoming'));
    expect((await post('github', delivery)).status).toBe(202);
    expect(await spooled()).toHaveLength(1);
  });
});

/** What the server answers to exactly these bytes. */
async function raw(text: string): Promise<string> {
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(text);
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk)).on('error', () => {});
  await once(socket, 'close');
  return answer;
}

/** A body of so many MiB that does not say how long it is. */
async function rawChunks(count: number): Promise<string> {
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk)).on('error', () => {});
  const closed = once(socket, 'close');
  socket.write('POST /api/v1/webhooks/github HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n');
  const chunk = Buffer.concat([Buffer.from(`${(2 ** 20).toString(16)}\r\n`), Buffer.alloc(2 ** 20, 0x20), Buffer.from('\r\n')]);
  for (let at = 0; at < count && socket.writable; at++) socket.write(chunk);
  await closed;
  return answer;
}
