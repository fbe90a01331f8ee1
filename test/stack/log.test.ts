// The log: JSON for programs, tags for people, and no secret in either.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog, readableLine, type LogSettings } from '../../log.ts';
import { saveCredential } from '../../git/credentials.ts';

let folder = '';
let settings: LogSettings;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-log-'));
  settings = { log: { level: 'info' }, paths: { credentials: join(folder, 'credentials') } };
});
afterAll(() => rm(folder, { recursive: true }));

class Lines {
  readonly lines: string[] = [];
  readonly isTTY: boolean;
  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }
  write(line: string): void {
    this.lines.push(line);
  }
  get text(): string {
    return this.lines.join('');
  }
}

describe('the log', () => {
  it('writes one JSON record a line, with the component and the facts of its parents', () => {
    const out = new Lines(false);
    createLog(settings, 'PIVO-ORCHESTRATOR', out).child({ component: 'GIT', workflowId: 'ingest:execa' }).info({ packs: 2 }, 'fetched');
    const record = JSON.parse(out.text) as object;
    expect(record).toEqual({ level: 30, time: expect.any(String) as string, component: 'GIT', workflowId: 'ingest:execa', packs: 2, msg: 'fetched' });
    expect(out.text.match(/"component"/g)).toHaveLength(1);
  });

  it('shows a tag, the level where it matters, and the facts on a terminal', () => {
    const json = JSON.stringify({ level: 40, time: '2026-11-21T10:00:00Z', component: 'STORE', workflowId: 'ingest:execa', msg: 'slow disk' });
    expect(readableLine(json, false)).toMatch(/^\d\d:\d\d:\d\d \[STORE\] WARN slow disk workflowId=ingest:execa\n$/);
    expect(readableLine(json, true)).toContain('\u001B[');
    expect(readableLine('not a record', false)).toBe('not a record\n');
  });

  it('leaves colours out where NO_COLOR is set, and everything below the level', () => {
    const out = new Lines(true);
    const before = process.env['NO_COLOR'];
    process.env['NO_COLOR'] = '1';
    const log = createLog(settings, 'GIT', out);
    if (before === undefined) delete process.env['NO_COLOR'];
    else process.env['NO_COLOR'] = before;
    log.info({}, 'plain');
    log.debug({}, 'unseen');
    expect(out.text).toMatch(/^\S+ \[GIT\] plain\n$/);
  });

  it('hides fields that hold a secret by name, and the user part of URLs', () => {
    const out = new Lines(false);
    createLog(settings, 'GIT', out).info({ token: 'abc', login: { password: 'hunter2' }, url: 'https://ada:hunter3@host/x.git' }, 'GET https://u:hunter4@host failed');
    expect(out.text).not.toMatch(/abc|hunter/);
    expect(out.text).toContain('https://[hidden]@host/x.git');
  });

  it('hides the value of a credential that was stored while it runs, in every form it could take', async () => {
    const out = new Lines(false);
    const log = createLog(settings, 'GIT', out);
    log.info({}, 'before any credential');
    await mkdir(settings.paths.credentials, { recursive: true });
    await saveCredential(settings.paths.credentials, 'forge', { kind: 'token', username: 'ada', token: 'canary/"42"' });
    const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----';
    await saveCredential(settings.paths.credentials, 'deploy', { kind: 'ssh-key', privateKey: key });
    await writeFile(join(settings.paths.credentials, 'known_hosts'), 'host ssh-ed25519 AAAA\n');
    const basic = Buffer.from('ada:canary/"42"').toString('base64');
    log.warn({ error: new Error('remote said canary/"42"') }, `header Basic ${basic}; url ?t=${encodeURIComponent('canary/"42"')}; key ${key}`);
    expect(out.lines).toHaveLength(2);
    expect(out.text).not.toContain('canary');
    expect(out.text).not.toContain(basic);
    expect(out.text).not.toContain('b3BlbnNzaC1rZXk');
  });
});
