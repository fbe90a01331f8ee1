// What a push means: a known repository however its URL is written, a new one where a prefix allows it, else nothing.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseRepository } from '../../activities/push/choose-repository.ts';
import { knownOrigins, type KnownOrigin } from '../../activities/push/known-origins.ts';
import { resolvePushes } from '../../activities/push/resolve-pushes.ts';
import { PushesSignal } from '../../contract/push.ts';
import type { CollapsedPush } from '../../records/store.ts';
import { ownerOf, sameOrigin } from '../../webhooks/same-origin.ts';
import { linearHistory } from '../fixtures/generate.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';

const push = (source: string, urls: string[], { repository = 'a/b', count = 1, first = 1, last = 1 } = {}): CollapsedPush => ({ push: { source, forge: 'github', repository, urls, ref: null, before: null, after: null }, count, first, last });

const known = new Map<string, KnownOrigin>([{ repository: 'tool', origin: 'https://Forge.example/ada/tool.git/' }, { repository: 'keys', origin: 'git@forge.example:ada/keys.git' }].map((each) => [sameOrigin(each.origin), each]));
const sources = [{ name: 'hub', origins: ['https://forge.example/ada/'], credential: 'hub-token' }, { name: 'none', origins: [] }];

describe('two URLs mean the same repository', () => {
  it.each([
    ['https://forge.example/a/b', 'https://FORGE.example:443/a/b.git', 'https://forge.example/a/b/'],
    ['git@forge.example:a/b.git', 'ssh://git@Forge.example/a/b', 'ssh://git@forge.example:22/a/b.git/', 'git@forge.example:/a/b'],
    ['forge.example:a/b', 'ssh://forge.example/a/b'],
    ['/srv/git/a b.git', 'file:///srv/git/a%20b.git', '/srv/git/a b'],
    ['git@[::1]:a/b', 'ssh://git@[::1]/a/b.git'],
  ])('%s', (...urls) => {
    expect(new Set(urls.map(sameOrigin)).size).toBe(1);
  });

  it('and others do not', () => {
    const urls = ['https://forge.example/a/b', 'https://forge.example/A/b', 'http://forge.example/a/b', 'https://forge.example:8443/a/b', 'git@forge.example:a/b', 'forge.example:a/b', 'ssh://git@forge.example:2222/a/b', 'https://other.example/a/b', 'https://forge.example/a/.git', '/a/b'];
    expect(new Set(urls.map(sameOrigin)).size).toBe(urls.length);
  });

  it('the owner is all but the name', () => {
    expect([ownerOf(sameOrigin('https://forge.example/group/team/b.git')), ownerOf(sameOrigin('git@forge.example:ada/b'))]).toEqual(['https://forge.example/group/team', 'ssh://git@forge.example/ada']);
  });
});

describe('a push', () => {
  it('means the known repository whose origin is one of its URLs, whatever webhook tells it', () => {
    const { pushed } = resolvePushes([push('none', ['https://forge.example/ada/tool.git']), push('none', ['https://forge.example/x/keys.git', 'ssh://git@forge.example/ada/keys.git'])], known, sources);
    expect(pushed.map(({ repository, url, credential }) => [repository, url, credential])).toEqual([['tool', 'https://Forge.example/ada/tool.git/', null], ['keys', 'git@forge.example:ada/keys.git', null]]);
  });

  it('means a new repository at the first URL below the prefixes of its webhook, with that one\'s credential', () => {
    const { pushed, ignored } = resolvePushes([push('hub', ['git@forge.example:ada/new.git', 'https://forge.example/ada/new.git'])], known, sources);
    expect([pushed, ignored]).toEqual([[{ key: 'https://forge.example/ada/new', url: 'https://forge.example/ada/new.git', repository: null, owner: 'https://forge.example/ada', credential: 'hub-token', count: 1, first: 1, last: 1 }], []]);
  });

  it.each(['file:///srv/git/', '/srv/git/'])('means a new repository on this machine below %s', (prefix) => {
    const resolved = (url: string): number => resolvePushes([push('here', [url])], known, [{ name: 'here', origins: [prefix] }]).pushed.length;
    expect(['/srv/git/new.git', '/srv/git/../etc/new.git', '/srv/other/new.git'].map(resolved)).toEqual([1, 0, 0]);
  });

  it('never takes a credential to where its webhook has no prefix, however the URL is written', () => {
    const evil = new Map([['https://evil.example/x/y', { repository: 'y', origin: 'https://evil.example/x/y' }]]);
    expect(resolvePushes([push('hub', ['https://evil.example/x/y'])], evil, sources).pushed[0]?.credential).toBeNull();
    for (const url of ['https://forge.example/ada/../eve/x', 'https://forge.example/ada/%2e%2e/eve/x', 'https://forge.example.evil.example/ada/x', 'https://forge.example/adam/x', 'https://forge.example/ada\\..\\eve', 'http://forge.example/ada/x']) expect(resolvePushes([push('hub', [url])], known, sources)).toMatchObject({ pushed: [], ignored: [{ count: 1 }] });
  });

  it('of one origin told by two webhooks is one, the oldest first, and what nobody asked for is counted', () => {
    const { pushed, ignored } = resolvePushes([push('none', ['https://forge.example/ada/tool'], { first: 5, last: 9, count: 2 }), push('hub', ['https://forge.example/ada/tool.git'], { first: 3, last: 4, count: 3 }), push('gone', ['https://forge.example/ada/x'], { repository: 'ada/x', count: 7 })], known, sources);
    expect(pushed).toMatchObject([{ count: 5, first: 3, last: 9, credential: 'hub-token' }]);
    expect(ignored).toEqual([{ source: 'gone', repository: 'ada/x', count: 7, last: 1 }]);
    expect(PushesSignal.safeParse({ id: 'a', settings: { every: 1, atOnce: 1 }, pushed, ignored }).success).toBe(true);
  });
});

describe('the archive', () => {
  let dir: string;
  let pivo: IngestHarness;
  const signal = new AbortController().signal;
  const origin = (name: string): string => join(dir, 'forge', name);

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pivo-resolve-'));
    pivo = await openIngest(join(dir, 'home'));
    for (const name of ['ada/tool.git', 'bob/tool.git']) await linearHistory(origin(name), { commits: 2, files: 1, seed: 1 });
    await pivo.ingest(origin('ada/tool.git'), 'tool');
  });
  afterAll(async () => {
    await pivo.close();
    await rm(dir, { recursive: true, force: true });
  });

  it('knows the origins of its repositories, also of those that came since, and goes on where a visit is damaged', async () => {
    expect([...(await knownOrigins(pivo.deps.store, signal)).values()].map(({ repository }) => repository)).toEqual(['tool']);
    await pivo.ingest(origin('bob/tool.git'), 'later');
    const visits = join(dir, 'home', 'archive', 'backups', 'broken', 'visits');
    await pivo.deps.store.create('backups/broken/visits/1.json', Buffer.from('{'));
    expect(await readdir(visits)).toEqual(['1.json']);
    await writeFile(join(dir, 'home', 'archive', 'backups', 'stray'), '');
    expect((await knownOrigins(pivo.deps.store, signal)).get(sameOrigin(origin('bob/tool')))).toEqual({ repository: 'later', origin: origin('bob/tool.git') });
  });

  it('gives a new repository the name of its path, or owner.name where another origin has that', async () => {
    const choose = (url: string): Promise<string> => chooseRepository(pivo.deps, { url });
    expect(await choose('https://forge.example/eve/fresh.git')).toBe('fresh');
    expect(await choose(origin('ada/tool'))).toBe('tool');
    expect(await choose('https://forge.example/group/team/tool.git')).toBe('group.team.tool');
    await pivo.ingest(origin('bob/tool.git'), 'eve.tool');
    await expect(choose('git@forge.example:eve/tool.git')).rejects.toMatchObject({ kind: 'NameConflict' });
    await expect(choose('https://forge.example/eve/%00.git')).resolves.toBe('00');
    await expect(choose('https://forge.example/---')).rejects.toMatchObject({ kind: 'InvalidInput' });
  });
});
