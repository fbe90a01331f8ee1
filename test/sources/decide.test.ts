// Which repositories of a listing are taken, and what they are called in the archive.
import { describe, expect, test } from 'vitest';
import { RepositoryName } from '../../contract/names.ts';
import { SourceSpec, type DecidedRepository, type ListedRepository } from '../../contract/source.ts';
import { decide, type KnownNames } from '../../sources/decide.ts';
import { placeOf } from '../../sources/place.ts';

const spec = (more: Partial<SourceSpec> = {}): SourceSpec => SourceSpec.parse({ name: 'acme', kind: 'gitlab', owner: 'acme', ...more });

const listed = (path: string, more: Partial<ListedRepository> = {}): ListedRepository => ({ id: path, path, url: `https://git.example.com/${path}.git`, archived: false, fork: false, wiki: false, empty: false, name: null, ...more });

const names = (found: readonly DecidedRepository[]): Record<string, string> => Object.fromEntries(found.map(({ path, repository }) => [path, repository]));

const NOTHING: KnownNames = { named: [], archived: [] };

describe('who is taken', () => {
  const ALL = [listed('acme/shop'), listed('acme/old', { archived: true }), listed('acme/copy', { fork: true }), listed('acme/shop.wiki', { id: 'acme/shop/wiki', wiki: true })];
  test.each<[string, Partial<SourceSpec>, Record<string, string | null>]>([
    ['as it comes', {}, { 'acme/copy': 'a fork', 'acme/old': null, 'acme/shop': null, 'acme/shop.wiki': null }],
    ['forks, too', { forks: true }, { 'acme/copy': null, 'acme/old': null, 'acme/shop': null, 'acme/shop.wiki': null }],
    ['nothing archived, no wikis', { archived: false, wikis: false }, { 'acme/copy': 'a fork', 'acme/old': 'archived on the forge', 'acme/shop': null, 'acme/shop.wiki': 'a wiki' }],
    ['only what is included, with its wiki', { include: ['acme/shop'] }, { 'acme/copy': 'a fork', 'acme/old': 'no pattern includes it', 'acme/shop': null, 'acme/shop.wiki': null }],
    ['without what is excluded', { exclude: ['shop'] }, { 'acme/copy': 'a fork', 'acme/old': null, 'acme/shop': 'excluded by "shop"', 'acme/shop.wiki': 'excluded by "shop"' }],
    ['without one wiki', { exclude: ['*.wiki'] }, { 'acme/copy': 'a fork', 'acme/old': null, 'acme/shop': null, 'acme/shop.wiki': 'excluded by "*.wiki"' }],
  ])('%s', (_, more, expected) => {
    expect(Object.fromEntries(decide(spec(more), ALL, NOTHING).map(({ path, excluded }) => [path, excluded]))).toEqual(expected);
  });
});

describe('names', () => {
  test('are the whole path with dots', () => {
    expect(names(decide(spec(), [listed('acme/shop'), listed('acme/platform/tool'), listed('acme/shop.wiki', { wiki: true })], NOTHING))).toEqual({ 'acme/shop': 'acme.shop', 'acme/platform/tool': 'acme.platform.tool', 'acme/shop.wiki': 'acme.shop.wiki' });
  });

  test('are ones that the archive takes, whatever a path holds', () => {
    const paths = ['acme/.github', '~ada/dotfiles', 'acme/a b', 'acme/x.lock', 'acme/x.git', 'acme/x.', 'ä/ö', `acme/${'long'.repeat(40)}`, 'acme/a+b', 'acme/a-b'];
    const found = decide(spec(), paths.map((path) => listed(path)), NOTHING);
    expect(found.map(({ repository }) => RepositoryName.safeParse(repository).success)).toEqual(paths.map(() => true));
    expect(new Set(found.map(({ repository }) => repository.toLowerCase())).size).toBe(paths.length);
  });

  test('that two hosts would share get the host in front', () => {
    const other = { source: 'far', id: '1', path: 'acme/shop', url: 'https://far.example.com/acme/shop.git', repository: 'acme.shop' };
    expect(names(decide(spec(), [listed('acme/shop')], { named: [other], archived: [] }))).toEqual({ 'acme/shop': 'git.example.com.acme.shop' });
    expect(names(decide(spec(), [listed('acme/shop')], { named: [], archived: [{ repository: 'acme.shop', origin: 'https://far.example.com/acme/shop.git' }] }))).toEqual({ 'acme/shop': 'git.example.com.acme.shop' });
  });

  test('that two paths of one host would share are told apart, also where only the case of letters differs', () => {
    const found = names(decide(spec(), [listed('a/b.c'), listed('a.b/c'), listed('A/B.c')], NOTHING));
    expect(new Set(Object.values(found).map((name) => name.toLowerCase())).size).toBe(3);
    expect(found['A/B.c']).toBe('A.B.c');
    expect(found['a.b/c']).toBe('git.example.com.a.b.c');
    expect(found['a/b.c']).toMatch(/^git\.example\.com\.a\.b\.c-[0-9a-f]{8}$/);
  });

  test('do not depend on the order of the listing', () => {
    const all = [listed('a/b.c'), listed('a.b/c'), listed('x/y')];
    expect(names(decide(spec(), all.toReversed(), NOTHING))).toEqual(names(decide(spec(), all, NOTHING)));
  });

  test('stay when a repository is renamed, and what is made at its old path gets another', () => {
    const known = { named: [{ source: 'acme', id: '1', path: 'acme/shop', url: 'https://git.example.com/acme/shop.git', repository: 'acme.shop' }], archived: [{ repository: 'acme.shop', origin: 'https://git.example.com/acme/shop.git' }] };
    const found = decide(spec(), [listed('acme/store', { id: '1' }), listed('acme/shop', { id: '2' })], known);
    expect(names(found)).toEqual({ 'acme/store': 'acme.shop', 'acme/shop': 'git.example.com.acme.shop' });
    expect(found.map(({ formerUrl }) => formerUrl)).toEqual([null, 'https://git.example.com/acme/shop.git']);
  });

  test('stay when a repository is removed and made again at its path', () => {
    const known = { named: [{ source: 'acme', id: '1', path: 'acme/shop', url: 'https://git.example.com/acme/shop.git', repository: 'acme.shop' }], archived: [{ repository: 'acme.shop', origin: 'https://git.example.com/acme/shop.git' }] };
    expect(names(decide(spec(), [listed('acme/shop', { id: '2' })], known))).toEqual({ 'acme/shop': 'acme.shop' });
    expect(names(decide(spec(), [listed('acme/shop', { id: '2' })], { ...known, archived: [] }))).toEqual({ 'acme/shop': 'acme.shop' });
  });

  test('that an origin has in the archive already stay, however its URL is written there', () => {
    const found = decide(spec(), [listed('acme/shop')], { named: [], archived: [{ repository: 'shop', origin: 'git@git.example.com:acme/shop.git' }] });
    expect(found[0]).toMatchObject({ repository: 'shop', formerUrl: 'git@git.example.com:acme/shop.git' });
  });

  test('of a list are those that it says, unless they are taken', () => {
    const known = { named: [], archived: [{ repository: 'mine', origin: 'https://far.example.com/x.git' }] };
    expect(names(decide(spec({ kind: 'list' }), [listed('acme/shop', { name: 'shop' }), listed('acme/web', { name: 'mine' })], known))).toEqual({ 'acme/shop': 'shop', 'acme/web': 'acme.web' });
  });
});

test.each([
  ['https://Git.Example.com/acme/shop.git/', 'git.example.com/acme/shop'],
  ['ssh://git@git.example.com:2222/acme/shop', 'git.example.com/acme/shop'],
  ['git@git.example.com:acme/shop.git', 'git.example.com/acme/shop'],
  ['https://git.example.com:8443/acme/shop', 'git.example.com:8443/acme/shop'],
  ['file:///srv/git/shop.git', '/srv/git/shop'],
  ['/srv/git/shop.git/', '/srv/git/shop'],
])('%s is at %s', (url, place) => {
  expect(placeOf(url)).toBe(place);
});
