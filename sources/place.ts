// Where a repository is, however its URL is written.

/**
 * `host/path` in one form: without transport, user and `.git`, the host in small letters, with a port where the transport is http(s) and the port not its own
 * (git-clone(1), "GIT URLS"). Of a path on this machine: the path.
 */
export function placeOf(url: string): string {
  const [, scpHost, scpPath] = /^(?:[^@/:\s]+@)?([^@/:\s]+):(?!\/\/)(.+)$/.exec(url) ?? [];
  if (scpHost !== undefined && scpPath !== undefined) return joined(scpHost, scpPath);
  const parsed = /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? URL.parse(url) : null;
  if (parsed === null) return withoutGit(url);
  if (parsed.protocol === 'file:') return withoutGit(parsed.pathname);
  return joined(parsed.protocol.startsWith('http') ? parsed.host : parsed.hostname, parsed.pathname);
}

/** The host of a place, with its port; '' on this machine. */
export const hostOf = (url: string): string => {
  const place = placeOf(url);
  return place.startsWith('/') || !place.includes('/') ? '' : place.slice(0, place.indexOf('/'));
};

const withoutGit = (path: string): string => path.replace(/\/+$/, '').replace(/(?<=[^/])\.git$/, '');

const joined = (host: string, path: string): string => `${host.toLowerCase()}/${withoutGit(path.replace(/^\/+/, ''))}`;
