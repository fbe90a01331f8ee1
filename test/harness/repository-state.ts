// The state of a repository as the archive describes it, read from a local one by plumbing.
import { git, gitText } from '../../git/process.ts';
import { quotePath } from '../../git/quote.ts';
import { isPivoError } from '../../contract/failures.ts';
import type { Head, ObjectFormat, ObjectType, Ref } from '../../contract/snapshot.ts';

export interface RepositoryState {
  objectFormat: ObjectFormat;
  head: Head;
  refs: Ref[];
}

/** Format, HEAD and refs of a local repository; names that are no UTF-8 are quoted as git does. */
export async function stateOf(gitDir: string): Promise<RepositoryState> {
  const objectFormat = (await gitText(['rev-parse', '--show-object-format'], { gitDir })) as ObjectFormat;
  const { stdout } = await git(['for-each-ref', '--format=%(objectname) %(objecttype) %(*objectname) %(refname)'], { gitDir });
  const refs = stdout.toString('latin1').split('\n').filter((line) => line !== '').map(refOf);
  return { objectFormat, head: await headOf(gitDir), refs };
}

/** HEAD of a local repository. */
export async function headOf(gitDir: string): Promise<Head> {
  const [symref, oid] = await Promise.all([orNull(['symbolic-ref', '-q', 'HEAD'], gitDir), orNull(['rev-parse', '-q', '--verify', 'HEAD'], gitDir)]);
  return { symref, oid };
}

function refOf(line: string): Ref {
  const [oid = '', type = '', peeled = '', ...name] = line.split(' ');
  return { name: quotePath(Buffer.from(name.join(' '), 'latin1')), oid, type: type as ObjectType, ...(peeled === '' ? {} : { peeled }) };
}

/** What git prints, or null where it ends with 1. */
async function orNull(args: string[], gitDir: string): Promise<string | null> {
  try {
    return await gitText(args, { gitDir });
  } catch (error) {
    if (isPivoError(error, 'GitFailed') && error.facts['code'] === 1) return null;
    throw error;
  }
}
