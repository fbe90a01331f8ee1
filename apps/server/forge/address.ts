// Which requests are webhooks': the only ones whose right is a signature, not a token.

/** Below `/api/v1`; the rest is the name of the webhook. */
export const WEBHOOKS = '/webhooks';

/** True for exactly what the webhooks' route answers. */
export const isWebhook = (method: string, path: string): boolean => method === 'POST' && /^\/api\/v1\/webhooks\/[^/]+$/.test(path);
