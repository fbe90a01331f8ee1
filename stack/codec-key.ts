// The key that Temporal's payloads are encrypted with: where it is, and reading it.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';

/** Table `[temporal.codec]` of config.toml: one of the two; the key itself is nowhere in the configuration. */
export const CodecTable = z
  .strictObject({
    /** File that holds the key: 32 bytes in base64. */
    keyFile: z.string().min(1).optional(),
    /** Name of the environment variable that holds it. */
    keyEnv: z.string().min(1).optional(),
  })
  .refine((table) => (table.keyFile === undefined) !== (table.keyEnv === undefined), { message: 'name either keyFile or keyEnv' });
export type CodecTable = z.output<typeof CodecTable>;

export interface CodecSettings {
  /** Where the key comes from, for messages. */
  source: string;
  /** The key's 32 bytes. No property, so that it cannot be printed by accident. Fails with CredentialMissing or InvalidInput. */
  key(): Buffer;
}

const HINT = 'Make a key with `openssl rand -base64 32`; every worker and every client of the namespace needs the same one.';
const KEY_BYTES = 32;

/** The settings of a table over the environment it names a variable of. */
export function codecSettings({ keyFile: file, keyEnv: variable = '' }: CodecTable, env: NodeJS.ProcessEnv): CodecSettings {
  const source = file === undefined ? `the environment variable ${variable}` : `the file ${file}`;
  return { source, key: () => keyIn(file === undefined ? (env[variable] ?? '') : textOf(file), source) };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new PivoError('CredentialMissing', `the key of Temporal's payloads cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'error'} ${file}`, { hint: HINT, cause: error });
  }
}

function keyIn(text: string, source: string): Buffer {
  const trimmed = text.trim();
  if (trimmed === '') throw new PivoError('CredentialMissing', `${source} holds no key for Temporal's payloads`, { hint: HINT });
  const key = Buffer.from(trimmed, 'base64');
  if (key.length === KEY_BYTES && key.toString('base64') === trimmed) return key;
  throw new PivoError('InvalidInput', `${source} does not hold a key: ${KEY_BYTES} bytes in base64 are wanted`, { hint: HINT });
}
