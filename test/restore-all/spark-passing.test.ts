// A restore of many by Spark whose executors met trouble that passes: what the application tells, and what is kept of it.
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ActivityDeps } from '../../activities/act.ts';
import { reconstructRestores } from '../../activities/restore-all/reconstruct-restores.ts';
import { plansPath } from '../../archive/layout.ts';
import { openStore } from '../../archive/open.ts';
import type { RestoreAllJob } from '../../contract/restore-all.ts';
import { attempt } from '../harness/proof.ts';
import { silentLog } from '../harness/temporal.ts';

const FAILURE = { kind: 'StorageUnavailable', message: 'OPEN at the DataNode: connection refused' };
/** Tells one restore as done and one as failed, until somebody makes the file `$BACK`. */
const SUBMIT = `#!/bin/sh
[ -e "$BACK" ] && failure=null || failure='${JSON.stringify(FAILURE)}'
echo "PIVO {\\"event\\":\\"end\\",\\"restores\\":[{\\"restoreId\\":\\"all.a\\",\\"failure\\":null},{\\"restoreId\\":\\"all.b\\",\\"failure\\":$failure}],\\"failure\\":null}"
`;

let dir: string;
let deps: Pick<ActivityDeps, 'store' | 'cache' | 'spark' | 'log'>;
let planHash: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-spark-passing-'));
  await mkdir(join(dir, 'spark/bin'), { recursive: true });
  await writeFile(join(dir, 'spark/bin/spark-submit'), SUBMIT);
  await chmod(join(dir, 'spark/bin/spark-submit'), 0o755);
  const store = openStore(pathToFileURL(join(dir, 'archive')).href);
  deps = { store, cache: join(dir, 'cache'), spark: { home: join(dir, 'spark'), conf: {}, env: { PATH: process.env['PATH'] ?? '', BACK: join(dir, 'back') } }, log: silentLog };
  const plan = Buffer.from(JSON.stringify({ repositories: ['a', 'b'].map((repository) => ({ repository, state: 'ready' })) }));
  await store.create(plansPath('all'), plan);
  planHash = createHash('sha256').update(plan).digest('hex');
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const reconstruct = (nth: number): Promise<number> => reconstructRestores(deps as ActivityDeps, { job: { restoreId: 'all' } as RestoreAllJob, planHash }, { ...attempt(), attempt: nth });

it('is tried again, and no repository fails when it has passed', async () => {
  await expect(reconstruct(1)).rejects.toMatchObject({ ...FAILURE, permanent: false });
  await writeFile(join(dir, 'back'), '');
  expect(await reconstruct(2)).toBe(0);
});

it('is a failure of its repository alone when it does not pass', async () => {
  expect(await reconstruct(3)).toBe(1);
  await writeFile(join(dir, 'back'), '');
  expect(await reconstruct(4)).toBe(1);
});
