// What a failing file system call means for the archive.
import { PivoError } from '../../contract/failures.ts';

/** The PivoError for an error of node:fs; other errors pass unchanged. */
export function storageFailure(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new PivoError('NotFound', `${path} is not in the archive`, { cause: error });
    case 'EEXIST':
      return new PivoError('Exists', `${path} is in the archive already`, { cause: error });
    case 'ENOSPC':
    case 'EDQUOT':
      return new PivoError('StorageFull', `no space left to write ${path}`, { hint: 'Free or add space, then start again: what was archived before is untouched.', cause: error });
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return new PivoError('StorageReadOnly', `the archive cannot be written at ${path} (${code})`, { hint: 'Mount it writable, or give this user the right to write there, then start again.', cause: error });
    case undefined:
      return error;
    default:
      return new PivoError('StorageUnavailable', `${path}: ${(error as Error).message}`, { cause: error });
  }
}
