// Webhooks and system hooks of GitLab, after its documentation ("Webhook events", "System hooks").
import { z } from 'zod';
import { CloneUrl, Oid, RefName, RepositoryPath, eventName, headerOf, payloadOf, type ForgeReader, type WebhookRequest } from './forge.ts';
import { checkStandard, checkToken } from './signature.ts';

/** How a signing token begins; after it comes the key in base64 (Standard Webhooks). */
const SIGNING = 'whsec_';

const Project = z.object({ path_with_namespace: RepositoryPath, git_http_url: CloneUrl, git_ssh_url: CloneUrl.optional() });
const Push = z.object({ project: Project, ref: RefName.nullable().default(null), before: Oid.default(null), after: Oid.default(null) });
const Update = z.object({ project: Project, changes: z.array(z.object({ ref: RefName, before: Oid, after: Oid })).max(10_000).default([]) });
const EventName = z.object({ event_name: z.string().max(100) });

const PUSHES = new Set(['Push Hook', 'Tag Push Hook']);
const SYSTEM_PUSHES = new Set(['push', 'tag_push']);

export const gitlab: ForgeReader = {
  verify({ body, now, ...request }, secret) {
    if (!secret.startsWith(SIGNING)) return checkToken(secret, headerOf(request, 'x-gitlab-token'));
    const signed = { id: headerOf(request, 'webhook-id'), timestamp: headerOf(request, 'webhook-timestamp'), signature: headerOf(request, 'webhook-signature') };
    return checkStandard(Buffer.from(secret.slice(SIGNING.length), 'base64'), body, signed, now);
  },
  deliveryOf: (request) => headerOf(request, 'webhook-id') ?? headerOf(request, 'idempotency-key') ?? headerOf(request, 'x-gitlab-event-uuid'),
  read(request, payload) {
    const event = eventOf(request, payload);
    if (event === 'push') {
      const { project, ref, before, after } = payloadOf(Push, payload);
      return { what: 'push', push: { ...projectOf(project), ref, before, after } };
    }
    if (event !== 'update') return { what: 'other', event: eventName(event) };
    const { project, changes } = payloadOf(Update, payload);
    const [only] = changes.length === 1 ? changes : [];
    return { what: 'push', push: { ...projectOf(project), ref: only?.ref ?? null, before: only?.before ?? null, after: only?.after ?? null } };
  },
};

/** `push` and `update` are the two forms of a push; anything else is the name of the event. A system hook says in the body what it is. */
function eventOf(request: Pick<WebhookRequest, 'headers'>, payload: unknown): string | undefined {
  const header = headerOf(request, 'x-gitlab-event');
  if (PUSHES.has(header ?? '')) return 'push';
  if (header === 'Repository Update Hook') return 'update';
  if (header !== 'System Hook') return header === 'push' || header === 'update' ? 'unnamed' : header;
  const { event_name: name } = EventName.safeParse(payload).data ?? { event_name: header };
  return SYSTEM_PUSHES.has(name) ? 'push' : name === 'repository_update' ? 'update' : `system ${name}`;
}

const projectOf = ({ path_with_namespace: repository, git_http_url: first, git_ssh_url: second }: z.output<typeof Project>): { repository: string; urls: string[] } => ({ repository, urls: second === undefined ? [first] : [first, second] });
