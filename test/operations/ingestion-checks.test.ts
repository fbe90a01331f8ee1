// What `health` says of the spool, the records, notifications and the vault: each trouble is found, and has a next step.
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../config.ts';
import type { Notification } from '../../contract/notification.ts';
import { openContext } from '../../operations/context.ts';
import { health } from '../../operations/health.ts';
import type { OperationContext } from '../../operations/operation.ts';
import { openSpool, type Spool } from '../../spool/folders.ts';
import { encodeFrame } from '../../spool/frame.ts';
import type { Check } from '../../stack/doctor.ts';
import { stateDeliveries } from '../../state/deliveries.ts';
import { silentLog } from '../harness/temporal.ts';

let home: string;
let spool: Spool;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'pivo-ic-'));
  spool = openSpool(join(home, 'spool'));
});
afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

/** The checks of a home whose config.toml says `settings`. */
async function checks(settings = '', env: Record<string, string> = {}): Promise<Check[]> {
  await writeFile(join(home, 'config.toml'), settings);
  const context = openContext(loadConfig({ PIVO_HOME: home, ...env }), silentLog, { user: 'ada', via: 'cli', owner: true });
  try {
    return await checksOf(context);
  } finally {
    await context.close();
  }
}

const checksOf = async (context: OperationContext): Promise<Check[]> => (await health.run(context, {}, { signal: AbortSignal.timeout(60_000), onProgress: () => {} })).checks;

const trouble = async (...asked: Parameters<typeof checks>): Promise<Check[]> => (await checks(...asked)).filter(({ state }) => state !== 'ok');
const land = async (): Promise<string> => (await spool.land('event', [encodeFrame({ kind: 'event', key: 'host', time: 1, id: 'a', payload: { type: 'seen' } })])).name;

describe('health', () => {
  it('of a new home finds nothing wrong, and makes nothing', async () => {
    expect(await checks()).toEqual([
      { name: 'Spool', state: 'ok', found: 'nothing waits' },
      { name: 'Records', state: 'ok', found: `sqlite:${join(home, 'records.db')} will be created` },
    ]);
  });

  it('tells what waits and for how long, and that nobody takes it', async () => {
    const name = await land();
    expect(await trouble()).toEqual([{ name: 'Spool gates', state: 'warning', found: expect.stringContaining('Temporal does not answer'), advice: expect.stringContaining('pivo up') }]);
    const before = new Date(Date.now() - 3_600_000);
    await utimes(join(spool.places.incoming('event'), name), before, before);
    expect((await trouble())[0]).toEqual({ name: 'Spool', state: 'wrong', found: 'what waits: 1 segment of event, the oldest for 60 min', advice: expect.stringContaining('pivo batches') });
  });

  it('tells of failed segments with the way to try them again', async () => {
    const name = await land();
    await spool.claim('event', 'event-1', { segments: 1, bytes: 1_000 });
    await spool.settle('event', 'event-1', [{ name, failure: 'torn' }]);
    expect(await trouble()).toEqual([{ name: 'Failed segments', state: 'warning', found: '1 segment of event could not be stored', advice: expect.stringContaining('pivo spool replay --failed NAME') }]);
  });

  it('tells that the spool cannot be used', async () => {
    await writeFile(join(home, 'spool'), '');
    expect((await trouble())[0]).toMatchObject({ name: 'Spool', state: 'wrong' });
  });

  it('tells that the records database is away, and what to look at', async () => {
    expect(await trouble('', { PIVO_RECORDS: 'postgres://nobody@127.0.0.1:9/none' })).toEqual([{ name: 'Records', state: 'wrong', found: expect.stringContaining('ECONNREFUSED'), advice: expect.stringContaining('PostgreSQL') }]);
  });

  it('tells of notifications that were given up, and of a target whose settings are wrong', async () => {
    const table = '[[notify]]\nname = "chat"\nurl = "http://127.0.0.1:9/"\n';
    const log = stateDeliveries(join(home, 'state.db'));
    const notification: Notification = { event: 'test', key: 'k', time: '2026-11-21T00:00:00.000Z', repository: null, facts: {} };
    log.add([{ id: 'a', target: 'chat', notification }, { id: 'b', target: 'chat', notification }]);
    expect(await trouble(table)).toEqual([]);
    log.record('a', { time: notification.time, milliseconds: 1, answer: 500, failure: 'no' }, 'dead');
    expect(await trouble(table)).toEqual([{ name: 'Notifications', state: 'warning', found: 'given up: 1 to chat; 1 wait', advice: expect.stringContaining('pivo notify retry --all-dead') }]);
    expect(await trouble(`${table}tokenEnv = "NOT_THERE"\n`)).toEqual([{ name: 'Notifications', state: 'wrong', found: expect.stringContaining('NOT_THERE'), advice: expect.any(String) }]);
  });

  it('tells that the vault is on, and that its key is gone, also where the vault is open already', async () => {
    await writeFile(join(home, 'config.toml'), '[vault]\nenabled = true\n');
    const context = openContext(loadConfig({ PIVO_HOME: home }), silentLog, { user: 'ada', via: 'server', owner: true });
    expect(await checksOf(context)).toContainEqual({ name: 'Vault', state: 'ok', found: expect.stringContaining('is readable') });
    await rm(join(home, 'vault.key'));
    expect(await checksOf(context)).toContainEqual({ name: 'Vault', state: 'wrong', found: expect.stringContaining('key'), advice: expect.stringContaining('copy') });
    await context.close();
  });
});
