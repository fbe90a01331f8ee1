// The commands as a person and as a program use them: answers, JSON, errors, exit codes, terminals.
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { createProgram } from '../../apps/cli/program.ts';
import { FAILURE_KINDS } from '../../contract/failures.ts';
import { allOperations } from '../../operations/index.ts';
import { plainUser } from '../harness/plain-user.ts';
import { makeHome, pivo, ROOT, type Ran } from './run-pivo.ts';

let home = '';
let remove: () => Promise<void>;
const env = { PIVO_GIT_PROTOCOLS: 'file,https,ssh,http' };
const run = (...args: string[]): Promise<Ran> => pivo(args, { home, env });
async function json<T = Record<string, unknown>>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await run(...args, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as T;
}

const DATES = { GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z', GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z' };
const git = (...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', '-c', 'init.defaultBranch=main', ...args], { cwd: join(home, 'origin'), env: { ...process.env, ...DATES }, encoding: 'utf8' }).trim();

async function makeOrigin(): Promise<void> {
  await mkdir(join(home, 'origin/src'), { recursive: true });
  git('init', '--quiet');
  await writeFile(join(home, 'origin/README.md'), '# Origin\n');
  await writeFile(join(home, 'origin/src/odd \u001B[2J.txt'), 'bytes \u0000\u00FF\n', 'latin1');
  git('add', '.');
  git('commit', '--quiet', '-m', 'First');
  git('tag', 'v1');
  await writeFile(join(home, 'origin/README.md'), '# Origin\n\nMore.\n');
  git('commit', '--quiet', '-am', 'Second, with \u001B[31mred');
}

beforeAll(async () => {
  ({ home, remove } = await makeHome());
  await makeOrigin();
});
afterAll(async () => {
  await run('down');
  await remove();
});

function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap((each) => leaves(each));
}
const program = createProgram(new AbortController().signal, () => {});
const fullName = (command: Command): string => (command.parent?.parent == null ? command.name() : `${command.parent.name()} ${command.name()}`);

describe('help', () => {
  it('lists every command with the exit codes, and fits what is documented', async () => {
    const { code, stdout, stderr } = await run('--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const command of program.commands) expect(stdout).toContain(`  ${command.name()}`);
    expect(stdout).toContain('Exit codes: 0 done');
    for (const { exitCode } of Object.values(FAILURE_KINDS)) expect(stdout).toMatch(new RegExp(`\\b${exitCode} `));
  });

  it('has an example and --json for every command', () => {
    for (const command of leaves(program)) {
      if (command.name() === 'temporal') continue; // all of its arguments are the Temporal CLI's
      let text = '';
      command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
      expect({ command: fullName(command), example: text.includes('Example'), json: text.includes('--json') }).toEqual({ command: fullName(command), example: true, json: true });
    }
  });

  it('comes with a hint when a command or an argument is wrong, exit code 2', async () => {
    expect(await run('stats')).toMatchObject({ code: 2, stdout: '', stderr: "error: unknown command 'stats' (Did you mean status?)\nhint: See `pivo --help`.\n" });
    expect(await run('ingest')).toMatchObject({ code: 2, stderr: "error: missing required argument 'url|path'\nhint: See `pivo ingest --help`.\n" });
    expect(await run('visits', 'x', '--limit', 'many')).toMatchObject({ code: 2, stderr: "error: option '--limit <visits>' argument 'many' is invalid. A whole number above 0 is wanted.\nhint: See `pivo visits --help`.\n" });
    expect(await run('spool', 'put', 'wish')).toMatchObject({ code: 2, stderr: expect.stringContaining('hint: See `pivo spool put --help`.') as string });
    expect(await run('schedule', 'frobnicate')).toMatchObject({ code: 2, stderr: "error: unknown command 'frobnicate'\nhint: See `pivo schedule --help`.\n" });
  });

  it('is what a command without its words shows, exit code 2', async () => {
    for (const words of [[], ['schedule']]) {
      const { code, stdout, stderr } = await run(...words);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^Usage: pivo/);
      expect(stderr).not.toContain('error:');
    }
  });
});

describe('operations', () => {
  it('are each described by name, one sentence and an input that a program can be told', async () => {
    for (const operation of await allOperations()) {
      expect(operation.name).toMatch(/^[a-z-]+$/);
      expect(operation.description).toMatch(/^[A-Z].*\.$/);
      expect(() => z.toJSONSchema(operation.input, { io: 'input' })).not.toThrow();
    }
  });
});

describe('with PIVO down', () => {
  it('reading works, and starting says what to do', async () => {
    expect(await run('repos')).toMatchObject({ code: 0, stdout: expect.stringContaining('no repositories yet') as string });
    expect(await run('ingest', 'origin')).toEqual({ code: 69, stdout: '', stderr: 'error: PIVO is not running\nhint: Start it with `pivo up --detach`, then try again; reading works without it.\n' });
  });

  it('a home that cannot be written is told as such, with what to do', async () => {
    const file = join(home, 'no-folder');
    await writeFile(file, '');
    for (const args of [['up', '--detach'], ['credential', 'add', 'forge']]) {
      expect(await pivo(args, { home: join(file, 'home'), cwd: home, input: 'secret' })).toMatchObject({ code: 6, stdout: '', stderr: expect.stringMatching(/^error: .*no-folder.* cannot be used \(ENOTDIR\)\nhint: .*PIVO_HOME\.\n$/) as string });
    }
  });

  it("another user's home is told as such, not as a PIVO that ended", async ({ skip }) => {
    const user = await plainUser('nobody');
    skip(user !== undefined && spawnSync('test', ['-r', join(ROOT, 'pivo')], user).status !== 0, 'the plain user cannot read the project');
    const folder = await mkdtemp(join(tmpdir(), 'pivo-other-'));
    try {
      await mkdir(join(folder, 'home'));
      await chmod(join(folder, 'home'), user === undefined ? 0 : 0o700);
      await chmod(folder, 0o755);
      expect(await pivo(['repos'], { home: join(folder, 'home'), cwd: folder, user })).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/another user's[^]*hint: .*PIVO_HOME/) as string });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('input is checked before anything is connected to', async () => {
    expect(await run('ingest', 'ext::sh -c id')).toMatchObject({ code: 2, stderr: expect.stringContaining('transport helper') as string });
    expect(await run('ingest', 'origin', '--name', '../x')).toMatchObject({ code: 2, stderr: expect.stringContaining('name: ') as string });
    const secret = await run('ingest', 'https://ada:hunter2@host/x.git', '--json');
    expect(secret.code).toBe(2);
    expect(JSON.parse(secret.stderr)).toMatchObject({ error: { kind: 'UrlRefused', hint: expect.any(String) as string } });
    expect(secret.stderr).not.toContain('hunter2');
  });
});

describe('with PIVO up', () => {
  beforeAll(async () => {
    expect(await run('up', '--detach', '--json')).toMatchObject({ code: 0 });
  });

  it('`ingest` takes a relative path, says what was stored, and that a second run found nothing new', async () => {
    const first = await json('ingest', 'origin');
    expect(first).toMatchObject({ repository: 'origin', origin: join(home, 'origin'), visit: 1, unchanged: false, refs: 2, newPacks: 1, holes: 0, indexed: true });
    const second = await run('ingest', './origin');
    expect(second.code).toBe(0);
    expect(second.stdout).toMatch(/^✓ origin is unchanged since its last visit\n {2}Origin .*\n {2}Visit +2 .*\n {2}Snapshot +swh:1:snp:[0-9a-f]{40}\n {2}Refs +2\n {2}Stored +nothing new\n {2}Events +1\n {2}Index +indexed\n$/);
  });

  it('`ls`, `cat`, `log`, `diff` show any commit, and never let a repository write to the terminal', async () => {
    const listing = await run('ls', 'origin@v1', '-r');
    expect(listing.stdout).toContain('README.md\n');
    expect(listing.stdout).not.toContain('\u001B');
    expect((await run('cat', 'origin@v1', 'README.md')).stdout).toBe('# Origin\n');
    const log = await run('log', 'origin');
    expect(log.stdout).toMatch(/^[0-9a-f]{12} 2026-01-01 00:00 Second, with \\x1b\[31mred \(Ada\)\n[0-9a-f]{12} 2026-01-01 00:00 First \(Ada\)\n$/);
    const patch = await run('diff', 'origin', 'v1', 'main', 'README.md');
    expect(patch.stdout).toContain('@@ -1,1 +1,3 @@\n # Origin\n+\n+More.\n');
  });

  it('`diff` is a patch that git applies', async () => {
    const { stdout } = await run('diff', 'origin', 'v1', 'main');
    await writeFile(join(home, 'change.patch'), stdout);
    git('worktree', 'add', '--quiet', '--detach', join(home, 'applied'), 'v1');
    execFileSync('git', ['apply', join(home, 'change.patch')], { cwd: join(home, 'applied') });
    expect(execFileSync('git', ['diff', 'main', '--stat'], { cwd: join(home, 'applied'), encoding: 'utf8' })).toBe('');
    git('worktree', 'remove', '--force', join(home, 'applied'));
  });

  it('`cat` gives bytes as they are, and base64 in JSON where they are not text', async () => {
    const [{ path }] = (await json<{ entries: [{ path: string }] }>('ls', 'origin', 'src')).entries;
    const { stdout } = await promisify(execFile)(join(ROOT, 'pivo'), ['cat', 'origin', path], { encoding: 'buffer', env: { ...process.env, PIVO_HOME: home } });
    expect(stdout).toEqual(Buffer.from('bytes \u0000\u00FF\n', 'latin1'));
    const { encoding, content } = await json<{ encoding: string; content: string }>('cat', 'origin', path);
    expect({ encoding, content: Buffer.from(content, 'base64') }).toEqual({ encoding: 'base64', content: stdout });
  });

  it('`query` answers as a table, CSV or JSON, and refuses what does not read', async () => {
    expect((await run('query', "SELECT 'a' AS name, 12 AS number UNION VALUES ('b\"c', NULL)")).stdout).toBe('name  number\na         12\nb"c\n');
    expect((await run('query', '--csv', "SELECT 'a,\"b' AS x, 1 AS y")).stdout).toBe('x,y\n"a,""b",1\n');
    expect(await json('query', 'SELECT count(*) AS n FROM commits')).toMatchObject({ columns: ['n'], rows: [[2]], truncated: false });
    expect(await run('query', 'DROP TABLE audit')).toMatchObject({ code: 2, stderr: expect.stringContaining('error: ') as string });
  });

  it('`restore --yes` prints a receipt that can be read again', async () => {
    const restored = await run('restore', 'origin', '--to', 'back.git', '--yes');
    expect(restored).toMatchObject({ code: 0, stdout: expect.stringMatching(/^✓ origin is restored\n[^]*as planned\n/) as string });
    expect(execFileSync('git', ['-C', join(home, 'back.git'), 'rev-parse', 'main'], { encoding: 'utf8' }).trim()).toBe(git('rev-parse', 'main'));
    const id = /Receipt +(\S+)/.exec(restored.stdout)?.[1] ?? '';
    expect((await run('receipts', id)).stdout).toBe(restored.stdout);
  });

  it('a restore without --yes waits for the approval of its very plan', async () => {
    const waiting = await json<{ restoreId: string; planHash: string; state: string }>('restore', 'origin@v1', '--to', 'asked.git');
    expect(waiting.state).toBe('awaiting approval');
    expect(await json('approvals')).toMatchObject([{ restoreId: waiting.restoreId, planHash: waiting.planHash }]);
    expect(await run('approve', waiting.restoreId)).toMatchObject({ code: 2, stderr: expect.stringContaining('hash of the plan is missing') as string });
    expect(await run('approve', waiting.restoreId, '0'.repeat(64))).toMatchObject({ code: 10 });
    expect(await json('approve', waiting.restoreId, waiting.planHash)).toMatchObject({ outcome: 'done', restoreId: waiting.restoreId });
    expect(await json('approvals')).toEqual([]);
  });

  it('a rejected restore changes nothing', async () => {
    const { restoreId } = await json<{ restoreId: string }>('restore', 'origin', '--to', 'never.git');
    expect(await run('reject', restoreId, '--reason', 'not now')).toMatchObject({ code: 0, stdout: `✓ ${restoreId} is rejected; nothing was changed\n` });
    await expect(rm(join(home, 'never.git'), { recursive: true })).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.each([
    ['an unknown repository', ['ls', 'nothing'], 3],
    ['an unknown point', ['ls', 'origin@v99'], 3],
    ['an unknown path', ['cat', 'origin', 'nothing.txt'], 3],
    ['an unknown restore', ['approve', 'nothing', '0'.repeat(64)], 3],
    ['an origin that is not there', ['ingest', '/nonexistent/x.git'], 4],
    ['an unknown credential', ['ingest', 'https://127.0.0.1:1/x.git', '--credential', 'none'], 2],
    ['a span that is none', ['schedule', 'add', 'origin', '--every', 'soon'], 2],
    ['a time zone that is none', ['schedule', 'add', 'origin', '--cron', '@daily', '--time-zone', 'Paris'], 2],
    ['runs side by side', ['schedule', 'add', 'origin', '--every', '1d', '--overlap', 'allow-all'], 2],
    ['a repository and a source', ['schedule', 'add', 'origin', '--source', 'acme', '--every', '1d'], 2],
  ])('%s is an error with a hint and its own exit code, the same in JSON', async (_what, args, code) => {
    const plain = await run(...args);
    expect(plain).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(/^(?:\S.* …\n)*error: .+\nhint: .+\n$/) as string });
    const report = await run(...args, '--json');
    expect(report.code).toBe(code);
    const { error } = JSON.parse(report.stderr) as { error: { kind: keyof typeof FAILURE_KINDS } };
    expect(FAILURE_KINDS[error.kind].exitCode).toBe(code);
  });

  it('`verify` ends with 0 when all is as it was written', async () => {
    expect(await run('verify')).toMatchObject({ code: 0, stdout: expect.stringContaining('all as it was written') as string });
  });

  it('schedules are added, shown, held and removed', async () => {
    expect(await run('schedule', 'add', 'origin', '--every', '6h')).toMatchObject({ code: 0, stdout: expect.stringContaining('every 6 hours') as string });
    expect(await json('schedule', 'pause', 'origin')).toMatchObject({ paused: true });
    expect((await run('schedule', 'list')).stdout).toMatch(/origin +backup +every 6 hours +paused/);
    const filled = await json('schedule', 'backfill', 'origin', '--from', '2026-10-01', '--to', '2026-10-01T23:00Z');
    expect(filled).toMatchObject({ runs: 1, schedule: { repository: 'origin', source: null } });
    expect((await run('schedule', 'show', 'origin')).stdout).toMatch(/While one runs +skip[^]*Missed +none/);
    expect(await run('schedule', 'show', '--source', 'nobody')).toMatchObject({ code: 3, stderr: expect.stringContaining('source nobody has no schedule') as string });
    expect(await run('schedule', 'remove', 'origin')).toMatchObject({ code: 0 });
  });

  it('credentials are read from stdin and never shown', async () => {
    expect(await pivo(['credential', 'add', 'forge'], { home, input: 'canary-4711\n' })).toMatchObject({ code: 0 });
    const shown = await run('credential', 'list', '--json');
    expect(JSON.parse(shown.stdout)).toEqual([{ name: 'forge', kind: 'token' }]);
    expect(shown.stdout).not.toContain('canary');
    expect(await pivo(['credential', 'add', 'empty'], { home, input: '' })).toMatchObject({ code: 2, stderr: expect.stringContaining('secret is empty') as string });
    expect(await run('credential', 'remove', 'forge')).toMatchObject({ code: 0 });
  });

  it('a reader that has seen enough ends the command without a word', async () => {
    const { stdout, stderr } = await promisify(execFile)('sh', ['-c', `"${join(ROOT, 'pivo')}" query "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n LIMIT 90000) SELECT i FROM n" --limit 90000 | head -n 2`], { env: { ...process.env, PIVO_HOME: home } });
    expect({ stdout, stderr }).toEqual({ stdout: '    i\n    1\n', stderr: '' });
  });

  it('colours are for terminals, and not where NO_COLOR is set', async () => {
    const inTerminal = async (more: NodeJS.ProcessEnv): Promise<string> =>
      (await promisify(execFile)('python3', ['-c', 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)', join(ROOT, 'pivo'), 'repos'], { env: { ...process.env, TERM: 'xterm', PIVO_HOME: home, NO_COLOR: '', ...more } })).stdout;
    expect(await inTerminal({})).toContain('\u001B[1morigin\u001B[0m');
    expect(await inTerminal({ NO_COLOR: '1' })).not.toMatch(/\u001B\[\d+m/); // eslint-disable-line no-control-regex
    expect((await run('repos')).stdout).not.toContain('\u001B');
  });

  describe('Ctrl-C', () => {
    let silent: Server;
    let url = '';
    const asked = Promise.withResolvers<void>();
    beforeAll(async () => {
      silent = createServer(() => asked.resolve());
      await once(silent.listen(0, '127.0.0.1'), 'listening');
      url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/slow.git`;
    });
    afterAll(() => {
      silent.closeAllConnections();
      silent.close();
    });

    it('ends an ingest that hangs, with exit code 130, and cancels its run', async () => {
      const ran = await pivo(['ingest', url], { home, env, onStart: (child) => void asked.promise.then(() => child.kill('SIGINT')) });
      expect(ran).toMatchObject({ code: 130, stderr: expect.stringContaining('error: ingest:slow was cancelled') as string });
      await vi.waitFor(async () => expect(await json('jobs', 'ingest:slow')).toMatchObject([{ state: expect.stringMatching(/^cancel+ed$/) as string }]), { timeout: 60_000, interval: 500 });
    });
  });
});
