// A real forge on loopback: Gitea with its users, tokens and keys, git over HTTP and SSH, Git LFS, and its API.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../stack/ports.ts';
import { plainUser, type PlainUser } from './plain-user.ts';

const run = promisify(execFile);
const IP = '127.0.0.1';

/** Somebody with an account; the token may all, the key is added to the account. */
export interface GiteaUser {
  name: string;
  token: string;
  privateKey: string;
}

export interface Gitea {
  url: string;
  /** `ssh://git@host:port` */
  ssh: string;
  /** Folder of Git LFS objects, laid out by their SHA-256. */
  lfs: string;
  addUser(name: string): Promise<GiteaUser>;
  /** An API call as that user; the answer, parsed. Fails on any status but 2xx. */
  api<T>(user: GiteaUser, method: string, path: string, body?: object): Promise<T>;
  close(): Promise<void>;
}

/** `program`: folder of giteaProgram(). Nothing of it is kept. */
export async function startGitea(program: string): Promise<Gitea> {
  const folder = await mkdtemp(join(tmpdir(), 'gitea-'));
  const user = await plainUser('nobody'); // Gitea refuses to run as root
  await cp(program, join(folder, 'program'), { recursive: true });
  const ports = { http: await freePort(IP), ssh: await freePort(IP) };
  const url = `http://${IP}:${ports.http}`;
  await mkdir(join(folder, 'home'));
  await writeFile(join(folder, 'app.ini'), settings(folder, url, ports));
  if (user !== undefined) await run('chown', ['-R', `${user.uid}:${user.gid}`, folder]);
  const place = { folder, user };
  const server = started(place, ['web']);
  try {
    await answers(server, url, folder);
  } catch (error) {
    await end(server, folder);
    throw error;
  }
  const call = async <T>(token: string, method: string, path: string, body?: object): Promise<T> => {
    const answer = await fetch(`${url}/api/v1/${path}`, { method, headers: { authorization: `token ${token}`, 'content-type': 'application/json' }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text === '' ? null : JSON.parse(text)) as T;
  };
  return {
    url,
    ssh: `ssh://git@${IP}:${ports.ssh}`,
    lfs: join(folder, 'data/lfs'),
    api: ({ token }, method, path, body) => call(token, method, path, body),
    async addUser(name) {
      await admin(place, ['user', 'create', '--username', name, '--email', `${name}@example.org`, '--random-password', '--must-change-password=false']);
      const token = (await admin(place, ['user', 'generate-access-token', '--username', name, '--token-name', 'all', '--scopes', 'all', '--raw'])).trim();
      const key = join(folder, `key-of-${name}`);
      await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', key]);
      await call(token, 'POST', 'user/keys', { title: name, key: await readFile(`${key}.pub`, 'utf8') });
      return { name, token, privateKey: await readFile(key, 'utf8') };
    },
    close: () => end(server, folder),
  };
}

interface Place {
  folder: string;
  user: PlainUser | undefined;
}

/** Gitea's app.ini: loopback only, nothing that it would do of itself, no mail, no other host asked. */
function settings(folder: string, url: string, ports: { http: number; ssh: number }): string {
  const secret = (): string => randomBytes(32).toString('base64url');
  return `
WORK_PATH = ${folder}
RUN_MODE = prod
[server]
HTTP_ADDR = ${IP}
HTTP_PORT = ${ports.http}
ROOT_URL = ${url}/
DOMAIN = ${IP}
STATIC_ROOT_PATH = ${join(folder, 'program')}
START_SSH_SERVER = true
BUILTIN_SSH_SERVER_USER = git
SSH_LISTEN_HOST = ${IP}
SSH_LISTEN_PORT = ${ports.ssh}
SSH_DOMAIN = ${IP}
SSH_PORT = ${ports.ssh}
SSH_ROOT_PATH = ${join(folder, 'home/.ssh')}
LFS_START_SERVER = true
LFS_JWT_SECRET = ${secret()}
OFFLINE_MODE = true
[database]
DB_TYPE = sqlite3
PATH = ${join(folder, 'gitea.db')}
[repository]
ROOT = ${join(folder, 'repositories')}
ENABLE_PUSH_CREATE_USER = true
[security]
INSTALL_LOCK = true
SECRET_KEY = ${secret()}
[oauth2]
ENABLED = false
[indexer]
ISSUE_INDEXER_TYPE = db
[actions]
ENABLED = false
[packages]
ENABLED = false
[cron.update_checker]
ENABLED = false
[log]
MODE = file
LEVEL = warn
ROOT_PATH = ${join(folder, 'log')}
[git]
HOME_PATH = ${join(folder, 'home')}
`;
}

const environment = ({ folder }: Place): Record<string, string> => ({ PATH: process.env['PATH'] ?? '', HOME: join(folder, 'home'), LC_ALL: 'C.UTF-8', GIT_CONFIG_NOSYSTEM: '1' });

const argumentsOf = ({ folder }: Place, args: readonly string[]): string[] => [...args, '--config', join(folder, 'app.ini')];

function started(place: Place, args: readonly string[]): ChildProcess {
  return spawn(join(place.folder, 'program/gitea'), argumentsOf(place, args), { cwd: place.folder, env: environment(place), stdio: 'ignore', ...place.user });
}

async function admin(place: Place, args: readonly string[]): Promise<string> {
  const { stdout } = await run(join(place.folder, 'program/gitea'), argumentsOf(place, ['admin', ...args]), { cwd: place.folder, env: environment(place), ...place.user });
  return stdout;
}

/** It answers its health check when its database is made. */
async function answers(server: ChildProcess, url: string, folder: string): Promise<void> {
  const until = Date.now() + 60_000;
  for (;;) {
    if (await fetch(`${url}/api/healthz`).then(({ ok }) => ok, () => false)) return;
    if (server.exitCode !== null || Date.now() > until) throw new Error(`Gitea does not run: ${await readFile(join(folder, 'log/gitea.log'), 'utf8').catch(() => 'it wrote no log')}`);
    await new Promise((wake) => setTimeout(wake, 100));
  }
}

async function end(server: ChildProcess, folder: string): Promise<void> {
  if (server.exitCode === null && server.signalCode === null) {
    server.kill('SIGTERM');
    await once(server, 'exit');
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
