// The URL policy, case by case.
import { describe, expect, test } from 'vitest';
import { PivoError } from '../../contract/failures.ts';
import { checkUrl } from '../../git/url.ts';

const ALL = ['https', 'http', 'ssh', 'git', 'file'];

describe('an origin is taken', () => {
  test.each([
    ['https://example.org/owner/repo.git', 'https', 'https://example.org'],
    ['https://example.org:8443/r/', 'https', 'https://example.org:8443'],
    ['ssh://git@example.org:2222/r.git', 'ssh', null],
    ['git@example.org:owner/repo.git', 'ssh', null],
    ['example.org:repo', 'ssh', null],
    ['git://example.org/r', 'git', null],
    ['/srv/git/r.git', 'file', null],
    ['file:///srv/git/with%20space', 'file', null],
  ])('%s goes over %s', (url, protocol, site) => {
    expect(checkUrl(url, ALL)).toMatchObject({ protocol, site });
  });

  test('a trailing slash does not make another origin, and a file URL is the path it names', () => {
    expect(checkUrl('https://example.org/r/', ALL).url).toBe('https://example.org/r');
    expect(checkUrl('file:///srv/git/a%20b/', ALL).url).toBe('/srv/git/a b');
  });
});

describe('an origin is refused, with what to do', () => {
  test.each([
    ['ext::sh -c "touch /tmp/x"', /transport helper/],
    ['transport::address', /transport helper/],
    ['-oProxyCommand=touch /tmp/x', /starts with "-"/],
    ['--upload-pack=touch', /starts with "-"/],
    ['ssh://-oProxyCommand=touch/x', /no proper host|cannot be read/],
    ['git@-host:repo', /no proper host/],
    ['-user@host:repo', /starts with "-"/],
    ['host:-path', /no proper path/],
    ['https://user@example.org/r', /user name/],
    ['https://user:secret@example.org/r', /password/],
    ['ssh://git:secret@example.org/r', /password/],
    ['ftp://example.org/r', /not one PIVO speaks/],
    ['https:///nohost', /proper host|cannot be read|not/],
    ['relative/path', /not absolute/],
    ['https://example.org/a\nb', /control character/],
    ['/srv/a\u0000b', /control character/],
  ])('%s', (url, message) => {
    const failure = caught(() => checkUrl(url, ALL));
    expect(failure.kind).toBe('UrlRefused');
    expect(failure.message).toMatch(message);
    expect(failure.hint).toBeTruthy();
    expect(failure.permanent).toBe(true);
  });

  test('a refusal never repeats a password', () => {
    for (const url of ['https://user:hunter2@example.org/r', 'ext::https://u:hunter2@h/', '-https://u:hunter2@h/']) {
      const failure = caught(() => checkUrl(url, ALL));
      expect(`${failure.message} ${failure.hint}`).not.toContain('hunter2');
    }
  });

  test.each([['http://example.org/r', 'http'], ['git://example.org/r', 'git'], ['/srv/r', 'file']])('%s where %s is not configured', (url, protocol) => {
    const failure = caught(() => checkUrl(url, ALL.filter((each) => each !== protocol)));
    expect(failure.kind).toBe('UrlRefused');
    expect(failure.hint).toContain('git.protocols');
  });
});

function caught(act: () => unknown): PivoError {
  try {
    act();
  } catch (error) {
    if (error instanceof PivoError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
