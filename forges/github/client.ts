// Octokit over our own wire: it knows the addresses and the shapes, never the token.
import { Octokit } from '@octokit/rest';
import { isPivoError } from '../../contract/failures.ts';
import { openWire, type ForgeAccess, type Wire } from '../wire.ts';

/** A repository of a GitHub. */
export interface GithubRepository {
  rest: Octokit['rest'];
  wire: Wire;
  api: URL;
  owner: string;
  repo: string;
}

/** The version of the REST interface that this is written for. */
export const API_VERSION = '2022-11-28';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** `path` is `owner/name`. */
export function openGithubRepository(access: ForgeAccess, path: string): GithubRepository {
  const wire = openWire(access);
  const [owner = '', repo = ''] = path.split('/');
  const asked = async (url: string, { method, headers, body, signal }: { method: string; headers: Record<string, string>; body?: string; signal?: AbortSignal }): Promise<Response> =>
    wire.ask(new URL(url), { method, headers: { ...headers, 'x-github-api-version': API_VERSION }, ...(body === undefined ? {} : { body }), ...(signal === undefined ? {} : { signal }) });
  const octokit = new Octokit({ baseUrl: access.api.href.replace(/\/$/, ''), log: quiet, request: { fetch: asked } });
  octokit.hook.wrap('request', async (request, options) => {
    try {
      return await request(options);
    } catch (error) {
      throw ownReason(error, options.request.signal);
    }
  });
  return { rest: octokit.rest, wire, api: access.api, owner, repo };
}

/** Octokit wraps what our fetch throws; the reason is its cause. */
function ownReason(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason;
  const { cause } = error as Error;
  return isPivoError(cause) ? cause : error;
}

/** Options of one call: whose repository, and what ends it. */
export const of = ({ owner, repo }: GithubRepository, signal: AbortSignal | undefined): { owner: string; repo: string; request?: { signal: AbortSignal } } => ({ owner, repo, ...(signal === undefined ? {} : { request: { signal } }) });

/** What `call` gives, or null where there is no such thing. */
export async function orNull<T>(call: Promise<T>): Promise<T | null> {
  return call.catch((error: unknown) => {
    if (isPivoError(error, 'NotFound') || (isPivoError(error, 'Exists') && error.facts['status'] === 409)) return null; // 409: the repository has no commit yet
    throw error;
  });
}
