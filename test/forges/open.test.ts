// Which forge a URL belongs to, with which token it is asked, and whose certificates are trusted.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../config.ts';
import { forgeOf, openForge } from '../../forges/open.ts';
import { ForgeTables } from '../../forges/settings.ts';
import { saveCredential, tokenOf } from '../../git/credentials.ts';

const run = promisify(execFile);

let dir: string;
beforeEach(async () => void (dir = await mkdtemp(join(tmpdir(), 'pivo-forges-'))));
afterEach(async () => rm(dir, { recursive: true }));

const forges = ForgeTables.parse([
  { host: 'git.example.com', kind: 'gitlab', credential: 'work' },
  { host: 'code.example.com:8443', kind: 'github', credential: 'work' },
  { host: 'far.example.com', kind: 'gitlab', credential: 'far', api: 'https://api.example.com/gitlab/api/v4/' },
  { host: 'github.com', kind: 'github', credential: 'hub' },
]);

describe('the forge of a URL', () => {
  it.each([
    ['https://github.com/acme/shop', 'github', 'https://api.github.com/', 'acme/shop', 'hub'],
    ['https://github.com/acme/shop.git', 'github', 'https://api.github.com/', 'acme/shop', 'hub'],
    ['git@github.com:acme/shop.js.git', 'github', 'https://api.github.com/', 'acme/shop.js', 'hub'],
    ['ssh://git@github.com:22/acme/shop.git/', 'github', 'https://api.github.com/', 'acme/shop', 'hub'],
    ['https://gitlab.com/group/sub/shop.git', 'gitlab', 'https://gitlab.com/api/v4/', 'group/sub/shop', null],
    ['git@gitlab.com:/group/shop', 'gitlab', 'https://gitlab.com/api/v4/', 'group/shop', null],
    ['https://GIT.example.com/group/shop', 'gitlab', 'https://git.example.com/api/v4/', 'group/shop', 'work'],
    ['ssh://git@git.example.com:2222/group/shop.git', 'gitlab', 'https://git.example.com/api/v4/', 'group/shop', 'work'],
    ['https://code.example.com:8443/acme/shop', 'github', 'https://code.example.com:8443/api/v3/', 'acme/shop', 'work'],
    ['git@code.example.com:acme/shop', 'github', 'https://code.example.com:8443/api/v3/', 'acme/shop', 'work'],
    ['https://far.example.com/acme/shop', 'gitlab', 'https://api.example.com/gitlab/api/v4/', 'acme/shop', 'far'],
  ])('%s is told by its host', (url, kind, api, path, credential) => {
    const place = forgeOf(url, forges);
    expect({ ...place, api: place.api.href }).toEqual({ kind, api, path, credential, caFile: null });
  });

  it.each(['https://github.com.evil.example/acme/shop', 'https://code.example.com/acme/shop', 'https://forge.example/acme/shop', 'git@elsewhere:acme/shop'])('%s is none that is known, and what to configure is told', (url) => {
    expect(() => forgeOf(url, forges)).toThrow(expect.objectContaining({ kind: 'InvalidInput', hint: expect.stringContaining('[[forges]]') as string }));
  });

  it.each(['https://github.com/acme', 'https://github.com/', 'https://github.com/acme/shop/tree/main', 'https://gitlab.com/shop', 'https://gitlab.com/a/%2e%2e/b', 'https://github.com/a?b/c', '/srv/git/shop.git', 'file:///srv/shop', 'nonsense'])('%s names no repository on one', (url) => {
    expect(() => forgeOf(url, forges)).toThrow(expect.objectContaining({ kind: 'InvalidInput' }));
  });
});

describe('the configuration', () => {
  it('has forges, whose tokens are named and never told', async () => {
    await writeFile(join(dir, 'config.toml'), '[[forges]]\nhost = "git.example.com"\nkind = "gitlab"\ncredential = "work"\ncaFile = "/etc/ca.pem"\n');
    expect(loadConfig({ PIVO_HOME: dir }).forges).toEqual([{ host: 'git.example.com', kind: 'gitlab', credential: 'work', caFile: '/etc/ca.pem' }]);
    await writeFile(join(dir, 'config.toml'), '');
    expect(loadConfig({ PIVO_HOME: dir }).forges).toEqual([]);
  });

  it.each([
    ['a forge without a credential', { host: 'a.example', kind: 'gitlab' }],
    ['an unknown kind', { host: 'a.example', kind: 'bitbucket', credential: 'a' }],
    ['a URL for a host', { host: 'https://a.example', kind: 'gitlab', credential: 'a' }],
    ['a token in the clear over the network', { host: 'a.example', kind: 'gitlab', credential: 'a', api: 'http://a.example/api/v4' }],
    ['a token in the address', { host: 'a.example', kind: 'gitlab', credential: 'a', api: 'https://user:secret@a.example/api/v4' }],
    ['a host that only looks like this machine', { host: 'a.example', kind: 'gitlab', credential: 'a', api: 'http://127.0.0.1.evil.example/api/v4' }],
  ])('refuses %s', (_, table) => expect(ForgeTables.safeParse([table]).success).toBe(false));
});

describe('the token', () => {
  it('is the stored one, read when it is needed', async () => {
    await saveCredential(dir, 'work', { kind: 'token', username: 'git', token: 'first' });
    expect(await tokenOf(dir, 'work')).toBe('first');
    await saveCredential(dir, 'work', { kind: 'token', username: 'git', token: 'second' });
    expect(await tokenOf(dir, 'work')).toBe('second');
  });

  it('that is missing or a key is CredentialMissing', async () => {
    await saveCredential(dir, 'key', { kind: 'ssh-key', privateKey: 'x' });
    await expect(tokenOf(dir, 'none')).rejects.toMatchObject({ kind: 'CredentialMissing', hint: expect.stringContaining('pivo credential add none') as string });
    await expect(tokenOf(dir, 'key')).rejects.toMatchObject({ kind: 'CredentialMissing' });
    const unnamed = openForge('https://gitlab.com/a/b', { forges: [], credential: null, token: (name) => tokenOf(dir, name) });
    await expect(unnamed).rejects.toMatchObject({ kind: 'CredentialMissing' });
    const forge = await openForge('https://gitlab.com/a/b', { forges: [], credential: 'none', token: (name) => tokenOf(dir, name) });
    await expect(forge.repository()).rejects.toMatchObject({ kind: 'CredentialMissing', message: expect.stringContaining('"none"') as string });
  });
});

describe('a forge of a company', () => {
  it('is trusted by the certificates that are configured, and not without', async () => {
    const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
    await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=forge', '-addext', 'subjectAltName=IP:127.0.0.1']);
    const server = createServer({ key: await readFile(key), cert: await readFile(cert) }, (request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ path_with_namespace: 'a/b', default_branch: 'main', web_url: request.headers.authorization }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      const opened = (caFile?: string) => openForge(`https://${host}/a/b`, { forges: [{ host, kind: 'gitlab', credential: 'work', caFile }], credential: null, token: () => Promise.resolve('t') });
      expect(await (await opened(cert)).repository()).toEqual({ path: 'a/b', defaultBranch: 'main', url: 'Bearer t' });
      await expect((await opened()).repository()).rejects.toMatchObject({ kind: 'Unavailable', message: expect.stringContaining('SELF_SIGNED') as string });
      await expect(opened(join(dir, 'none.pem'))).rejects.toMatchObject({ kind: 'InvalidInput' });
    } finally {
      server.close();
    }
  });
});
