// When two URLs mean the same repository, however they are written.

/**
 * The URL in one form: `host:path` as `ssh://host/path`, the host in lower case, the port left out where it is the transport's own,
 * no `.git` and no slashes at the end (git-clone(1), "GIT URLS"; RFC 3986, 6.2). What is equal is one repository. Paths keep their case.
 */
export function sameOrigin(url: string): string {
  const parsed = url.startsWith('/') ? null : URL.parse(/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(url) ? url : url.replace(/^((?:[^/:@]*@)?\[[^\]]+\]|[^/:]+):\/*/, 'ssh://$1/'));
  if (parsed === null) return withoutGit(url);
  const { protocol, username, host, pathname } = parsed;
  if (protocol === 'file:') return withoutGit(decoded(pathname));
  const login = username === '' ? '' : `${username}@`;
  const place = protocol === 'ssh:' ? host.replace(/:22$/, '').toLowerCase() : host;
  return `${protocol}//${login}${place}${withoutGit(pathname)}`;
}

const withoutGit = (path: string): string => path.replace(/\/+$/, '').replace(/(?<=[^/])\.git$/, '');

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Host and owner of an origin in the form of `sameOrigin`: all but the last part of its path. */
export const ownerOf = (origin: string): string => origin.slice(0, origin.lastIndexOf('/'));
