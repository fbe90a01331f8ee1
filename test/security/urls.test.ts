// Addresses that try to be more than an address; test/git/url.test.ts has the policy itself.
import { expect, test } from 'vitest';
import { isPivoError } from '../../contract/failures.ts';
import { checkUrl } from '../../git/url.ts';

const ALL = ['https', 'http', 'ssh', 'git', 'file'];

test.each([
  'ext::sh -c touch% /tmp/x', 'fd::17', 'EXT::sh', 'git-remote-ext::x', 'http::http://h/r',
  'data:text/html,<script>alert(1)</script>', 'javascript:alert(1)', 'JavaScript:alert(1)', 'vbscript:x', 'blob:https://h/x', 'about:blank', 'mailto:a@b',
  'javascript://h/%0aalert(1)', 'data://h/x', 'ftp://h/r', 'ftps://h/r', 'gopher://h/r', 'rsync://h/r', 'svn+ssh://h/r', 'git+ssh://h/r',
  'https:h/r', 'http:/h/r', 'file:r', 'ssh:h/r', 'git:h/r',
  '[-oProxyCommand=touch x]:r', 'git@[-oProxyCommand=touch x]:r', '-oProxyCommand=x:r', 'git@-oProxyCommand=x:r', 'host:-oProxyCommand=x',
  'ssh://-oProxyCommand=x/r', 'ssh://%2doProxyCommand=x/r', 'ssh://%2DoProxyCommand=x@h/r', 'ssh://git@%2doProxyCommand=x/r', 'ssh://[-oProxyCommand=x]/r',
  'ssh://h/a%0ab', 'git://h/a%0ab', 'git://h%0a/r', 'https://h/a%0d%0aHost:%20x', 'https://h/%00',
  'file:///a%00b', 'file:///a%0a[core]%0a', 'file:///%ff', 'file:///a%2', 'file://h/srv/r', 'file://evil.example/etc',
  '--upload-pack=touch x', '-u', '-', '--', 'https://h\u0000/r', 'https://h/r\u007f', '\nhttps://h/r', 'https://h/r\r\n', '', ' ', '.', '..', '~/r', '\\\\h\\share',
])('%j is refused', (url) => {
  try {
    const checked = checkUrl(url, ALL);
    expect.unreachable(`taken as ${JSON.stringify(checked)}`);
  } catch (error) {
    if (!isPivoError(error)) throw error;
    expect(error).toMatchObject({ kind: 'UrlRefused', permanent: true });
  }
});

test.each(['git@host.example:owner/repo.git', 'host:repo', 'me@http:repo', 'ssh://git@h/~me/-r', 'https://h/-r.git', 'https://h/a%20b', 'https://h/%C3%A9', '/srv/-r', 'file:///srv/a%2520b', 'file://localhost/srv/r'])('%j is an address as any other', (url) => {
  expect(checkUrl(url, ALL).url).not.toBe('');
});
