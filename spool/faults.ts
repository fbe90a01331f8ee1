// What a failing file system call means for the spool.
import { PivoError } from '../contract/failures.ts';

export const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | null)?.code;

/** The PivoError for an error of node:fs; other errors pass unchanged. `what` names the file or folder. */
export function spoolFailure(error: unknown, what: string): unknown {
  const code = codeOf(error);
  switch (code) {
    case undefined:
      return error;
    case 'ENOENT':
      return new PivoError('NotFound', `${what} is not in the spool`, { cause: error });
    case 'ELOOP':
    case 'EISDIR':
    case 'ENXIO':
      return new PivoError('InvalidInput', `${what} is not a file`, { cause: error });
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new PivoError('StorageFull', `no space left to write ${what} (${code})`, { hint: 'Free or add space, then send the frames again: none of them was taken.', cause: error });
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return new PivoError('StorageReadOnly', `the spool cannot be written or read at ${what} (${code})`, { hint: 'Give this user the right to write there, then start again.', cause: error });
    default:
      return new PivoError('StorageUnavailable', `${what}: ${(error as Error).message}`, { cause: error });
  }
}
