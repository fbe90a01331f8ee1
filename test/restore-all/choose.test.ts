// Which repositories a restore of many takes, by their names.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { openStore } from '../../archive/open.ts';
import { RestoreAllChoice } from '../../contract/restore-all.ts';
import { chooseRestores } from '../../restore/many/choose.ts';

const LONG = 'git.example.com.acme.platform.tool.wiki';
const NAMES = ['acme.web', 'acme.web2', 'acmexweb', 'other.web', LONG];

const chosen = async (...only: string[]): Promise<string[]> =>
  (await chooseRestores(RestoreAllChoice.parse({ repositories: NAMES, only, target: join(tmpdir(), 'nowhere') }), { store: openStore(pathToFileURL(join(tmpdir(), 'no-archive')).href), protocols: ['file'], listed: null })).map(({ repository }) => repository);

test.each([
  ['acme.*', ['acme.web', 'acme.web2']],
  ['acme.web?', ['acme.web2']],
  ['acme?web', ['acme.web', 'acmexweb']],
  ['*.web', ['acme.web', 'other.web']],
  ['*', NAMES.toSorted()],
  ['acme.web', ['acme.web']],
])('%s', async (pattern, names) => {
  expect(await chosen(pattern)).toEqual(names);
});

test('a name that one of several patterns matches is taken once', async () => {
  expect(await chosen('acme.*', '*web')).toEqual(['acme.web', 'acme.web2', 'acmexweb', 'other.web']);
});

test('a pattern that is made to take long does not', async () => {
  await expect(chosen(`${'*?'.repeat(38)}!`)).rejects.toMatchObject({ kind: 'NotFound' });
});
