// Bare repositories whose files are Git LFS pointers, made by plumbing: no git-lfs is needed.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { git, gitText } from '../../git/process.ts';
import { pointerTo, sha256Of } from '../harness/git-lfs.ts';

const AUTHOR = { GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'ada@example.org', GIT_COMMITTER_NAME: 'Ada', GIT_COMMITTER_EMAIL: 'ada@example.org' };

export interface OriginOptions {
  /** Text of `.lfsconfig`. */
  config?: string;
  /** Paths whose objects the repository itself holds. */
  own?: readonly string[];
}

/** A bare repository at `gitDir` with one commit on `main`. */
export async function lfsOrigin(gitDir: string, contents: Record<string, Buffer>, { config, own = [] }: OriginOptions = {}): Promise<void> {
  await git(['init', '--quiet', '--bare', gitDir]);
  await addCommit(gitDir, 'refs/heads/main', contents, config);
  for (const path of own) {
    const content = contents[path] ?? Buffer.alloc(0);
    const oid = sha256Of(content);
    const folder = join(gitDir, 'lfs/objects', oid.slice(0, 2), oid.slice(2, 4));
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, oid), content);
  }
}

/** A commit on top of a ref, with pointers for these contents and nothing else; a text is the file itself. */
export async function addCommit(gitDir: string, ref: string, contents: Record<string, Buffer | string>, config?: string): Promise<string> {
  const blob = (text: string): Promise<string> => gitText(['hash-object', '-w', '--stdin'], { gitDir, input: text });
  const files: [string, string][] = [['.gitattributes', await blob('*.bin filter=lfs diff=lfs merge=lfs -text\n')]];
  if (config !== undefined) files.push(['.lfsconfig', await blob(config)]);
  for (const [path, content] of Object.entries(contents)) files.push([path, await blob(typeof content === 'string' ? content : pointerTo(content))]);
  const index = join(gitDir, `index-${Object.keys(contents).length}`);
  const env = { ...AUTHOR, GIT_INDEX_FILE: index };
  await git(['read-tree', '--empty'], { gitDir, env });
  await git(['update-index', '--add', '--index-info'], { gitDir, env, input: files.map(([path, oid]) => `100644 ${oid}\t${path}\n`).join('') });
  const tree = await gitText(['write-tree'], { gitDir, env });
  const parent = await gitText(['rev-parse', '--verify', '--quiet', ref], { gitDir }).catch(() => '');
  const commit = await gitText(['commit-tree', tree, ...(parent === '' ? [] : ['-p', parent]), '-m', `files ${Object.keys(contents).join(' ')}`], { gitDir, env });
  await git(['update-ref', ref, commit], { gitDir });
  return commit;
}
