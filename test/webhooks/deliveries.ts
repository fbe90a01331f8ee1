// Deliveries as the forges' documentation shows them, signed as each signs.
import { createHmac, randomUUID } from 'node:crypto';
import type { WebhookSettings } from '../../webhooks/settings.ts';

export const SECRET = 'a secret that only the forge and PIVO have';
export const SIGNING = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

const newId = (): string => randomUUID();
const nameOf = (forge: string): string => forge;

export interface Delivery {
  headers: Record<string, string>;
  body: string;
}

const [BEFORE, AFTER] = ['4f'.repeat(20), 'a1'.repeat(20)];

/** `repository` as GitHub and Gitea say it. */
export const hubRepository = (name: string, cloneUrl = `https://forge.example/${name}.git`) => ({ id: 1, name: name.split('/').at(-1), full_name: name, private: false, html_url: `https://forge.example/${name}`, clone_url: cloneUrl, ssh_url: `git@forge.example:${name}.git`, default_branch: 'main' });

export const hubPush = (name: string, cloneUrl?: string) => ({ ref: 'refs/heads/main', before: BEFORE, after: AFTER, created: false, deleted: false, forced: false, commits: [{ id: AFTER, message: 'A change', author: { name: 'Ada', email: 'ada@forge.example' } }], repository: hubRepository(name, cloneUrl), pusher: { name: 'ada' } });

const hex = (secret: string, body: string): string => createHmac('sha256', secret).update(body).digest('hex');

export function fromGithub(payload: unknown, { event = 'push', secret = SECRET, id = newId() } = {}): Delivery {
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return { body, headers: { 'content-type': 'application/json', 'user-agent': 'GitHub-Hookshot/044aadd', 'x-github-event': event, 'x-github-delivery': id, 'x-hub-signature-256': `sha256=${hex(secret, body)}` } };
}

export function fromGitea(payload: unknown, { event = 'push', secret = SECRET, id = newId() } = {}): Delivery {
  const body = JSON.stringify(payload);
  return { body, headers: { 'content-type': 'application/json', 'x-gitea-event': event, 'x-gitea-delivery': id, 'x-gitea-signature': hex(secret, body) } };
}

const project = (name: string) => ({ id: 15, name: name.split('/').at(-1), path_with_namespace: name, git_http_url: `https://forge.example/${name}.git`, git_ssh_url: `git@forge.example:${name}.git`, web_url: `https://forge.example/${name}`, default_branch: 'main' });

export const gitlabPush = (name: string) => ({ object_kind: 'push', event_name: 'push', before: BEFORE, after: AFTER, ref: 'refs/heads/main', checkout_sha: AFTER, user_username: 'ada', project_id: 15, project: project(name), commits: [], total_commits_count: 1 });
export const gitlabUpdate = (name: string) => ({ event_name: 'repository_update', user_id: 1, project_id: 15, project: project(name), changes: [{ before: BEFORE, after: AFTER, ref: 'refs/heads/main' }], refs: ['refs/heads/main'] });

export function fromGitlab(payload: unknown, { event = 'Push Hook', token = SECRET, id = newId() } = {}): Delivery {
  return { body: JSON.stringify(payload), headers: { 'content-type': 'application/json', 'x-gitlab-event': event, 'x-gitlab-token': token, 'x-gitlab-event-uuid': randomUUID(), 'idempotency-key': id } };
}

/** As GitLab signs with a signing token; `at` in seconds since 1970. */
export function signedByGitlab(payload: unknown, { at = Math.floor(Date.now() / 1000), id = newId(), key = SIGNING } = {}): Delivery {
  const body = JSON.stringify(payload);
  const signature = createHmac('sha256', Buffer.from(key.slice('whsec_'.length), 'base64')).update(`${id}.${at}.${body}`).digest('base64');
  return { body, headers: { 'content-type': 'application/json', 'x-gitlab-event': 'Push Hook', 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': `v1,${signature}` } };
}

/** A configured webhook named after its forge. */
export const webhook = (forge: WebhookSettings['forge'], { name = nameOf(forge), secret = SECRET, origins = ['https://forge.example/'] } = {}): WebhookSettings => ({ name, forge, origins, secret: () => secret });
