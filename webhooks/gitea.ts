// Webhooks of Gitea and Forgejo, after their documentation ("Webhooks"): GitHub's payloads under headers of their own.
import { headerOf, type ForgeReader } from './forge.ts';
import { readHub } from './github.ts';
import { checkHex } from './signature.ts';

export const gitea: ForgeReader = {
  verify: ({ body, ...request }, secret) => checkHex(secret, body, headerOf(request, 'x-gitea-signature')),
  deliveryOf: (request) => headerOf(request, 'x-gitea-delivery'),
  read: (request, payload) => readHub(headerOf(request, 'x-gitea-event'), payload),
};
