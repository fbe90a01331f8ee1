// JSON calls that make repositories: the same few for every forge.
import { isPivoError, PivoError } from '../contract/failures.ts';
import { openWire, type ForgeAccess } from './wire.ts';

export interface Calls {
  /** The answer to a GET below the API; null where there is nothing. */
  get(path: string, signal?: AbortSignal): Promise<Record<string, unknown> | null>;
  send(method: 'POST' | 'PUT' | 'PATCH', path: string, body: object, signal?: AbortSignal): Promise<void>;
}

/** `headers` go with every request. */
export function callsOf(access: ForgeAccess, headers: Record<string, string> = {}): Calls {
  const wire = openWire(access);
  return {
    async get(path, signal) {
      try {
        const answer = await wire.ask(new URL(path, access.api), { headers, ...(signal === undefined ? {} : { signal }) });
        return (await answer.json()) as Record<string, unknown>;
      } catch (error) {
        if (isPivoError(error, 'NotFound')) return null;
        throw error;
      }
    },
    async send(method, path, body, signal) {
      await wire.ask(new URL(path, access.api), { method, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body), ...(signal === undefined ? {} : { signal }) });
    },
  };
}

/** Where repositories of a user are made: it is always the token's own. Fails with NotAllowed for another user's. */
export async function ownRepositories({ get }: Calls, { forge, credential }: ForgeAccess, owner: string, signal: AbortSignal | undefined): Promise<string> {
  const login = (await get('user', signal))?.['login'];
  if (typeof login === 'string' && login.toLowerCase() === owner.toLowerCase()) return 'user/repos';
  throw new PivoError('NotAllowed', `${owner} is no organisation that ${forge} shows to this token, and the token is not that user's`, { hint: `Make the organisation first, or pass a token that belongs to ${owner}${credential === null ? '' : ` instead of "${credential}"`}.` });
}
