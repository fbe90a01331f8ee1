// The URL policy: what an origin or a target may be, decided before git sees it.
import { PivoError } from '../contract/failures.ts';

export interface CheckedUrl {
  /** The transport git will use. */
  protocol: 'https' | 'http' | 'ssh' | 'git' | 'file';
  /** As git gets it: without trailing slashes; a `file://` URL as the path it names. */
  url: string;
  /** `https://host:port` for http(s): the only place its credential is sent to. */
  site: string | null;
}

const refuse = (message: string, hint: string): never => {
  throw new PivoError('UrlRefused', message, { hint });
};

/** What may be shown of a refused URL: never what could be a secret. */
const shown = (url: string): string => JSON.stringify(url.replace(/\/\/[^/@]*@/, '//…@').slice(0, 200));

const CREDENTIAL_HINT = 'Store the secret with `pivo credential add NAME` and pass --credential NAME.';

/** Characters; a path has 4,096 bytes at most on Linux, and percent signs can treble it. */
const LONGEST = 16_384;

/** As git reads it, a character a byte: it decodes `%XX` in a URL before it uses host and path (connect.c, parse_connect_url). */
const decodedUrl = (url: string): string => (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(url) ? url.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))) : url);

function checkShape(url: string): void {
  if (url.length > LONGEST) refuse(`the URL is longer than ${LONGEST} characters`, 'Expected something like https://host/owner/repository.git.');
  if (url.startsWith('-')) refuse(`the URL ${shown(url)} starts with "-"`, 'A path that starts with "-" can be given as an absolute path.');
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(decodedUrl(url))) refuse(`the URL ${shown(url)} holds a control character`, 'Give the URL without line breaks or control characters.');
  if (/^[A-Za-z0-9][A-Za-z0-9+.-]*::/.test(url)) refuse(`the URL ${shown(url)} names a transport helper ("::")`, 'Helpers such as ext:: can run commands; use https or ssh.');
}

function checkParsed(url: string): CheckedUrl {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return refuse(`the URL ${shown(url)} cannot be read`, 'Expected something like https://host/owner/repository.git.');
  }
  const protocol = parsed.protocol.slice(0, -1);
  if (parsed.password !== '') refuse('the URL holds a password', CREDENTIAL_HINT);
  if (protocol === 'file' && parsed.hostname !== '') refuse(`the URL ${shown(url)} names a host`, 'A file:// URL is a path of this machine: file:///path.');
  if (protocol === 'file') return { protocol, url: pathOf(parsed).replace(/(?<=.)\/+$/, ''), site: null };
  if (protocol !== 'https' && protocol !== 'http' && protocol !== 'ssh' && protocol !== 'git') return refuse(`the scheme "${protocol}:" is not one PIVO speaks`, 'Use https, ssh, or where configured http, git or a path.');
  if (parsed.username !== '' && protocol !== 'ssh') refuse(`the URL holds a user name (${protocol})`, CREDENTIAL_HINT);
  if (parsed.hostname === '' || url.includes(':///') || /^[a-z]+:\/\/([^/]*@)?\[?-/i.test(decodedUrl(url))) refuse(`the URL ${shown(url)} has no proper host`, 'Expected something like https://host/owner/repository.git.');
  const site = protocol === 'https' || protocol === 'http' ? `${protocol}://${parsed.host}` : null;
  return { protocol, url: url.replace(/\/+$/, ''), site };
}

function pathOf({ pathname, href }: URL): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return refuse(`the URL ${shown(href)} cannot be read`, 'Give the path as it is, without file://.');
  }
}

/** `https:x` and `data:x` look like `host:path`; nobody means a host by them, and a page that shows the origin as a link must not run it. */
const NOT_HOSTS = /^(https?|ssh|git|git\+ssh|ssh\+git|file|ftps?|data|javascript|vbscript|blob|about|mailto|ext|fd|view-source)$/i;

/** `[user@]host:path`, as ssh and git read it (git-clone(1), "GIT URLS"). */
function checkScpLike(url: string): CheckedUrl {
  const [login = '', path = ''] = [url.slice(0, url.indexOf(':')), url.slice(url.indexOf(':') + 1)];
  if (NOT_HOSTS.test(login)) refuse(`the scheme "${login}:" is not one PIVO speaks`, 'Use https://host/path, or where a host has such a name, ssh://host/path.');
  if (/(^|@)\[?-/.test(login)) refuse(`the URL ${shown(url)} has no proper host`, 'Expected something like git@host:owner/repository.git.');
  if (/^\/*$/.test(path) || path.startsWith('-')) refuse(`the URL ${shown(url)} has no proper path`, 'Expected something like git@host:owner/repository.git.');
  return { protocol: 'ssh', url: url.replace(/\/+$/, ''), site: null };
}

function classify(url: string): CheckedUrl {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(url)) return checkParsed(url);
  if (url.startsWith('/')) return { protocol: 'file', url: url.replace(/(?<=.)\/+$/, ''), site: null };
  if (/^[^/]+:/.test(url)) return checkScpLike(url);
  return refuse(`the path ${shown(url)} is not absolute`, 'Workers have a folder of their own: give the whole path, or start through `pivo`, which completes it.');
}

/**
 * Checks an origin or a target against the policy and the transports that are configured.
 * Fails with UrlRefused; a refused URL is never repeated with its user part.
 */
export function checkUrl(url: string, protocols: readonly string[]): CheckedUrl {
  checkShape(url);
  const checked = classify(url);
  if (!protocols.includes(checked.protocol)) {
    const what = checked.protocol === 'file' ? 'paths of this machine are' : `the transport "${checked.protocol}" is`;
    refuse(`${what} not allowed here`, `Allowed: ${protocols.join(', ')}. Add "${checked.protocol}" to git.protocols in config.toml (or PIVO_GIT_PROTOCOLS) to allow it.`);
  }
  return checked;
}
