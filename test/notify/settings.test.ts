// Tables [[notify]]: what is taken, what is refused, and where secrets are read from.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { inspect } from 'node:util';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../config.ts';
import { targetOf, targetsOf } from './targets.ts';

let home: string;
beforeAll(async () => void (home = await mkdtemp(join(tmpdir(), 'pivo-notify-'))));
afterAll(() => rm(home, { recursive: true, force: true }));

describe('a table [[notify]]', () => {
  it('has defaults for everything but name and URL', () => {
    expect(targetOf({ url: 'https://chat.example/hook?x=1' })).toMatchObject({ name: 'chat', rate: 60, attempts: 10, timeout: 10, place: 'https://chat.example', carries: { token: false, signature: false } });
    expect(targetOf({ url: 'https://chat.example/hook' }).events).not.toContain('test');
  });

  it.each([
    ['ftp://chat.example/', /http or https/], ['https://user@chat.example/', /without user/], ['https://u:p@chat.example/', /without user/], ['https://chat.example/#x', /fragment/], ['hook', /http or https/], ['http://a b/', /http or https/],
  ])('refuses the URL %s', (url, message) => {
    expect(() => targetOf({ url })).toThrow(message);
  });

  it.each([
    [{}, /name one of url/], [{ url: 'http://a', urlFile: '/x' }, /name one of url/], [{ url: 'http://a', tokenFile: '/x', tokenEnv: 'X' }, /either tokenFile/], [{ url: 'http://a', secretFile: '/x', secretEnv: 'X' }, /either secretFile/],
    [{ url: 'http://a', token: 'abc' }, /token/], [{ url: 'http://a', headers: { Authorization: 'x' } }, /header/], [{ url: 'http://a', headers: { 'webhook-id': 'x' } }, /header/], [{ url: 'http://a', headers: { 'x-a': 'a\r\nb' } }, /ASCII/],
    [{ url: 'http://a', template: '../x.json' }, /below PIVO_HOME/], [{ url: 'http://a', template: '/etc/passwd' }, /below PIVO_HOME/], [{ url: 'http://a', events: [] }, /events/], [{ url: 'http://a', events: ['gate'] }, /events/],
    [{ url: 'http://a', rate: 0 }, /rate/], [{ url: 'http://a', attempts: 101 }, /attempts/], [{ url: 'http://a', timeout: 61 }, /timeout/],
  ])('refuses %j', (table, message) => {
    expect(() => targetOf(table)).toThrow(message);
  });

  it('is refused twice with one name', () => {
    expect(() => targetsOf([{ name: 'a', url: 'http://a' }, { name: 'a', url: 'http://b' }])).toThrow(/same name/);
  });

  it('is read from config.toml, and what it refers to from file and environment, when it is asked for', async () => {
    await writeFile(join(home, 'token'), 'sesame-1\n');
    await writeFile(join(home, 'config.toml'), `[[notify]]\nname = "pager"\nurlEnv = "PAGER"\ntokenFile = ${JSON.stringify(join(home, 'token'))}\nsecretEnv = "SIGN"\ntemplate = "t.json"\nevents = ["visit.held"]\n`);
    const { notify } = loadConfig({ PIVO_HOME: home, PAGER: 'https://pager.example/v2/secret-path', SIGN: 'sesame-2' });
    expect(notify[0]).toMatchObject({ name: 'pager', place: null, template: join(home, 't.json'), events: ['visit.held'] });
    expect(notify[0]?.secrets()).toEqual({ url: 'https://pager.example/v2/secret-path', token: 'sesame-1', secret: 'sesame-2' });
    expect(inspect(notify, { depth: 9, showHidden: true }) + JSON.stringify(notify)).not.toMatch(/sesame|secret-path/);
    await writeFile(join(home, 'token'), 'sesame-3');
    expect(notify[0]?.secrets()).toMatchObject({ token: 'sesame-3' });
  });

  it.each([[{ tokenFile: '/nowhere/token' }, /token of the notify target chat cannot be read: ENOENT/], [{ tokenEnv: 'NONE' }, /environment variable NONE holds no token/], [{ secretEnv: 'TWO' }, /TWO holds no secret/]])('says what is missing: %j', (table, message) => {
    expect(() => targetOf({ url: 'http://a', ...table }, { env: { TWO: 'two\nlines' } }).secrets()).toThrow(message);
  });

  it('refuses a stored URL that is none without repeating it', () => {
    const target = targetOf({ urlEnv: 'U' }, { env: { U: 'https://u:sesame@a/' } });
    expect(() => target.secrets()).toThrow(/no http or https URL/);
    expect(() => target.secrets()).not.toThrow(/sesame/);
  });
});
