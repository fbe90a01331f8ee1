// Gitea, built once into the user's cache from the Go module that test/harness/gitea/ pins with every hash.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { goRoot, hasPython } from './python-tools.ts';

const run = promisify(execFile);

const MODULE = join(import.meta.dirname, 'gitea');
const BUILD = ['-mod=readonly', '-trimpath', '-buildvcs=false', '-tags=sqlite,sqlite_unlock_notify', '-ldflags=-s -w'];
/** For SQLite, whose full optimization takes longer than the tests gain by it. */
const CGO_CFLAGS = '-O1';

/**
 * FOLDER ASIDE GO FLAG…: builds aside and renames, so that a killed build leaves nothing half done. Whoever waited for
 * another build has nothing to do. Beside the program is what it reads; modules are read-only, copies of them must not be.
 */
const SCRIPT = `
folder=$1 aside=$2 go=$3
shift 3
test ! -e "$folder" || exit 0
"$go" build "$@" -o "$aside/gitea" code.gitea.io/gitea
source=$("$go" list -mod=readonly -m -f '{{.Dir}}' code.gitea.io/gitea)
cp -R "$source/templates" "$source/options" "$source/public" "$aside"
chmod -R u+w,go=rX "$aside"
mv "$aside" "$folder"
`;

/** The folder with `gitea` and what it reads; null, which skips tests by name, where it cannot be built: no Python, no C compiler, no package registry. */
export async function giteaProgram(): Promise<string | null> {
  if (process.platform !== 'linux' || !(await hasPython()) || !(await works('cc')) || !(await works('flock'))) return null;
  return built().catch((error: unknown) => {
    if (/checksum mismatch|go\.sum|SECURITY/.test(String(error))) throw error; // another program than the one that was pinned
    process.stderr.write(`Gitea cannot be built, so its tests are skipped: ${String(error).slice(0, 2_000)}\n`);
    return null;
  });
}

const works = (program: string): Promise<boolean> => run(program, ['--version']).then(() => true, () => false);

async function built(): Promise<string> {
  const pins = createHash('sha256').update(await readFile(join(MODULE, 'go.mod'))).update(await readFile(join(MODULE, 'go.sum'))).update([process.arch, ...BUILD].join(' '));
  const parent = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'pivo', 'go');
  const folder = join(parent, `gitea-${pins.digest('hex').slice(0, 12)}`);
  if (existsSync(folder)) return folder;
  await mkdir(parent, { recursive: true });
  const root = await goRoot();
  const scratch = await mkdtemp(join(parent, 'building-'));
  const env = { ...process.env, CGO_ENABLED: '1', CGO_CFLAGS, GOROOT: root, GOTOOLCHAIN: 'local', GOFLAGS: '', GOWORK: 'off', GOCACHE: join(scratch, 'cache') };
  try {
    await run('flock', [`${folder}.lock`, 'sh', '-ec', SCRIPT, 'sh', folder, join(scratch, 'gitea'), join(root, 'bin/go'), ...BUILD], { cwd: MODULE, env, maxBuffer: 2 ** 26 });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return folder;
}
