// A verification by Spark that is tried again: the application that the first attempt started read what there was then.
import { writeFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ActivityDeps } from '../../activities/act.ts';
import { verifyPart } from '../../activities/verify.ts';
import { packPath } from '../../archive/layout.ts';
import { readVisit } from '../../archive/visits.ts';
import type { Log } from '../../contract/log.ts';
import { bigBlobs } from '../fixtures/contents.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';
import { attempt, fileOf, flipBit, verificationOf } from '../harness/proof.ts';
import { silentLog } from '../harness/temporal.ts';

/** Finds no fault in the packs of the list that it was started with, once somebody made the file `$GO`. */
const SUBMIT = `#!/bin/sh
for last; do :; done
packs=$(sed 's/.*"repository":"\\([^"]*\\)".*"name":"\\([^"]*\\)".*/backups\\/\\1\\/objects\\/pack\\/\\2.pack/' "$last")
echo 'PIVO {"event":"started","application":"app","name":"name","master":"none","ui":null}'
while [ -e "$0" ] && [ ! -e "$GO" ]; do sleep 0.05; done
for pack in $packs; do echo "PIVO {\\"event\\":\\"pack\\",\\"path\\":\\"$pack\\",\\"objects\\":1,\\"host\\":\\"here\\",\\"seconds\\":0}"; done
echo 'PIVO {"event":"end","packs":1,"bytes":1,"failure":null}'
`;

const BLOB_BYTES = 20_000;

let dir: string;
let pivo: IngestHarness;
let deps: ActivityDeps;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-spark-joined-'));
  await mkdir(join(dir, 'spark/bin'), { recursive: true });
  await writeFile(join(dir, 'spark/bin/spark-submit'), SUBMIT);
  await chmod(join(dir, 'spark/bin/spark-submit'), 0o755);
  pivo = await openIngest(join(dir, 'home'));
  deps = { ...pivo.deps, spark: { home: join(dir, 'spark'), conf: {}, env: { PATH: process.env['PATH'] ?? '', GO: join(dir, 'go') } } };
});
afterEach(async () => {
  await pivo.close();
  await rm(dir, { recursive: true, force: true });
});

/** Acts when the log says that the application runs. */
function whenItRuns(act: () => void): ActivityDeps {
  const log: Log = { ...silentLog, info: (_, text) => void (text === 'the application runs' && act()), child: () => log };
  return { ...deps, log };
}

it('reads the packs that came since by itself, and finds the damage in them', async () => {
  const [origin, name] = [join(dir, 'origin.git'), 'project'];
  await bigBlobs(origin, { count: 1, bytes: BLOB_BYTES });
  await pivo.ingest(origin, name);
  const verification = verificationOf({ engine: 'spark' });
  const timeout = new AbortController();
  await expect(verifyPart(whenItRuns(() => timeout.abort(new Error('TIMED_OUT'))), verification, attempt([], timeout.signal))).rejects.toMatchObject({ kind: 'Cancelled' });

  await rm(origin, { recursive: true });
  await bigBlobs(origin, { count: 2, bytes: BLOB_BYTES });
  await pivo.ingest(origin, name);
  const [pack = ''] = (await readVisit(deps.store, name, 2)).newPacks;
  await flipBit(fileOf(deps, packPath(name, pack, 'pack'))); // in a blob, which walking the objects does not read
  expect(await verifyPart(whenItRuns(() => writeFileSync(join(dir, 'go'), '')), verification, attempt())).toMatchObject({ ok: false, damaged: [name] });
});
