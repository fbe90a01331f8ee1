// A repository on GitHub or a GitHub Enterprise Server, behind the port Forge.
import { isPivoError, PivoError } from '../../contract/failures.ts';
import type { Forge } from '../forge.ts';
import { textOf } from '../order.ts';
import { unlessRefused } from '../refused.ts';
import type { ForgeAccess } from '../wire.ts';
import { of, openGithubRepository, orNull, type GithubRepository } from './client.ts';
import { commit, headOf } from './commit.ts';
import { runsOf } from './runs.ts';

/** Pages of 100 secrets. */
const MOST_PAGES = 10;

/** `path` is `owner/name`. */
export function openGithub(access: ForgeAccess, path: string): Forge {
  const repository = openGithubRepository(access, path);
  const { rest, wire, api, owner, repo } = repository;
  return {
    kind: 'github',
    async repository(signal) {
      const { data } = await rest.repos.get(of(repository, signal));
      return { path: data.full_name, defaultBranch: data.default_branch, url: data.html_url };
    },
    file: (path, ref, signal) => fileOf(repository, path, ref, signal),
    head: (branch, signal) => headOf(repository, branch, signal),
    commit: (order, signal) => commit(repository, order, signal),
    async requestMerge(branch, into, title, body, signal) {
      const open = await openRequest(repository, branch, into, signal);
      if (open !== null) return open;
      try {
        const { data } = await rest.pulls.create({ ...of(repository, signal), head: branch, base: into, title, body });
        return { url: data.html_url, number: data.number };
      } catch (error) {
        const now = isPivoError(error, 'InvalidInput') ? await openRequest(repository, branch, into, signal) : null;
        if (now === null) throw error;
        return now;
      }
    },
    pipeline: (which, signal) => runsOf(repository, which, signal),
    jobLog: (id, signal) => wire.stream(new URL(`repos/${encodeURIComponent(owner)}/${encodeURIComponent(repo)}/actions/jobs/${encodeURIComponent(id)}/logs`, api), { elsewhere: true, signal }),
    lint: () => Promise.resolve(null),
    variables: (signal) => secretsOf(repository, signal),
  };
}

/** The open pull request from `branch`; null where there is none. */
async function openRequest(repository: GithubRepository, branch: string, into: string, signal: AbortSignal | undefined): Promise<{ url: string; number: number } | null> {
  const { data } = await repository.rest.pulls.list({ ...of(repository, signal), head: `${repository.owner}:${branch}`, base: into, state: 'open' });
  const open = data.find(({ head, base }) => head.ref === branch && base.ref === into);
  return open === undefined ? null : { url: open.html_url, number: open.number };
}

/** Secrets of the repository for its workflows, by their names; GitHub tells no values. */
async function secretsOf(repository: GithubRepository, signal: AbortSignal | undefined): Promise<string[]> {
  const names: string[] = [];
  for (let page = 1; page <= MOST_PAGES; page++) {
    const found = await unlessRefused(repository.rest.actions.listRepoSecrets({ ...of(repository, signal), per_page: 100, page }), null);
    names.push(...(found?.data.secrets.map(({ name }) => name) ?? []));
    if (found === null || names.length >= found.data.total_count) break;
  }
  return names.sort();
}

async function fileOf(repository: GithubRepository, path: string, ref: string, signal: AbortSignal | undefined): Promise<string | null> {
  const found = await orNull(repository.rest.repos.getContent({ ...of(repository, signal), path, ref }));
  if (found === null || Array.isArray(found.data) || found.data.type !== 'file' || !('content' in found.data)) return null;
  const { content, encoding, size } = found.data;
  if (encoding !== 'base64') throw new PivoError('LimitExceeded', `${path} has ${size} bytes, more than GitHub shows`, { hint: 'A file of a pipeline is smaller.' }); // GitHub, "Get repository content": up to 1 MB
  return textOf(path, Buffer.from(content, 'base64'));
}
