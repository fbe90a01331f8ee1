// Hosts that scripts and settings speak to, and whether anybody named them before.

/** Names of this machine and of services beside a job. */
const LOCAL = /^(?:localhost|127(?:\.\d+){3}|\[?::1\]?|0\.0\.0\.0|host\.docker\.internal|[a-z][a-z0-9_-]*)$/i;
const URL_HOST = /\b([a-z][a-z0-9+.-]{1,20}):\/\/(?:[^\s/@'"]{0,500}@)?([^\s/'"`<>()\\|;,?#\]]{1,300})/gi;
const SCP_HOST = /(?:^|[\s'"=])[\w.-]{1,50}@((?:[\w-]{1,60}\.)+[a-z]{2,20}):(?!\/\/)/gi;
const DEVICE_HOST = /\/dev\/(?:tcp|udp)\/([^\s/]{1,300})/g;

/** Schemes that name no host. */
const NO_HOST = new Set(['file', 'docker', 'oci', 'jdbc', 'urn', 'sqlite', 'unix', 'npipe']);

/** The hosts that a text names by URL, `git@host:path` or bash's `/dev/tcp`. */
export function hostsIn(text: string): string[] {
  const urls = [...text.matchAll(URL_HOST)].flatMap(([, scheme = '', host = '']) => (NO_HOST.has(scheme.toLowerCase()) ? [] : [hostOf(host)]));
  return [...urls, ...[...text.matchAll(SCP_HOST)].map(([, host = '']) => host), ...[...text.matchAll(DEVICE_HOST)].map(([, host = '']) => host)].filter((host) => host !== '');
}

/** Without port and the dot at the end; names are the same in capitals, variables are not. */
function hostOf(text: string): string {
  const host = text.startsWith('[') ? text : text.replace(/:(?:\d+|\$.*)?$/, '').replace(/\.$/, '');
  return host.includes('$') ? host : host.toLowerCase();
}

/** Hosts as an option gives them: names, or URLs. */
export const knownHostSet = (hosts: readonly string[]): ReadonlySet<string> => new Set(hosts.flatMap((host) => (host.includes('://') ? hostsIn(host) : [host.trim().toLowerCase()])));

/**
 * Why a host may not be spoken to: null where it is known, local, or a variable that nothing in the files sets
 * (then the forge or whoever owns the project does). `sets`: the values that the files give to variables.
 */
export function hostProblem(host: string, known: ReadonlySet<string>, sets: ReadonlyMap<string, string>): string | null {
  if (known.has(host.toLowerCase()) || LOCAL.test(host)) return null;
  if (!host.includes('$')) return `speaks to ${host}, which neither a template nor the repository's own scripts name`;
  const name = /^\$\{?([A-Za-z_]\w*)\}?(?::\d+)?$/.exec(host)?.[1];
  if (name === undefined) return `speaks to ${host}, a host that is put together when it runs`;
  const value = sets.get(name);
  if (value === undefined) return null;
  return value !== '' && !value.includes('$') ? hostProblem(hostsIn(value)[0] ?? value.toLowerCase(), known, new Map()) : `speaks to ${host}, a host that is put together when it runs`;
}
