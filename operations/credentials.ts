// Operations on stored credentials: by name only; a stored secret never comes back.
import { z } from 'zod';
import { listCredentials, removeCredential, saveCredential } from '../git/credentials.ts';
import { CredentialName } from '../contract/ingest.ts';
import { defineOperation } from './operation.ts';

const Secret = z.string().min(1, 'the secret is empty');

export const credentialAdd = defineOperation({
  name: 'credential-add',
  description: 'Stores a token or an ssh key under a name, replacing what that name held.',
  kind: 'decides',
  input: z.strictObject({
    name: CredentialName,
    credential: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('token'), username: z.string().min(1), token: Secret.regex(/^[^\r\n]*$/, 'a token is one line') }),
      z.strictObject({ kind: z.literal('ssh-key'), privateKey: Secret.regex(/^-----BEGIN [A-Z ]*PRIVATE KEY-----/, 'not a private key in PEM or OpenSSH form') }),
    ]),
  }),
  async run({ paths }, { name, credential }) {
    await saveCredential(paths.credentials, name, credential);
    return { name, kind: credential.kind };
  },
});

export const credentialList = defineOperation({
  name: 'credential-list',
  description: 'The names and kinds of the stored credentials.',
  kind: 'decides',
  input: z.strictObject({}),
  run: ({ paths }) => listCredentials(paths.credentials),
});

export const credentialRemove = defineOperation({
  name: 'credential-remove',
  description: 'Forgets a credential.',
  kind: 'decides',
  input: z.strictObject({ name: CredentialName }),
  async run({ paths }, { name }) {
    await removeCredential(paths.credentials, name);
    return { name };
  },
});
