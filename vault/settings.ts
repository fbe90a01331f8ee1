// Table `[vault]` of config.toml: whether people are hidden, where the master key is, and who may see whom.
import { z } from 'zod';
import { keyOfEnvironment, keyOfFile, type KeySource } from './key.ts';

const Pattern = z.string().regex(/^[A-Za-z0-9*][A-Za-z0-9._*-]{0,99}$/, 'a repository\'s name, with "*" for any characters');

export const VaultTable = z
  .strictObject({
    /** Whether names and addresses are kept in the vault only. */
    enabled: z.boolean().default(false),
    /** File that holds the master key: 32 bytes in base64. Default: `PIVO_HOME/vault.key`, made when it is first needed. */
    keyFile: z.string().min(1).optional(),
    /** Name of the environment variable that holds it instead. */
    keyEnv: z.string().min(1).optional(),
    /** Users who may see anybody, beside the owner of PIVO_HOME. */
    operators: z.array(z.string().min(1)).default([]),
    /** Which addresses, or tokens, are whose: a user may see the people behind their own. */
    users: z.record(z.string(), z.array(z.string().min(1))).default({}),
    /** Users who may see the people of some repositories. */
    teams: z.array(z.strictObject({ name: z.string().min(1), users: z.array(z.string().min(1)), repositories: z.array(Pattern) })).default([]),
  })
  .refine(({ keyFile, keyEnv }) => keyFile === undefined || keyEnv === undefined, { message: 'name either keyFile or keyEnv' });
export type VaultTable = z.output<typeof VaultTable>;

/** Who may see whom. */
export type VaultRules = Pick<VaultTable, 'operators' | 'users' | 'teams'>;

export interface VaultSettings {
  enabled: boolean;
  rules: VaultRules;
  key: KeySource;
}

/** The settings of a table; `ownKey` is the key file that PIVO makes where none is named. */
export function vaultSettings({ enabled, keyFile, keyEnv, ...rules }: VaultTable, ownKey: string, env: NodeJS.ProcessEnv): VaultSettings {
  const key = keyEnv !== undefined ? keyOfEnvironment(keyEnv, env) : keyOfFile(keyFile ?? ownKey, keyFile === undefined);
  return { enabled, rules, key };
}
