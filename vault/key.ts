// The master key of the vault: where it is, reading it, making it, and putting a new one before it.
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { PivoError } from '../contract/failures.ts';

const KEY_BYTES = 32;
const HINT = 'A key is 32 bytes in base64 (`openssl rand -base64 32`), one a line, the one in use first. Without its key a vault tells nothing: keep a copy apart from the home.';

/** Keys are read when they are needed, and no property of anything, so that none is printed by accident. */
export interface KeySource {
  /** Where the key comes from, for messages. */
  readonly name: string;
  /** Every key that is there, the newest first. Fails with CredentialMissing or InvalidInput. */
  read(): Buffer[];
  /** Replaces what is there; missing where the key is somebody else's to keep. */
  readonly replace?: ((keys: readonly Buffer[]) => void) | undefined;
  /** Makes the first key; missing where a key must be there. */
  readonly create?: (() => void) | undefined;
}

export const keyOfEnvironment = (variable: string, env: NodeJS.ProcessEnv): KeySource => {
  const name = `the environment variable ${variable}`;
  return { name, read: () => keysIn(env[variable] ?? '', name) };
};

/** A key file; where it is PIVO's own, it is made when it is missing, and keys are rotated in it. */
export function keyOfFile(path: string, own: boolean): KeySource {
  const name = `the file ${path}`;
  const source: KeySource = { name, read: () => keysIn(textOf(path), name) };
  if (!own) return source;
  const replace = (keys: readonly Buffer[]): void => writeKeys(path, keys);
  return { ...source, replace, create: () => writeFirst(path) };
}

export const newKey = (): Buffer => randomBytes(KEY_BYTES);

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new PivoError('CredentialMissing', `the vault's key cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'error'} ${path}`, { hint: HINT, cause: error });
  }
}

function keysIn(text: string, name: string): Buffer[] {
  const lines = text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  if (lines.length === 0) throw new PivoError('CredentialMissing', `${name} holds no key for the vault`, { hint: HINT });
  return lines.map((line) => {
    const key = Buffer.from(line, 'base64');
    if (key.length === KEY_BYTES && key.toString('base64') === line) return key;
    throw new PivoError('InvalidInput', `${name} does not hold keys: ${KEY_BYTES} bytes in base64 are wanted on each line`, { hint: HINT });
  });
}

const linesOf = (keys: readonly Buffer[]): string => keys.map((key) => `${key.toString('base64')}\n`).join('');

/** Exclusive: a key that another process made meanwhile stays. */
function writeFirst(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    writeDurably(path, 'wx', linesOf([newKey()]));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function writeKeys(path: string, keys: readonly Buffer[]): void {
  writeDurably(`${path}.new`, 'w', linesOf(keys));
  renameSync(`${path}.new`, path);
  syncFolder(dirname(path));
}

function writeDurably(path: string, flags: 'w' | 'wx', text: string): void {
  const file = openSync(path, flags, 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
