// Signs requests as Standard Webhooks 1.0.0 says (standardwebhooks.com): HMAC-SHA256 over id, time and body.
import { createHmac } from 'node:crypto';

/** How Standard Webhooks writes a secret that is given in base64. */
const BASE64_SECRET = /^whsec_([A-Za-z0-9+/]+={0,2})$/;

/** The three headers of a signed request. `time`: seconds since 1970. A secret `whsec_…` is base64, any other is the key itself in UTF-8. */
export function signatureHeaders(secret: string, id: string, time: number, body: string): Record<string, string> {
  const base64 = BASE64_SECRET.exec(secret)?.[1];
  const key = base64 === undefined ? Buffer.from(secret) : Buffer.from(base64, 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': String(time), 'webhook-signature': `v1,${signature}` };
}
