// Table `[[webhooks]]` of config.toml: which forges may tell of pushes, and where the secrets are that they prove it with.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';
import { CredentialName } from '../contract/ingest.ts';
import type { PushSource } from '../contract/push.ts';
import { PushPayload } from '../contract/spool.ts';
import { UrlPrefixes } from '../contract/url-prefix.ts';

const WebhookTable = z
  .strictObject({
    /** The last part of its address: `/api/v1/webhooks/{name}`. */
    name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a webhook is named by letters, digits, ".", "_" or "-"'),
    forge: PushPayload.shape.forge,
    /** File that holds the secret, in one line. */
    secretFile: z.string().min(1).optional(),
    /** Name of the environment variable that holds it. */
    secretEnv: z.string().min(1).optional(),
    /** URL prefixes, each ending with "/", of the origins that a push may begin the backups of. */
    origins: UrlPrefixes,
    /** The stored credential that origins below those prefixes are fetched with. */
    credential: CredentialName.optional(),
  })
  .refine((table) => (table.secretFile === undefined) !== (table.secretEnv === undefined), { message: 'name either secretFile or secretEnv' });

export const WebhookTables = z
  .array(WebhookTable)
  .refine((tables) => new Set(tables.map(({ name }) => name)).size === tables.length, { message: 'two webhooks have the same name' })
  .default([]);

/** One configured webhook. */
export interface WebhookSettings extends PushSource {
  forge: PushPayload['forge'];
  /** The secret, read anew each time. No property, so that it cannot be printed by accident. Fails with CredentialMissing. */
  secret(): string;
}

/** The settings of the tables over the environment that they name variables of. */
export function webhookSettings(tables: z.output<typeof WebhookTables>, env: NodeJS.ProcessEnv): WebhookSettings[] {
  return tables.map(({ secretFile, secretEnv = '', ...table }) => ({ ...table, secret: () => secretOf(table.name, secretFile, secretEnv, env) }));
}

function secretOf(name: string, file: string | undefined, variable: string, env: NodeJS.ProcessEnv): string {
  const where = file === undefined ? `the environment variable ${variable}` : `the file ${file}`;
  const hint = 'Put the secret there that the forge was given, in one line, and start PIVO again.';
  try {
    const text = (file === undefined ? (env[variable] ?? '') : readFileSync(file, 'utf8')).trim();
    if (text !== '') return text;
  } catch (error) {
    throw new PivoError('CredentialMissing', `the secret of webhook "${name}" cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'error'} ${file}`, { hint, cause: error });
  }
  throw new PivoError('CredentialMissing', `${where} holds no secret for webhook "${name}"`, { hint });
}
