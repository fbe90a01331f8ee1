// Repositories that the console's tests look at: an ordinary one, its rewritten self, and one whose every name is an attack.
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export async function inRepository(dir: string, ...args: string[]): Promise<string> {
  const who = ['-c', 'user.name=Ada Lovelace', '-c', 'user.email=ada@example.com', '-c', 'commit.gpgsign=false'];
  return (await run('git', [...who, ...args], { cwd: dir })).stdout.trim();
}

async function commit(dir: string, files: Record<string, string>, message: string): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(dir, name, '..'), { recursive: true });
    await writeFile(join(dir, name), text);
  }
  await inRepository(dir, 'add', '--all');
  await inRepository(dir, 'commit', '--quiet', '--message', message);
}

/** Eight commits on main, a branch, a tag. */
export async function ordinary(dir: string): Promise<void> {
  await run('git', ['init', '--quiet', '--initial-branch=main', dir]);
  for (let n = 1; n <= 8; n++) await commit(dir, { 'README.md': `# Demo\n\nState ${n} of it.\n`, [`src/part-${n}.ts`]: `export const part = ${n};\n` }, `Add part ${n}\n\nIt retries the socket.`);
  await inRepository(dir, 'tag', 'v1.0');
  await inRepository(dir, 'branch', 'topic', 'HEAD~3');
  await inRepository(dir, 'branch', 'gone', 'HEAD~5');
}

/** The same, with a branch deleted, one forced and main moved on. */
export async function rewritten(dir: string): Promise<void> {
  await inRepository(dir, 'branch', '--quiet', '-D', 'gone');
  await inRepository(dir, 'branch', '--force', 'topic', 'HEAD~6');
  await commit(dir, { 'README.md': '# Demo\n\nIt moved on.\n' }, 'Move on');
}

/** Each is run by a page that takes it for HTML. */
export const ATTACK = {
  file: '<img src=x onerror=alert(1)>.md',
  content: '<script>alert(2)</script>\n<img src=x onerror=alert(3)>\n[click](javascript:alert(4))\n',
  subject: '<script>alert(5)</script><img src=x onerror=alert(6)>',
  branch: '"><svg/onload=alert(7)>',
  tag: "'><img/src=x/onerror=alert(8)>",
} as const;

export async function hostile(dir: string): Promise<void> {
  await run('git', ['init', '--quiet', '--initial-branch=main', dir]);
  await commit(dir, { [ATTACK.file]: 'harmless\n' }, 'Begin');
  await commit(dir, { [ATTACK.file]: ATTACK.content }, `${ATTACK.subject}\n\n${ATTACK.content}`);
  await inRepository(dir, 'branch', ATTACK.branch);
  await inRepository(dir, 'tag', ATTACK.tag);
}
