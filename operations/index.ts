// The one list of everything that PIVO can do; each operation's code is loaded when it is first asked for.
import { PivoError } from '../contract/failures.ts';
import type { Operation } from './operation.ts';

const LOADERS = {
  'credential-add': async () => (await import('./credentials.ts')).credentialAdd,
  'credential-list': async () => (await import('./credentials.ts')).credentialList,
  'credential-remove': async () => (await import('./credentials.ts')).credentialRemove,
} satisfies Record<string, () => Promise<Operation>>;

export type OperationName = keyof typeof LOADERS;

/** Every operation's name. */
export const OPERATION_NAMES = Object.keys(LOADERS) as OperationName[];

/** The operation of that name. Fails with NotFound. */
export async function loadOperation(name: string): Promise<Operation> {
  if (!Object.hasOwn(LOADERS, name)) throw new PivoError('NotFound', `there is no operation "${name}"`, { facts: { operations: OPERATION_NAMES } });
  return LOADERS[name as OperationName]();
}

/** All operations, for doors that describe them. */
export async function allOperations(): Promise<Operation[]> {
  return Promise.all(OPERATION_NAMES.map((name) => loadOperation(name)));
}
