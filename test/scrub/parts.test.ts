// Parts of a verification of an archive on this machine, and its plain checkouts.
import { statSync } from 'node:fs';
import { chmod, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readVisit } from '../../archive/visits.ts';
import { fileOf, flipBit, verdictOf } from '../harness/proof.ts';
import { openBackedUp, type BackedUp } from '../reading/backed-up.ts';
import { partsSuite } from './suite.ts';

partsSuite(() => openBackedUp());

describe('damage', () => {
  let archive: BackedUp;
  beforeAll(async () => {
    archive = await openBackedUp();
    await archive.backUp('force-push');
    await archive.backUp('odd-names');
  });
  afterAll(() => archive.cleanUp());

  test('to a file of a plain checkout is found: changed, cut, gone and added', async () => {
    const { store } = archive.deps;
    const { checkout } = await readVisit(store, 'odd-names', 1);
    const folder = fileOf(archive.deps, `backups/odd-names/${checkout.path}`);
    const entries = await readdir(folder, { withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && !entry.name.includes('\uFFFD') && statSync(join(folder, entry.name)).size > 0).map(({ name }) => name);
    const [changed = '', cut = '', gone = ''] = files;
    expect(files.length).toBeGreaterThan(2);
    await chmod(folder, 0o755);
    await flipBit(join(folder, changed), 0);
    await chmod(join(folder, cut), 0o644);
    await writeFile(join(folder, cut), '');
    await rm(join(folder, gone));
    const { findings } = await verdictOf(archive.deps, 'odd-names');
    expect(findings.every(({ kind, visits }) => kind === 'checkout' && visits.join() === '1')).toBe(true);
    expect(findings.map(({ problem }) => problem).toSorted()).toEqual([expect.stringMatching(/^0 bytes, \d+ were laid out$/), 'it is not there', expect.stringMatching(/^its bytes are not those of blob/)]);
  });

  test('by an added file of a checkout is found', async () => {
    const { checkout } = await readVisit(archive.deps.store, 'force-push', 1);
    const folder = fileOf(archive.deps, `backups/force-push/${checkout.path}`);
    await chmod(folder, 0o755);
    await writeFile(join(folder, 'stranger'), 'x');
    expect((await verdictOf(archive.deps, 'force-push')).findings).toMatchObject([{ kind: 'checkout', problem: expect.stringMatching(/^it holds \d+ files, \d+ were laid out$/) as string }]);
    await rm(join(folder, 'stranger'));
  });
});
