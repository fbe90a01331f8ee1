// Which paths are those of checkouts: the only ones that the archive lets go of.
import { posix } from 'node:path';
import { PivoError } from '../contract/failures.ts';
import { RepositoryName } from '../contract/names.ts';

/** Name of a checkout's folder below its repository's: a full commit id, on HDFS mostly with `.har`. */
export const isCheckoutName = (name: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})(?:\.har)?$/.test(name);

/**
 * The path that a checkout gets when it is removed: one that no reader looks at, the same for every attempt. Fails with InvalidInput
 * where `path` is not exactly `backups/{repository}/{commit}` or `….har`.
 */
export function removedCheckoutPath(path: string): string {
  const [backups, repository, name, ...more] = path.split('/');
  const isCheckout = backups === 'backups' && RepositoryName.safeParse(repository).success && isCheckoutName(name ?? '') && more.length === 0;
  if (!isCheckout) throw new PivoError('InvalidInput', `${JSON.stringify(path)} is no checkout: nothing else is ever removed from the archive`, { facts: { path } });
  return posix.join(posix.dirname(path), `.tmp-removed-${name ?? ''}`);
}
