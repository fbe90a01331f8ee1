// Which names this server answers to, and which pages of other origins may ask it.
import { hostname, networkInterfaces } from 'node:os';
import { isIP } from 'node:net';
import { PivoError } from '../../../contract/failures.ts';

export interface Names {
  /** Address that is listened on. */
  host: string;
  /** Further names, such as a reverse proxy's. */
  hosts: readonly string[];
  /** Origins whose pages may ask, such as `https://console.example.com`. */
  origins: readonly string[];
}

/** True for an address of this machine's own loopback. */
export const isLoopback = (address: string): boolean => address === 'localhost' || address === '::1' || /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(address);

/** The host of a `Host` header without its port and brackets, in lower case. */
export function hostOf(header: string): string {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\]|([^:/?#]*))(?::\d+)?$/.exec(header) ?? [];
  return (bracketed ?? plain ?? '').toLowerCase().replace(/\.$/, '');
}

/** Says whether a request's names are this server's: what stops pages that rebind a name of theirs to this address. */
export interface NameCheck {
  /** Fails with NotAllowed. */
  checkHost(host: string | undefined): void;
  /** The origin to allow by CORS, or null for a page of this server or no page at all. Fails with NotAllowed. */
  checkOrigin(origin: string | undefined, host: string): string | null;
}

export function checkNames({ host, hosts, origins }: Names): NameCheck {
  const known = new Set(['localhost', ...hosts.map((each) => hostOf(each)), ...(isLoopback(host) ? [] : [hostname().toLowerCase()])]);
  const isOurs = (name: string): boolean => known.has(name) || isLoopback(name) || (!isLoopback(host) && isIP(name) !== 0 && isAddressOf(host, name));
  return {
    checkHost(header) {
      const name = hostOf(header ?? '');
      if (isOurs(name)) return;
      throw new PivoError('NotAllowed', `this server does not answer to the name "${name}"`, { hint: 'Name it in `hosts` of [server] in config.toml when it is yours.' });
    },
    checkOrigin(origin, own) {
      if (origin === undefined || isSame(origin, own)) return null;
      if (origins.includes(origin)) return origin;
      throw new PivoError('NotAllowed', `pages of ${origin} may not ask this server`, { hint: 'Name the origin in `origins` of [server] in config.toml when it is yours.' });
    },
  };
}

/** A page that this server sent: it names the host that it asks. */
function isSame(origin: string, host: string): boolean {
  return origin === `http://${host}` || origin === `https://${host}`;
}

const isAddressOf = (host: string, name: string): boolean => name === host || (['0.0.0.0', '::'].includes(host) && Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === name)));
