// Gitbeaker's resources over our own wire: they know the addresses and the shapes, never the token.
import { Branches, Commits, Jobs, Lint, MergeRequests, Pipelines, Projects, ProjectVariables, RepositoryFiles } from '@gitbeaker/rest';
import { isPivoError } from '../../contract/failures.ts';
import { openWire, type ForgeAccess, type Wire } from '../wire.ts';

type RequesterFn = NonNullable<NonNullable<ConstructorParameters<typeof Commits>[0]>['requesterFn']>;
type Requester = ReturnType<RequesterFn>;

/** What is asked of a GitLab, each call ended by one signal. */
interface Resources {
  branches: Branches;
  commits: Commits;
  files: RepositoryFiles;
  jobs: Jobs;
  lint: Lint;
  mergeRequests: MergeRequests;
  pipelines: Pipelines;
  projects: Projects;
  variables: ProjectVariables;
}

/** A project of a GitLab. */
export interface GitlabProject {
  /** `group/…/name`, which the API takes for its number. */
  path: string;
  wire: Wire;
  api: URL;
  ask(signal: AbortSignal | undefined): Resources;
}

export function openGitlabProject(access: ForgeAccess, path: string): GitlabProject {
  const wire = openWire(access);
  return {
    path,
    wire,
    api: access.api,
    ask(signal) {
      const options = { host: access.api.origin, token: '', queryTimeout: null, requesterFn: () => requester(wire, access.api, signal) };
      return {
        branches: new Branches(options),
        commits: new Commits(options),
        files: new RepositoryFiles(options),
        jobs: new Jobs(options),
        lint: new Lint(options),
        mergeRequests: new MergeRequests(options),
        pipelines: new Pipelines(options),
        projects: new Projects(options),
        variables: new ProjectVariables({ ...options, requesterFn: () => requester(wire, new URL('projects/', access.api), signal) }), // its addresses begin at the project
      };
    },
  };
}

/** In place of the library's own, which repeats requests by itself and follows redirects with the token. */
function requester(wire: Wire, api: URL, signal: AbortSignal | undefined): Requester {
  const send = (method: string) => async (endpoint: string, { body, searchParams }: { body?: unknown; searchParams?: Record<string, string | number | boolean | undefined> } = {}) => {
    const url = new URL(endpoint, api);
    for (const [name, value] of Object.entries(searchParams ?? {})) if (value !== undefined) url.searchParams.set(snake(name), String(value));
    const content = body === undefined || method === 'GET' ? {} : { body: JSON.stringify(snakeNames(body)), headers: { 'content-type': 'application/json' } };
    const answer = await wire.ask(url, { method, ...content, ...(signal === undefined ? {} : { signal }) });
    return { body: await answer.json(), headers: Object.fromEntries(answer.headers), status: answer.status };
  };
  return { get: send('GET'), post: send('POST'), put: send('PUT'), patch: send('PATCH'), delete: send('DELETE') } as Requester;
}

/** The library's names are in camel case, GitLab's are not. */
const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function snakeNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeNames);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [snake(name), snakeNames(each)]));
}

/** What `call` gives, or null where there is no such thing. */
export async function orNull<T>(call: Promise<T>): Promise<T | null> {
  return call.catch((error: unknown) => {
    if (isPivoError(error, 'NotFound')) return null;
    throw error;
  });
}
