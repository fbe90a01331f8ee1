// Failures that several commands have in common: arguments that do not fit together.
import { PivoError } from '../../contract/failures.ts';

/** For a command that takes one repository or `--all`. */
export const oneOrAll = (): PivoError => new PivoError('InvalidInput', 'name one repository, or give --all', { hint: '`pivo repos` lists them.' });
