// Mails to a real SMTP server: what they say, how they are sent, and what becomes of every way in which a server can fail.
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Notification } from '../../contract/notification.ts';
import { attempt, checkTarget } from '../../notify/deliver.ts';
import { deliveryId } from '../../notify/orders.ts';
import { notifyTargets as targetStates } from '../../operations/notify-targets.ts';
import { notifyTest } from '../../operations/notify-test.ts';
import { callOperation, operationContext } from '../harness/operations.ts';
import { startTemporal, testDeps, unique, type TestTemporal } from '../harness/temporal.ts';
import { openHome, type NotifyHome } from './home.ts';
import { certificateIn, parsed, startMailServer, type MailServer } from './mail-server.ts';
import { mailTargetOf, targetsOf } from './targets.ts';

const PASSWORD = 'canary word 4c1d';
const done: Notification = {
  event: 'fleet.done', key: 'fleet.done:fleet-7', time: '2026-11-21T03:40:00.000Z', repository: null,
  facts: { fleet: 'fleet-7', source: 'acme', total: 1_000, done: 40, unchanged: 909, held: 1, failed: 50, vanished: 0, newBytes: 10, firstFailed: [{ repository: 'acme.website', reason: 'Unauthorized' }], started: '2026-11-21T03:00:00.000Z', finished: '2026-11-21T03:40:00.000Z' },
};
const ID = deliveryId('ops', done.key);

let dir: string;
let certificate: Awaited<ReturnType<typeof certificateIn>>;
const servers: MailServer[] = [];
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-mail-'));
  certificate = await certificateIn(dir);
});
afterEach(async () => void (await Promise.all(servers.splice(0).map((server) => server.stop()))));
afterAll(() => rm(dir, { recursive: true, force: true }));

async function server(...options: Parameters<typeof startMailServer>): Promise<MailServer> {
  const started = await startMailServer(...options);
  servers.push(started);
  return started;
}

const plain = (port: number, more: object = {}): object => ({ to: 'ops@example.com', from: 'PIVO <pivo@example.org>', host: '127.0.0.1', port, tls: 'none', ...more });
const sent = (email: object, { news = done, table = {}, signal = new AbortController().signal }: { news?: Notification; table?: object; signal?: AbortSignal } = {}): ReturnType<typeof attempt> =>
  attempt(mailTargetOf({ email, timeout: 5, ...table }, { home: dir, env: { MAIL: PASSWORD } }), { id: ID, notification: news }, signal);

describe('a mail', () => {
  it('says what happened in its subject and, fact by fact, in its text', async () => {
    const to = await server({ hideSTARTTLS: true });
    expect(await sent(plain(to.port))).toEqual({ status: 250, failure: null, hint: null, mayPass: false, retryAfter: null, said: '250 2.0.0 kept as 1' });
    expect(to.mails).toMatchObject([{ from: 'pivo@example.org', to: ['ops@example.com'] }]);
    const { fields, text } = await parsed(to.mails[0]?.raw ?? '');
    expect(Object.fromEntries(fields)).toMatchObject({ From: 'PIVO <pivo@example.org>', To: 'ops@example.com', Subject: 'PIVO: Source acme: 40 backed up, 909 unchanged, 1 held, 50 failed of 1000', 'Message-ID': `<${ID}@example.org>`, 'Auto-Submitted': 'auto-generated', 'X-Pivo-Event': 'fleet.done', 'Content-Type': expect.stringMatching(/^text\/plain/) });
    expect(text.split(/\r?\n/)).toEqual(expect.arrayContaining(['failed: 50', 'firstFailed: [{"repository":"acme.website","reason":"Unauthorized"}]', 'error, fleet.done, 2026-11-21T03:40:00.000Z']));
  });

  it('has the same Message-ID at every attempt', async () => {
    const to = await server({ hideSTARTTLS: true });
    await sent(plain(to.port));
    await sent(plain(to.port));
    expect(new Set(to.mails.map(({ raw }) => /^Message-ID: .*$/m.exec(raw)?.[0]))).toEqual(new Set([`Message-ID: <${ID}@example.org>`]));
  });

  it('goes to each recipient once, by one mail', async () => {
    const to = await server({ hideSTARTTLS: true });
    expect(await sent(plain(to.port, { to: ['ops@example.com', 'The Boss <boss@example.com>'] }))).toMatchObject({ failure: null });
    expect(to.mails.map((mail) => mail.to)).toEqual([['ops@example.com', 'boss@example.com']]);
  });

  it('has no fields but its own, whatever the facts hold', async () => {
    const to = await server({ hideSTARTTLS: true });
    const hostile = 'x\r\nBcc: victim@example.net\r\n\r\n<script>\n.\r\nQUIT\r\n\u202Eevil =?utf-8?q?a?=';
    await sent(plain(to.port), { news: { ...done, event: 'visit.failed', repository: 'execa', facts: { outcome: hostile, message: hostile, hint: hostile } } });
    const { fields, text } = await parsed(to.mails[0]?.raw ?? '');
    expect(fields.map(([name]) => name.toLowerCase()).sort()).toEqual(['auto-submitted', 'content-transfer-encoding', 'content-type', 'date', 'from', 'message-id', 'mime-version', 'subject', 'to', 'x-auto-response-suppress', 'x-pivo-event']);
    expect(to.mails).toMatchObject([{ to: ['ops@example.com'] }]);
    expect(text).toContain('message: x Bcc: victim@example.net <script> . QUIT evil');
    expect(fields.find(([name]) => name === 'Subject')?.[1]).toMatch(/^PIVO: The backup of execa ended without a visit \(x Bcc: victim/);
  });

  it('is made from the template of its target', async () => {
    const to = await server({ hideSTARTTLS: true });
    await writeFile(join(dir, 'mail.json'), '{"subject": "[{{severity}}] {{facts.source}}", "text": "{{facts.failed}} of {{facts.total}}: Größe\\n{{lines}}"}');
    expect(await sent(plain(to.port), { table: { template: 'mail.json' } })).toMatchObject({ failure: null });
    const { fields, text } = await parsed(to.mails[0]?.raw ?? '');
    expect(fields).toContainEqual(['Subject', '[error] acme']);
    expect(text).toMatch(/^50 of 1000: Größe\r?\nfleet: fleet-7/);
  });

  it.each([['{"text": "only"}', 'two strings'], ['"{{title}}"', 'two strings'], ['{"subject": "a", "text": ["b"]}', 'two strings'], ['{"subject": "{{token}}", "text": "b"}', 'lines']])('is not made from %s, which is told before', async (template, hint) => {
    await writeFile(join(dir, 'wrong.json'), template);
    await expect(checkTarget(mailTargetOf({ email: plain(1), template: 'wrong.json' }, { home: dir }))).rejects.toMatchObject({ kind: 'InvalidInput', hint: expect.stringContaining(hint) as string });
  });
});

describe('a connection', () => {
  it.each([['starttls', {}], ['tls', { secure: true }]])('is encrypted (%s) before user and password are told', async (tls, options) => {
    const to = await server({ ...options, key: certificate.key, cert: certificate.cert, users: { pivo: PASSWORD } });
    expect(await sent(plain(to.port, { tls, user: 'pivo', passwordEnv: 'MAIL', caFile: certificate.caFile }))).toMatchObject({ status: 250, failure: null });
    expect(to.mails).toMatchObject([{ user: 'pivo', secure: true }]);
  });

  it('to a server whose certificate nobody vouches for is none, and tells what to do', async () => {
    const to = await server({ key: certificate.key, cert: certificate.cert, users: { pivo: PASSWORD } });
    expect(await sent(plain(to.port, { tls: 'starttls', user: 'pivo', passwordEnv: 'MAIL' }))).toMatchObject({ status: null, mayPass: true, failure: expect.stringMatching(/^no connection: .*self-signed/i), hint: expect.stringContaining('caFile') });
    expect([to.mails, to.asked]).toEqual([[], []]);
  });

  it('that the server does not encrypt tells it nothing', async () => {
    const to = await server({ hideSTARTTLS: true, disabledCommands: ['STARTTLS'], allowInsecureAuth: true, users: { pivo: PASSWORD } });
    const { failure, hint } = await sent(plain(to.port, { tls: 'starttls', user: 'pivo', passwordEnv: 'MAIL' }));
    expect([failure, hint]).toEqual([expect.stringMatching(/STARTTLS/), expect.stringContaining('"starttls"')]);
    expect(to.asked).toEqual([]);
  });

  it('with a wrong password is refused for good, and the reason does not repeat it', async () => {
    const to = await server({ key: certificate.key, cert: certificate.cert, users: { pivo: 'another' } });
    const answer = await sent(plain(to.port, { tls: 'starttls', user: 'pivo', passwordEnv: 'MAIL', caFile: certificate.caFile }));
    expect(answer).toMatchObject({ status: 535, mayPass: false, failure: expect.stringMatching(/^answered AUTH PLAIN with 535 .*\[hidden\]/), hint: expect.stringContaining('password') });
    expect(JSON.stringify(answer)).not.toContain('canary');
  });
});

describe('a server that', () => {
  it.each<[string, [number, string], object]>([
    ['knows no such recipient', [550, '5.1.1 nobody here'], { status: 550, mayPass: false, failure: 'answered RCPT TO with 550 5.1.1 nobody here', hint: expect.stringContaining('addresses') }],
    ['wants the recipient later', [450, '4.2.0 greylisted'], { status: 450, mayPass: true, failure: 'answered RCPT TO with 450 4.2.0 greylisted', hint: expect.stringContaining('tried again') }],
  ])('%s', async (_what, refusal, answer) => {
    const to = await server({ hideSTARTTLS: true });
    to.answer({ recipient: () => refusal });
    expect(await sent(plain(to.port))).toMatchObject(answer);
  });

  it.each<[[number, string], boolean]>([[[554, '5.7.1 looks like spam'], false], [[451, '4.3.0 disk full'], true]])('refuses the mail itself with %j may take it later: %s', async (refusal, mayPass) => {
    const to = await server({ hideSTARTTLS: true });
    to.answer({ mail: () => refusal });
    expect(await sent(plain(to.port))).toMatchObject({ status: refusal[0], mayPass, failure: `answered DATA with ${refusal.join(' ')}` });
  });

  it('takes one recipient and refuses the other says which', async () => {
    const to = await server({ hideSTARTTLS: true });
    to.answer({ recipient: (address) => (address === 'gone@example.com' ? [550, '5.1.1 gone'] : null) });
    expect(await sent(plain(to.port, { to: ['ops@example.com', 'gone@example.com'] }))).toMatchObject({ status: 550, mayPass: false, failure: 'taken for some recipients and refused for gone@example.com: 550 5.1.1 gone' });
    expect(to.mails.map((mail) => mail.to)).toEqual([['ops@example.com']]);
  });

  it.each([
    ['never greets', (): void => {}, /^no answer within 0\.4 s$/],
    ['greets and then says nothing', (socket: { write(text: string): unknown }): void => void socket.write('220 hello\r\n'), /^no answer within 0\.4 s$/],
    ['speaks no SMTP', (socket: { end(text: string): unknown }): void => void socket.end('SSH-2.0-x\r\n'), /^(no connection|answered)/],
    ['turns everybody away', (socket: { end(text: string): unknown }): void => void socket.end('421 too busy\r\n'), /^answered (CONN with )?421 too busy/],
  ])('%s ends an attempt', async (_what, greet, failure) => {
    const silent = createServer((socket) => {
      socket.on('error', () => {});
      greet(socket);
    }).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    expect(await sent(plain((silent.address() as AddressInfo).port), { table: { timeout: 0.4 } })).toMatchObject({ mayPass: true, failure: expect.stringMatching(failure), hint: expect.any(String) });
    silent.close();
  });

  it('is not there', async () => {
    const gone = await startMailServer();
    await gone.stop();
    expect(await sent(plain(gone.port))).toMatchObject({ status: null, mayPass: true, failure: expect.stringMatching(/^no connection: .*ECONNREFUSED/), hint: expect.stringContaining(`smtp://127.0.0.1:${gone.port}`) });
  });

  it('an attempt at which ends with its worker', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const end = new AbortController();
    silent.once('connection', () => end.abort(new Error('the worker ends')));
    await expect(sent(plain((silent.address() as AddressInfo).port), { signal: end.signal })).rejects.toThrow('the worker ends');
    silent.close();
  });
});

describe('the settings of a mail', () => {
  it('have the usual ports, and what is secret of them is in none of their properties', () => {
    const email = { to: 'a@b.example', from: 'p@b.example', host: 'mail.example' };
    expect(['starttls', 'tls', 'none'].map((tls) => mailTargetOf({ email: { ...email, tls } }).place)).toEqual(['smtp://mail.example:587', 'smtps://mail.example:465', 'smtp://mail.example:25']);
    const target = mailTargetOf({ email: { ...email, user: 'pivo', passwordEnv: 'MAIL' } }, { env: { MAIL: PASSWORD } });
    expect(JSON.stringify(target)).not.toContain('canary');
    expect(target.secrets()).toEqual({ password: PASSWORD, ca: null });
  });

  it.each<[object, RegExp]>([
    [{ to: 'nobody' }, /no address/], [{ to: 'a@b.example\r\nBcc: c@d.example' }, /no address/], [{ to: 'a@b.example, c@d.example' }, /no address/], [{ to: [] }, /to/], [{ from: 'x <a@b.example' }, /no address/], [{ from: 'x\ny <a@b.example>' }, /no address/],
    [{ host: 'mail.example/x' }, /mail server/], [{ port: 0 }, /port/], [{ tls: 'yes' }, /tls/], [{ user: 'pivo' }, /passwordFile or passwordEnv/], [{ passwordEnv: 'X' }, /a user goes with/], [{ user: 'pivo', password: 'x' }, /password/],
    [{ user: 'pivo', passwordEnv: 'X', tls: 'none' }, /not encrypted/], [{ user: 'pi\nvo', passwordEnv: 'X' }, /ASCII/],
  ])('refuse %j', (wrong, message) => {
    expect(() => mailTargetOf({ email: { to: 'a@b.example', from: 'p@b.example', host: 'mail.example', ...wrong } })).toThrow(message);
  });

  it('go with neither URL nor token', () => {
    const email = plain(25);
    expect(() => targetsOf([{ name: 'a', email, url: 'http://a' }])).toThrow(/name one of url, urlFile, urlEnv and email/);
    for (const more of [{ tokenEnv: 'T' }, { secretFile: '/x' }, { headers: { 'x-a': 'b' } }]) expect(() => targetsOf([{ name: 'a', email, ...more }])).toThrow(/a mail has no token/);
  });
});

describe('a mail on its way', () => {
  let temporal: TestTemporal;
  const homes: NotifyHome[] = [];
  beforeAll(async () => void (temporal = await startTemporal()));
  afterEach(async () => void (await Promise.all(homes.splice(0).map((home) => home.stop()))));
  afterAll(() => temporal.stop());

  const home = async (...parameters: [object[], Record<string, string>?]): Promise<NotifyHome> => {
    const opened = await openHome(temporal, parameters[0], { env: parameters[1] ?? {} });
    homes.push(opened);
    return opened;
  };

  it('is tried again while the server wants it later, arrives under one Message-ID, and is written down', async () => {
    const to = await server({ hideSTARTTLS: true });
    to.answer({ recipient: () => (to.asked.length < 3 ? [451, '4.7.1 greylisted'] : null) });
    const pivo = await home([{ name: 'ops', email: plain(to.port), events: ['fleet.done'], rate: 1_000 }]);
    expect([await pivo.tell(done), await pivo.tell(done)]).toEqual([1, 0]);
    await expect.poll(() => pivo.deliveries({ status: 'delivered' }).length).toBe(1);
    expect(pivo.deliveries()).toMatchObject([{ id: ID, event: 'fleet.done', attempts: 3, answer: 250, failure: null, tried: [{ answer: 451, failure: expect.stringContaining('greylisted') }, { answer: 451 }, { answer: 250, failure: null }] }]);
    expect(to.mails.map(({ raw }) => raw.includes(`Message-ID: <${ID}@example.org>`))).toEqual([true]);
  });

  it('that is refused for good is a dead letter at once', async () => {
    const to = await server({ hideSTARTTLS: true });
    to.answer({ recipient: () => [550, '5.1.1 nobody here'] });
    const pivo = await home([{ name: 'ops', email: plain(to.port), events: ['fleet.done'], rate: 1_000 }]);
    await pivo.tell({ ...done, key: 'fleet.done:fleet-8' });
    await expect.poll(() => pivo.deliveries({ status: 'dead' })).toMatchObject([{ attempts: 1, answer: 550, failure: 'answered RCPT TO with 550 5.1.1 nobody here' }]);
  });
});

describe('`notify test`', () => {
  it('says what the mail server answered, and `notify targets` whom it reaches', async () => {
    const to = await server({ hideSTARTTLS: true });
    const notify = targetsOf([{ name: 'ops', email: plain(to.port) }, { name: 'lost', email: plain(to.port, { to: 'lost@example.com' }) }]);
    to.answer({ recipient: (address) => (address === 'lost@example.com' ? [550, '5.1.1 nobody here'] : null) });
    const temporal = { client: undefined, folder: dir } as unknown as TestTemporal;
    const context = { ...operationContext(temporal, { deps: testDeps(temporal, unique('home')) }), notify };
    const tested = await callOperation(notifyTest, context, {});
    expect(tested).toMatchObject([{ target: 'ops', delivered: true, answer: 250, said: '250 2.0.0 kept as 1', place: `smtp://127.0.0.1:${to.port}` }, { target: 'lost', delivered: false, answer: 550, failure: 'answered RCPT TO with 550 5.1.1 nobody here' }]);
    expect(await callOperation(targetStates, context, {})).toMatchObject([{ target: 'ops', to: ['ops@example.com'], token: false, problem: null }, { target: 'lost' }]);
  });
});
