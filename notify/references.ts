// Where secrets are: a setting names a file or an environment variable, never the secret.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';

/** The two settings that say where a secret is. */
export function reference<What extends string>(what: What): Record<`${What}File` | `${What}Env`, z.ZodOptional<z.ZodString>> {
  return { [`${what}File`]: z.string().min(1).optional(), [`${what}Env`]: z.string().min(1).optional() } as Record<`${What}File` | `${What}Env`, z.ZodOptional<z.ZodString>>;
}

/** Which secret of which target, and where it is. */
export interface SecretPlace {
  target: string;
  what: string;
  file: string | undefined;
  variable: string | undefined;
}

/** What a secret looks like: one word; a password may hold spaces. */
const WORD = /^[\x21-\x7e]+$/;
export const PASSWORD = /^[\x20-\x7e]+$/;

/** The secret, read now. Fails with CredentialMissing, without repeating what was found. */
export function secretOf({ target, what, file, variable = '' }: SecretPlace, env: NodeJS.ProcessEnv, form = WORD): string {
  const where = file === undefined ? `the environment variable ${variable}` : `the file ${file}`;
  const hint = 'Put it there in one line; PIVO reads a file anew for each request, and its environment when it starts.';
  try {
    const text = (file === undefined ? (env[variable] ?? '') : readFileSync(file, 'utf8')).trim();
    if (form.test(text)) return text;
  } catch (error) {
    throw new PivoError('CredentialMissing', `the ${what} of the notify target ${target} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'error'} ${file}`, { hint, cause: error });
  }
  throw new PivoError('CredentialMissing', `${where} holds no ${what} for the notify target ${target}`, { hint });
}
