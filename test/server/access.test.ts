// Who may do what over HTTP, from where, under which name and from which page.
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineOperation, type Caller, type Operation, type OperationKind } from '../../operations/operation.ts';
import { bearer, problem, send, serve, type Served } from './served.ts';

const asked: { operation: string; caller: Caller; input: unknown }[] = [];
const stub = (name: string, kind: OperationKind): Operation =>
  defineOperation({ name, kind, description: name, input: z.looseObject({}), run: async ({ caller }, input) => {
    asked.push({ operation: name, caller, input });
    return { caller };
  } });
const OPERATIONS = [stub('overview', 'reads'), stub('ingest', 'starts'), stub('restore', 'starts'), stub('reject', 'decides'), stub('plan', 'reads'), stub('schedule-remove', 'decides')];

let server: Served;
beforeAll(async () => void (server = await serve({ operations: OPERATIONS, hosts: ['pivo.example.org'], origins: ['https://console.example.org'], limits: { burst: 1_000 } })));
afterAll(() => server.close());

const JSON_TYPE = { 'content-type': 'application/json' };
const REQUESTS = {
  read: ['GET', '/overview', {}],
  restore: ['POST', '/restores', {}],
  ingest: ['POST', '/ingests', {}],
  reject: ['POST', '/approvals/r1/reject', {}],
  'remove a schedule': ['DELETE', '/schedules/execa', {}],
  'restore unasked': ['POST', '/restores', { yes: true }],
  'use a credential': ['POST', '/plans', { credential: 'forge' }],
} as const;

async function ask(what: keyof typeof REQUESTS, headers: Record<string, string> = {}, base = server.url): Promise<number> {
  const [method, path, body] = REQUESTS[what];
  const answer = await send(`${base}/api/v1${path}`, { method, headers: { ...(method === 'POST' ? JSON_TYPE : {}), ...headers }, ...(method === 'POST' ? { body: JSON.stringify(body) } : {}) });
  return answer.status;
}

const all = async (headers: Record<string, string>, base?: string): Promise<Record<string, number>> =>
  Object.fromEntries(await Promise.all(Object.keys(REQUESTS).map(async (what) => [what, await ask(what as keyof typeof REQUESTS, headers, base)])));

const FORBIDDEN = 403;
describe('rights', () => {
  it('a program of this machine without a token reads, and starts what waits for a person', async () => {
    expect(await all({})).toEqual({ read: 200, restore: 202, ingest: FORBIDDEN, reject: FORBIDDEN, 'remove a schedule': FORBIDDEN, 'restore unasked': FORBIDDEN, 'use a credential': FORBIDDEN });
  });

  it('a reader reads', async () => {
    expect(await all(bearer('reader'))).toEqual({ read: 200, restore: FORBIDDEN, ingest: FORBIDDEN, reject: FORBIDDEN, 'remove a schedule': FORBIDDEN, 'restore unasked': FORBIDDEN, 'use a credential': FORBIDDEN });
  });

  it('an operator starts, and decides nothing', async () => {
    expect(await all(bearer('operator'))).toEqual({ read: 200, restore: 202, ingest: 202, reject: FORBIDDEN, 'remove a schedule': FORBIDDEN, 'restore unasked': FORBIDDEN, 'use a credential': 200 });
  });

  it('an owner decides', async () => {
    expect(await all(bearer('owner'))).toEqual({ read: 200, restore: 202, ingest: 202, reject: 200, 'remove a schedule': 200, 'restore unasked': 202, 'use a credential': 200 });
  });

  it('a wrong token is refused, and is not less than none', async () => {
    for (const authorization of ['Bearer wrong', 'Bearer', 'Basic', `Bearer ${'x'.repeat(4000)}`, 'Negotiate abc']) expect(await ask('read', { authorization })).toBe(401);
    const answer = await send(`${server.url}/api/v1/overview`, { headers: { authorization: 'Bearer wrong' } });
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="PIVO"');
    expect(problem(answer)).toMatchObject({ kind: 'NotAllowed', status: 401, hint: expect.stringContaining('pivo console') as string });
  });

  it('the caller is who the token says, whatever the request says', async () => {
    asked.length = 0;
    await send(`${server.url}/api/v1/restores`, { method: 'POST', headers: { ...JSON_TYPE, ...bearer('operator') }, body: '{"requestedBy":"olga","caller":{"owner":true}}' });
    expect(asked.at(-1)?.caller).toEqual({ user: 'oscar', via: 'server', owner: false });
    await ask('read');
    expect(asked.at(-1)?.caller).toEqual({ user: 'local', via: 'server', owner: false });
  });

  it('what an address sets cannot be given', async () => {
    const answer = await send(`${server.url}/api/v1/restores`, { method: 'POST', headers: JSON_TYPE, body: '{"wait":true}' });
    expect([answer.status, problem(answer).detail]).toEqual([400, 'wait cannot be set here']);
  });
});

describe('where a request comes from', () => {
  it('what a proxy hands on needs a token, though it comes from this machine', async () => {
    for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via']) expect(await ask('read', { [name]: '203.0.113.7' })).toBe(401);
    expect(await ask('read', { host: 'pivo.example.org' })).toBe(401);
    expect(await ask('read', { host: 'pivo.example.org', ...bearer('reader') })).toBe(200);
  });

  const outside = Object.values(networkInterfaces()).flatMap((each) => each ?? []).find(({ internal, family }) => !internal && family === 'IPv4')?.address;
  it.skipIf(outside === undefined)('another address than loopback needs a token', async () => {
    const open = await serve({ operations: OPERATIONS, host: '0.0.0.0' });
    try {
      const base = `http://${outside}:${open.port}`;
      expect(await ask('read', {}, base)).toBe(401);
      expect(await ask('read', bearer('reader'), base)).toBe(200);
      expect(await ask('read', {}, `http://127.0.0.1:${open.port}`)).toBe(200);
    } finally {
      await open.close();
    }
  });

  it('this machine needs one as well where the configuration says so', async () => {
    const strict = await serve({ operations: OPERATIONS, requireToken: true });
    try {
      expect([await ask('read', {}, strict.url), await ask('read', bearer('reader'), strict.url)]).toEqual([401, 200]);
    } finally {
      await strict.close();
    }
  });
});

describe('names and pages', () => {
  it('a name that somebody else bound to this address is refused', async () => {
    for (const host of ['evil.example.org', 'localhost.evil.org', '127.0.0.1.evil.org', '[::2]']) expect(await ask('read', { host, ...bearer('owner') })).toBe(FORBIDDEN);
    for (const host of ['localhost', `localhost:${server.port}`, '127.0.0.1:1', '[::1]:7420', 'LOCALHOST.']) expect(await ask('read', { host })).toBe(200);
  });

  it('pages of other origins are refused, also with the token', async () => {
    for (const origin of ['https://evil.example.org', 'null', 'http://localhost:1']) expect(await ask('read', { origin, ...bearer('owner') })).toBe(FORBIDDEN);
    expect(await ask('read', { origin: server.url })).toBe(200);
  });

  it('an allowed origin may ask, and is told so by CORS', async () => {
    const origin = 'https://console.example.org';
    const before = await send(`${server.url}/api/v1/restores`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
    expect([before.status, before.headers['access-control-allow-origin'], before.headers['access-control-allow-headers']]).toEqual([204, origin, expect.stringContaining('Authorization') as string]);
    const answer = await send(`${server.url}/api/v1/overview`, { headers: { origin, ...bearer('reader') } });
    expect([answer.status, answer.headers['access-control-allow-origin'], answer.headers['access-control-allow-credentials']]).toEqual([200, origin, undefined]);
  });

  it('a form of another page can post nothing', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      expect((await send(`${server.url}/api/v1/restores`, { method: 'POST', headers: { 'content-type': type }, body: '{}' })).status).toBe(415);
    }
  });

  it('every answer has a content policy without inline script and eval', async () => {
    for (const path of ['/', '/api/v1/overview', '/api/v1/nothing', '/healthz']) {
      const { headers } = await send(server.url + path);
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
      expect(headers['content-security-policy']).not.toMatch(/unsafe|\*/);
      expect([headers['x-content-type-options'], headers['x-frame-options'], headers['referrer-policy']]).toEqual(['nosniff', 'DENY', 'no-referrer']);
    }
  });
});
