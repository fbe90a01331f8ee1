// What else the server answers: MCP over streamable HTTP, the console's files, health, and its own start.
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Server } from '@modelcontextprotocol/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { McpAsker } from '../../apps/server/mcp.ts';
import { ownerToken } from '../../apps/server/access/owner-token.ts';
import { listen } from '../../apps/server/listener.ts';
import { openWeb } from '../../apps/server/web.ts';
import { loadConfig } from '../../config.ts';
import type { Store } from '../../archive/store.ts';
import { loadOperation } from '../../operations/index.ts';
import type { OperationContext } from '../../operations/operation.ts';
import { silentLog } from '../harness/temporal.ts';
import { bearer, problem, send, serve, type Served } from './served.ts';

let dir: string;
let server: Served;
const askers: McpAsker[] = [];
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-doors-'));
  await mkdir(join(dir, 'console', 'assets'), { recursive: true });
  await writeFile(join(dir, 'console', 'index.html'), `<!doctype html><title>PIVO</title>${' '.repeat(600)}`);
  await writeFile(join(dir, 'console', 'assets', 'app-abc123.js'), `export {};${' '.repeat(2_000)}`);
  await writeFile(join(dir, 'secret.txt'), 'secret');
  const store = { list: async () => [] } as Partial<Store> as Store;
  const context = { store, log: silentLog, temporal: () => Promise.reject(new Error('down')) } as Partial<OperationContext> as OperationContext;
  server = await serve({ context, console: Promise.resolve(join(dir, 'console')), metrics: async () => 'pivo_up 1\n', mcp: mcpServer });
});
afterAll(async () => {
  await server.close();
  await rm(dir, { recursive: true });
});

function mcpServer(asker: McpAsker): Server {
  askers.push(asker);
  const made = new Server({ name: 'pivo', version: '1' }, { capabilities: { tools: {} } });
  made.setRequestHandler('tools/list', () => ({ tools: [{ name: 'list', description: 'lists', inputSchema: { type: 'object' } }] }));
  made.setRequestHandler('tools/call', ({ params }) => ({ content: [{ type: 'text', text: `${params.name} by ${asker.caller.user}` }] }));
  return made;
}

describe('MCP', () => {
  const connect = async (headers: Record<string, string>): Promise<Client> => {
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), { requestInit: { headers } }));
    return client;
  };

  it('a client lists and calls tools, as who its token says but never as the owner', async () => {
    for (const [role, mayStart] of [['owner', true], ['operator', true], ['reader', false]] as const) {
      const client = await connect(bearer(role));
      expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['list']);
      expect(await client.callTool({ name: 'list', arguments: {} })).toMatchObject({ content: [{ text: expect.stringMatching(/^list by /) as string }] });
      expect(askers.at(-1)).toMatchObject({ caller: { via: 'mcp', owner: false }, mayStart });
      await client.close();
    }
  });

  it('a wrong token, a foreign page and a foreign name are refused', async () => {
    await expect(connect({ authorization: 'Bearer wrong' })).rejects.toThrow();
    for (const headers of [{ origin: 'https://evil.example.org' }, { host: 'evil.example.org' }]) expect((await send(`${server.url}/mcp`, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: '{}' })).status).toBe(403);
  });
});

describe('the console', () => {
  it('has every address of a page, and its assets for ever', async () => {
    for (const path of ['/', '/repositories/execa@v1.0', '/schedules']) expect(await send(server.url + path)).toMatchObject({ status: 200, headers: { 'cache-control': 'no-cache', 'content-type': 'text/html; charset=utf-8' } });
    expect(await send(`${server.url}/assets/app-abc123.js`)).toMatchObject({ status: 200, headers: { 'cache-control': 'public, max-age=31536000, immutable', 'content-type': 'text/javascript; charset=utf-8' } });
    expect((await send(`${server.url}/assets/app-older.js`)).status).toBe(404);
  });

  it('is sent compressed where the browser takes it, and not at all where it has it', async () => {
    const response = await fetch(`${server.url}/assets/app-abc123.js`, { headers: { 'accept-encoding': 'gzip' } });
    expect([response.headers.get('content-encoding'), (await response.text()).length]).toEqual(['gzip', 2_010]);
    const etag = response.headers.get('etag') ?? '';
    expect((await send(`${server.url}/assets/app-abc123.js`, { headers: { 'if-none-match': etag } })).status).toBe(304);
  });

  it('leads nowhere else', async () => {
    for (const path of ['/../secret.txt', '/%2e%2e/secret.txt', '/assets/../../secret.txt', '/..%2fsecret.txt']) expect((await send(server.url + path)).text).not.toContain('secret');
  });
});

describe('health', () => {
  it('says that it lives, and whether it can work, to anybody', async () => {
    expect(JSON.parse((await send(`${server.url}/healthz`)).text)).toEqual({ ok: true });
    expect(JSON.parse((await send(`${server.url}/readyz`)).text)).toEqual({ ready: true, store: true, temporal: false });
  });

  it('an archive that does not answer is not ready', async () => {
    const store = { list: () => Promise.reject(new Error('gone')) } as Partial<Store> as Store;
    const broken = await serve({ context: { store, temporal: () => Promise.reject(new Error('down')) } as Partial<OperationContext> as OperationContext });
    try {
      expect((await send(`${broken.url}/readyz`)).status).toBe(503);
    } finally {
      await broken.close();
    }
  });

  it('metrics want the rights of a reader', async () => {
    expect(await send(`${server.url}/metrics`)).toMatchObject({ status: 200, text: 'pivo_up 1\n' });
    expect((await send(`${server.url}/metrics`, { headers: { 'x-forwarded-for': '203.0.113.7' } })).status).toBe(401);
  });
});

describe('its start', () => {
  const config = (environment: Record<string, string>, toml = '') => {
    const home = join(dir, `home-${Math.random().toString(36).slice(2)}`);
    return mkdir(home, { recursive: true }).then(() => writeFile(join(home, 'config.toml'), toml)).then(() => loadConfig({ PIVO_HOME: home, ...environment }));
  };
  const open = async (...args: Parameters<typeof config>) => openWeb({ config: await config(...args), load: loadOperation, context: {} as OperationContext, log: silentLog });

  it('makes the owner\'s token once, for the owner\'s eyes only', async () => {
    const file = join(dir, 'deep', 'token');
    const [token, again] = [await ownerToken(file), await ownerToken(file)];
    expect([token === again, token.length, (await stat(file)).mode & 0o777]).toEqual([true, 43, 0o600]);
    await writeFile(file, 'x');
    await expect(ownerToken(file)).rejects.toMatchObject({ kind: 'InvalidInput' });
  });

  it('is refused where others could reach it and nobody has a token', async () => {
    await expect(open({ PIVO_LISTEN: '0.0.0.0:0' })).rejects.toMatchObject({ kind: 'InvalidInput', hint: expect.stringContaining('[[server.tokens]]') as string });
    const opened = await open({ PIVO_LISTEN: '0.0.0.0:0' }, `[[server.tokens]]\nuser = "rita"\nrole = "reader"\nsha256 = "${'a'.repeat(64)}"\n`);
    await opened.close();
  });

  it('takes another port than the default when that is taken, and none but the chosen one', async () => {
    const { listen: where } = (await config({})).server;
    expect(where).toEqual({ host: '127.0.0.1', port: 7420, chosen: false });
    const first = await open({ PIVO_LISTEN: '127.0.0.1:0' });
    const port = Number(new URL(first.url).port);
    try {
      await expect(open({ PIVO_LISTEN: `127.0.0.1:${port}` })).rejects.toMatchObject({ kind: 'Exists', hint: expect.stringContaining('PIVO_LISTEN') as string });
      const other = await listen({ fetch: () => new Response('') } as unknown as Parameters<typeof listen>[0], { host: '127.0.0.1', port, chosen: false });
      expect(Number(new URL(other.url).port)).not.toBe(port);
      await other.close();
    } finally {
      await first.close();
    }
  });

  it('a setting that cannot be is named', async () => {
    for (const toml of ['[server]\nlisten = "7420"', '[server]\norigins = ["https://a.example/path"]', '[[server.tokens]]\nuser = "a"\nrole = "king"\nsha256 = ""']) await expect(config({}, toml)).rejects.toMatchObject({ kind: 'InvalidInput', message: expect.stringContaining('server.') as string });
  });

  it('an address that is not there says what is', async () => {
    const answer = await send(`${server.url}/api/v1/nothing`);
    expect([answer.status, answer.headers['content-type'], problem(answer).hint]).toEqual([404, 'application/problem+json', '/api/v1/openapi.json lists the addresses.']);
  });
});
