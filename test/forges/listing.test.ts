// Listings of repositories: pages, conditional requests, limits, owners of all kinds, on fakes of the three forges.
import { inspect } from 'node:util';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ListedRepository, SourceSpec } from '../../contract/source.ts';
import type { AnswerMemory, Listing } from '../../forges/listing.ts';
import { forgeOfSource, openListing } from '../../forges/open-listing.ts';
import { TOKEN } from './fake-forge.ts';
import { startFakeListing, type FakeListing, type FakeRepository, type ListingKind } from './fake-listing.ts';
import { githubReferee, type Referee } from './openapi.ts';
import { failureOf } from './conformance/ground.ts';

let referee: Referee | null = null;
beforeAll(async () => {
  referee = await githubReferee();
});

test('the fake GitHub is judged by its published description', ({ skip }) => {
  skip(referee === null, 'the registry does not give @octokit/openapi');
  expect(referee).not.toBeNull();
});

const KINDS: { kind: ListingKind; perPage: number; list: string }[] = [
  { kind: 'github', perPage: 100, list: 'GET /orgs/{org}/repos' },
  { kind: 'gitlab', perPage: 100, list: 'GET /groups/{id}/projects' },
  { kind: 'gitea', perPage: 50, list: 'GET /orgs/{org}/repos' },
];

const repositories = (count: number): FakeRepository[] => Array.from({ length: count }, (_, at) => ({ id: at + 1, path: `acme/tool-${String(at + 1).padStart(4, '0')}` }));

/** Answers in memory. */
function memoryOf(): AnswerMemory & { answers: Map<string, { etag: string; body: string }> } {
  const answers = new Map<string, { etag: string; body: string }>();
  return { answers, kept: (url) => answers.get(url) ?? null, keep: (url, answer) => void answers.set(url, answer) };
}

async function everything(listing: Listing): Promise<{ found: ListedRepository[]; pages: number }> {
  const found: ListedRepository[] = [];
  for (let [cursor, pages] = [null as string | null, 1]; ; pages++) {
    const page = await listing.page(cursor);
    found.push(...page.repositories);
    cursor = page.cursor;
    if (cursor === null) return { found, pages };
  }
}

describe.each(KINDS)('$kind', ({ kind, perPage, list }) => {
  let fake: FakeListing;
  beforeEach(async () => {
    fake = await startFakeListing(kind, { referee });
  });
  afterEach(async () => {
    await fake.close();
    expect(fake.wrong).toEqual([]);
  });

  const open = (memory = memoryOf(), more: Partial<SourceSpec> = {}): Promise<Listing> =>
    openListing({ kind, host: fake.web, owner: 'acme', transport: 'https', credential: 'forge', ...more }, { forges: [], token: () => Promise.resolve(TOKEN) }, memory);

  test('all pages are listed, in the order in which repositories were made', async () => {
    fake.repositories.push(...repositories(2 * perPage + 7));
    const { found, pages } = await everything(await open());
    expect(found.map(({ path }) => path)).toEqual(fake.repositories.map(({ path }) => path));
    expect(found[0]).toEqual({ id: '1', path: 'acme/tool-0001', url: 'https://git.example.com/acme/tool-0001.git', archived: false, fork: false, wiki: false, empty: false, name: null });
    expect(pages).toBe(3);
  });

  test('an owner of whom nothing is to be seen has an empty listing', async () => {
    expect(await everything(await open())).toEqual({ found: [], pages: 1 });
  });

  test('wikis, forks, what is archived and what is empty are told apart', async () => {
    fake.repositories.push({ id: 7, path: 'acme/shop', archived: true, fork: true, wiki: true, empty: true });
    const { found } = await everything(await open(memoryOf(), { transport: 'ssh', apiCredential: 'forge' }));
    const empty = kind !== 'github'; // which does not say it
    expect(found).toEqual([
      { id: '7', path: 'acme/shop', url: 'git@git.example.com:acme/shop.git', archived: true, fork: true, wiki: false, empty, name: null },
      { id: '7/wiki', path: 'acme/shop.wiki', url: 'git@git.example.com:acme/shop.wiki.git', archived: true, fork: true, wiki: true, empty: false, name: null },
    ]);
  });

  test('what did not change is not sent again, and costs nothing of the limit', async () => {
    fake.repositories.push(...repositories(perPage + 1));
    const memory = memoryOf();
    const first = await everything(await open(memory));
    const spent = fake.spent;
    fake.asked.length = 0;
    const again = await everything(await open(memory));
    expect(again).toEqual(first);
    const listings = fake.asked.filter(({ route }) => route === list);
    expect(listings).toHaveLength(2);
    expect(listings.every(({ headers }) => headers['if-none-match'] !== undefined)).toBe(true);
    expect(fake.spent - spent).toBe(fake.asked.length - 2); // the requests that look the owner up
  });

  test('a page that was the last one when it was kept does not hide the next', async () => {
    fake.repositories.push(...repositories(perPage));
    const memory = memoryOf();
    expect((await everything(await open(memory))).found).toHaveLength(perPage);
    fake.repositories.push({ id: 9_999, path: 'acme/new' });
    expect((await everything(await open(memory))).found.at(-1)).toMatchObject({ id: '9999', path: 'acme/new' });
  });

  test('a limit says how long to wait', async () => {
    fake.repositories.push(...repositories(3));
    fake.limit(120);
    const failure = await failureOf((await open()).page(null));
    expect(failure).toMatchObject({ kind: 'Unavailable' });
    expect(failure.facts['retryAfter']).toBeGreaterThan(100);
    expect(failure.facts['retryAfter']).toBeLessThanOrEqual(121);
  });

  test('a server that is down for a moment is Unavailable, one that has no such owner is NotFound', async () => {
    fake.fault({ answer: { status: 502, body: '<html>Bad Gateway</html>' } });
    const listing = await open();
    expect(await failureOf(listing.page(null))).toMatchObject({ kind: 'Unavailable' });
    expect(await failureOf((await open(memoryOf(), { owner: 'nobody' })).page(null))).toMatchObject({ kind: 'NotFound' });
  });

  test('a token that is refused is told without its text', async () => {
    const listing = await openListing({ kind, host: fake.web, owner: 'acme', transport: 'https', credential: 'old' }, { forges: [], token: () => Promise.resolve('canary-old-token') }, memoryOf());
    expect(await failureOf(listing.page(null))).toMatchObject({ kind: 'CredentialMissing', hint: expect.stringContaining('pivo credential add old') as string });
  });

  test('an answer that is no list of repositories is not asked for again', async () => {
    fake.fault({ on: list, answer: { status: 200, body: [{ id: 'seven' }] } });
    expect(await failureOf((await open()).page(null))).toMatchObject({ kind: 'InvalidInput', message: expect.stringContaining('no list of repositories') as string });
  });

  test('a next page on another host is not asked for', async () => {
    fake.fault({ on: list, answer: { status: 200, body: [], headers: { link: '<https://evil.example/page2>; rel="next"' } } });
    fake.repositories.push(...repositories(1));
    const listing = await open();
    expect((await listing.page(null)).cursor).toBeNull(); // nothing on it: the end
    expect(await failureOf(listing.page('https://evil.example/page2'))).toMatchObject({ kind: 'NotAllowed' });
  });

  test.each(['/home/ada/private', 'file:///home/ada/private', 'ext::sh -c id', 'https://ada:canary@git.example.com/acme/shop.git'])('%s is no address that a forge may give', async (url) => {
    fake.fault({ on: list, answer: { status: 200, body: [kind === 'gitlab' ? { id: 1, path_with_namespace: 'acme/shop', http_url_to_repo: url, ssh_url_to_repo: url } : { id: 1, full_name: 'acme/shop', fork: false, clone_url: url, ssh_url: url }] } });
    const failure = await failureOf((await open()).page(null));
    expect(failure).toMatchObject({ kind: 'InvalidInput', message: 'the forge gives no https address for acme/shop' });
    expect(inspect(failure)).not.toContain('canary');
  });

  test('who may read without a token needs none', async () => {
    const free = await startFakeListing(kind, { referee, open: true });
    free.repositories.push(...repositories(2));
    try {
      const listing = await openListing({ kind, host: free.web, owner: 'acme', transport: 'https' }, { forges: [], token: () => Promise.reject(new Error('no token is asked for')) }, memoryOf());
      expect((await everything(listing)).found).toHaveLength(2);
      expect(free.asked.every(({ headers }) => headers.authorization === undefined)).toBe(true);
    } finally {
      await free.close();
    }
  });

  test('the repositories of a user are listed, too', async () => {
    fake.owner = { name: 'acme', type: 'User' };
    fake.repositories.push(...repositories(3));
    expect((await everything(await open())).found).toHaveLength(3);
  });

  test('a listing that is cancelled ends with the reason of the signal', async () => {
    const controller = new AbortController();
    fake.fault({ hang: true });
    const listing = await open();
    const asking = listing.page(null, controller.signal);
    controller.abort(new Error('enough'));
    await expect(asking).rejects.toThrow('enough');
  });
});

test("GitHub's secondary limit is waited for as it says, and a minute where it does not", async () => {
  const fake = await startFakeListing('github', { referee });
  try {
    const listing = await openListing({ kind: 'github', host: fake.web, owner: 'acme', transport: 'https', credential: 'forge' }, { forges: [], token: () => Promise.resolve(TOKEN) }, memoryOf());
    const body = { message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.' };
    fake.fault({ answer: { status: 403, body, headers: { 'retry-after': '17' } } }, { answer: { status: 403, body } });
    expect((await failureOf(listing.page(null))).facts['retryAfter']).toBe(17);
    expect((await failureOf(listing.page(null))).facts['retryAfter']).toBe(60);
  } finally {
    await fake.close();
  }
});

test('what is private of a user is asked for where only that user sees it', async () => {
  const fake = await startFakeListing('github', { referee });
  fake.owner = { name: 'ada', type: 'User' };
  fake.repositories.push({ id: 1, path: 'ada/secret' });
  try {
    const listing = await openListing({ kind: 'github', host: fake.web, owner: 'Ada', transport: 'https', credential: 'forge' }, { forges: [], token: () => Promise.resolve(TOKEN) }, memoryOf());
    expect((await everything(listing)).found).toHaveLength(1);
    expect(fake.asked.map(({ route }) => route)).toEqual(['GET /users/{username}', 'GET /user', 'GET /user/repos']);
  } finally {
    await fake.close();
  }
});

test('a group of GitLab is listed with its subgroups, and a subgroup by itself', async () => {
  const fake = await startFakeListing('gitlab');
  fake.repositories.push({ id: 1, path: 'acme/shop' }, { id: 2, path: 'acme/platform/tool' }, { id: 3, path: 'acme/platform/deep/tool' });
  const of = async (owner: string): Promise<string[]> => (await everything(await openListing({ kind: 'gitlab', host: fake.web, owner, transport: 'https', credential: 'forge' }, { forges: [], token: () => Promise.resolve(TOKEN) }, memoryOf()))).found.map(({ path }) => path);
  try {
    expect(await of('acme')).toEqual(['acme/shop', 'acme/platform/tool', 'acme/platform/deep/tool']);
    expect(await of('acme/platform')).toEqual(['acme/platform/tool', 'acme/platform/deep/tool']);
  } finally {
    await fake.close();
  }
});

describe('where a source is asked', () => {
  type Forge = Omit<Parameters<typeof forgeOfSource>[0], 'transport'>;
  const apiOf = (spec: Forge, forges: Parameters<typeof forgeOfSource>[1] = []): string => forgeOfSource({ transport: 'https', ...spec }, forges).api.href;
  test.each([
    [{ kind: 'github' as const }, 'https://api.github.com/'],
    [{ kind: 'github' as const, host: 'https://github.com' }, 'https://api.github.com/'],
    [{ kind: 'github' as const, host: 'https://git.example.com' }, 'https://git.example.com/api/v3/'],
    [{ kind: 'gitlab' as const }, 'https://gitlab.com/api/v4/'],
    [{ kind: 'gitlab' as const, host: 'https://git.example.com:8443/' }, 'https://git.example.com:8443/api/v4/'],
    [{ kind: 'gitea' as const, host: 'https://forge.example.com' }, 'https://forge.example.com/api/v1/'],
    [{ kind: 'gitlab' as const, host: 'https://example.com/gitlab/' }, 'https://example.com/gitlab/api/v4/'],
    [{ kind: 'gitea' as const, host: 'http://127.0.0.1:3000' }, 'http://127.0.0.1:3000/api/v1/'],
  ])('%j: %s', (spec, api) => {
    expect(apiOf(spec)).toBe(api);
  });

  test('the configuration says more of a host: its API, its credential, its certificates', () => {
    const forges = [{ host: 'git.example.com', kind: 'gitea' as const, api: 'https://api.example.com/v1', credential: 'work', caFile: '/ca.pem' }];
    expect(forgeOfSource({ kind: 'gitea', host: 'https://git.example.com', transport: 'https' }, forges)).toEqual({ kind: 'gitea', api: new URL('https://api.example.com/v1/'), credential: 'work', caFile: '/ca.pem' });
    const named = { kind: 'gitea' as const, host: 'https://git.example.com', credential: 'git' };
    expect(forgeOfSource({ ...named, transport: 'https' }, forges).credential).toBe('git');
    expect(forgeOfSource({ ...named, transport: 'ssh' }, forges).credential).toBe('work'); // git's is a key
    expect(forgeOfSource({ ...named, transport: 'ssh', apiCredential: 'api' }, forges).credential).toBe('api');
  });

  test.each([
    ['a Gitea without an address', { kind: 'gitea' as const }, []],
    ['a token in the clear over a network', { kind: 'gitlab' as const, host: 'http://git.example.com' }, []],
    ['another kind than the configured one', { kind: 'gitlab' as const, host: 'https://git.example.com' }, [{ host: 'git.example.com', kind: 'gitea' as const, credential: 'work' }]],
  ])('%s is refused', (_, spec, forges) => {
    expect(() => apiOf(spec, forges)).toThrow(expect.objectContaining({ kind: 'InvalidInput', hint: expect.any(String) as string }));
  });
});

test('no answer that is kept holds the token', async () => {
  const fake = await startFakeListing('github', { referee });
  fake.repositories.push(...repositories(3));
  const memory = memoryOf();
  try {
    await everything(await openListing({ kind: 'github', host: fake.web, owner: 'acme', transport: 'https', credential: 'forge' }, { forges: [], token: () => Promise.resolve(TOKEN) }, memory));
    expect(inspect(memory.answers)).not.toContain('canary');
  } finally {
    await fake.close();
  }
});
