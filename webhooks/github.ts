// Webhooks of GitHub, after its documentation ("Webhook events and payloads").
import { z } from 'zod';
import { CloneUrl, Oid, RefName, RepositoryPath, eventName, fullRef, headerOf, payloadOf, type ForgeReader } from './forge.ts';
import { checkHex } from './signature.ts';

/** What GitHub, Gitea and Forgejo say of a repository. */
const HubRepository = z.object({ full_name: RepositoryPath, clone_url: CloneUrl, ssh_url: CloneUrl.optional() });

const Push = z.object({ repository: HubRepository, ref: RefName.nullable().default(null), before: Oid.default(null), after: Oid.default(null) });
const Named = z.object({ repository: HubRepository, ref: RefName, ref_type: z.string().max(100).default('branch') });

export const github: ForgeReader = {
  verify: ({ body, ...request }, secret) => checkHex(secret, body, headerOf(request, 'x-hub-signature-256'), 'sha256='),
  deliveryOf: (request) => headerOf(request, 'x-github-delivery'),
  read(request, payload) {
    const event = headerOf(request, 'x-github-event');
    if (event === 'ping') return { what: 'ping' };
    return readHub(event, payload);
  },
};

/** `push`, `create` and `delete` as GitHub made them and Gitea took them over. */
export function readHub(event: string | undefined, payload: unknown): ReturnType<ForgeReader['read']> {
  if (event === 'push') {
    const { repository, ref, before, after } = payloadOf(Push, payload);
    return { what: 'push', push: { ...repositoryOf(repository), ref, before, after } };
  }
  if (event !== 'create' && event !== 'delete') return { what: 'other', event: eventName(event) };
  const { repository, ref, ref_type: type } = payloadOf(Named, payload);
  return { what: 'push', push: { ...repositoryOf(repository), ref: fullRef(type, ref), before: null, after: null } };
}

const repositoryOf = ({ full_name: repository, clone_url: first, ssh_url: second }: z.output<typeof HubRepository>): { repository: string; urls: string[] } => ({ repository, urls: second === undefined ? [first] : [first, second] });
