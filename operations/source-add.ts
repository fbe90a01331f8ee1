// Operations `source-add` and `source-remove`: a forge's owner, or a list, whose repositories are all backed up.
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';
import { SourceName, SourceSpec } from '../contract/source.ts';
import { forgeOfSource } from '../forges/open-listing.ts';
import { listCredentials, tokenOf } from '../git/credentials.ts';
import { checkUrl } from '../git/url.ts';
import { readList } from '../sources/list.ts';
import { addSource, removeSource } from '../state/sources.ts';
import { defineOperation, type OperationContext, type RunOptions } from './operation.ts';
import { mustBeOwner } from './restore-run.ts';

/** A source, and where its forge is asked. */
export type AddedSource = SourceSpec & { /** Base of the forge's API; null for a list. */ api: string | null };

export const sourceAdd = defineOperation({
  name: 'source-add',
  description: 'Names an organisation, user or group of a forge, or a list of URLs: all that it holds, also what is made tomorrow, is then backed up together. Asks nobody yet.',
  kind: 'decides',
  input: SourceSpec,
  async run(context, spec, options): Promise<AddedSource> {
    if (spec.credential !== undefined || spec.apiCredential !== undefined) mustBeOwner(context, 'choose whose token is sent to a forge');
    const api = spec.kind === 'list' ? null : await checkForge(context, spec);
    if (spec.kind === 'list') await checkList(context, spec, options);
    addSource(context.paths.state, spec);
    return { ...spec, api };
  },
});

/** Base of the API. Fails with InvalidInput, and with CredentialMissing where a named credential is not stored. */
async function checkForge({ forges = [], paths }: OperationContext, spec: SourceSpec): Promise<string> {
  const { api, credential } = forgeOfSource(spec, forges);
  checkOwner(spec);
  if (credential !== null) await tokenOf(paths.credentials, credential);
  await checkStored(paths.credentials, spec.credential);
  return api.href;
}

async function checkStored(folder: string, name: string | undefined): Promise<void> {
  if (name === undefined || (await listCredentials(folder)).some((each) => each.name === name)) return;
  throw new PivoError('CredentialMissing', `there is no credential "${name}"`, { hint: `Store it: pivo credential add ${name}` });
}

function checkOwner({ kind, owner }: SourceSpec): void {
  const parts = owner.split('/');
  const fits = (kind === 'gitlab' || parts.length === 1) && parts.every((part) => /^[\w.-]+$/.test(part) && part !== '.' && part !== '..');
  if (!fits) throw new PivoError('InvalidInput', `"${owner.slice(0, 80)}" names no owner`, { hint: kind === 'gitlab' ? 'Give the path of a group such as acme or acme/platform, or the name of a user.' : 'Give the name of an organisation or a user, without a path.' });
}

/** A list is a file of this machine: whoever names one may have it read. */
async function checkList(context: OperationContext, { owner, host, apiCredential, credential }: SourceSpec, { signal }: RunOptions): Promise<void> {
  mustBeOwner(context, 'have a file of this machine read');
  if (!isAbsolute(owner)) throw new PivoError('InvalidInput', 'the path of a list is absolute', { hint: 'It is read again by the worker, wherever that runs.' });
  if (host !== undefined || apiCredential !== undefined) throw new PivoError('InvalidInput', 'a list has no forge', { hint: 'Leave out --host and --api-credential.' });
  await checkStored(context.paths.credentials, credential);
  const found = await readList(owner, { check: (url) => checkUrl(url, context.git.protocols).url, signal });
  if (found.length === 0) throw new PivoError('InvalidInput', `${owner} lists no repository`, { hint: 'Each line is a URL and, if you like, a name; "#" begins a comment.' });
}

export interface RemovedSource {
  source: string;
  /** That it had; what was backed up of them stays. */
  repositories: number;
}

export const sourceRemove = defineOperation({
  name: 'source-remove',
  description: 'Forgets a source; what was backed up of its repositories stays, under the names that it had.',
  kind: 'decides',
  input: z.strictObject({ source: SourceName }),
  run: ({ paths }, { source }): Promise<RemovedSource> => Promise.resolve({ source, ...removeSource(paths.state, source) }),
});
