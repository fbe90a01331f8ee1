// Checks every part that a backup needs and says what to do: the answer of `pivo doctor`.
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { Config, Unusable } from '../config.ts';
import { isPivoError } from '../contract/failures.ts';
import { isRunning } from '../processes/identity.ts';
import { PART_NAMES, readRecord } from './record.ts';
import { localPathOf, statusOf, type StackStatus } from './status.ts';
import { findTemporalCli, type TemporalCliPlaces } from '../engines/temporal-cli.ts';

export interface Check {
  /** What was looked at. */
  name: string;
  state: 'ok' | 'warning' | 'wrong';
  /** What was found, one sentence. */
  found: string;
  /** What to do, where there is something to do. */
  advice?: string;
}

const NODE_FLOOR = [22, 14] as const;
/** The oldest git that PIVO is tried with. `cat-file --batch-command` came with 2.36, the fix of CVE-2022-39253 with 2.38.1. */
const GIT_FLOOR = [2, 39] as const;
const GIT_REASON = 'older ones are not tried, and may lack `cat-file --batch-command` or the fix of CVE-2022-39253';
/** Bytes below which a backup is likely to fail. */
const LITTLE_SPACE = 2 * 2 ** 30;

export interface DoctorOptions {
  config: Config;
  /** What `config` leaves out, as it cannot be used. */
  unusable: readonly Unusable[];
  /** Where to look for the Temporal CLI. */
  places: TemporalCliPlaces;
}

/** All checks, in the order in which a person should read them. */
export async function examine(options: DoctorOptions): Promise<Check[]> {
  const { config } = options;
  const status = await statusOf(config);
  return [
    ...options.unusable.map(checkUnusable),
    ...checkEngines(config),
    checkNode(process.versions.node),
    await checkGit(),
    await checkTemporalCli(options, status),
    await checkHome(config),
    await checkSpace(config),
    await checkStore(config),
    await checkEvents(config),
    ...processChecks(status),
    checkIndex(status),
    await checkOrphans(config),
  ];
}

const TAKEN_INSTEAD = { Engines: "what follows is of PIVO's own parts instead", Model: 'PIVO does not start so' } as const;

function checkUnusable({ part, failure }: Unusable): Check {
  return { name: part, state: 'wrong', found: `${failure.message}; ${TAKEN_INSTEAD[part]}`, ...(failure.hint === undefined ? {} : { advice: failure.hint }) };
}

function checkEngines({ brokenEngines }: Config): Check[] {
  return brokenEngines.map((name) => ({ name: 'Engines', state: 'wrong', found: `${name} ended without being brought down`, advice: '`npm run engines -- up` starts it again.' }));
}

function atLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [m = 0, n = 0] = version.split('.').map(Number);
  return m > major || (m === major && n >= minor);
}

function checkNode(version: string): Check {
  const fine = atLeast(version, NODE_FLOOR);
  return { name: 'Node', state: fine ? 'ok' : 'wrong', found: version, ...(fine ? {} : { advice: `Start PIVO with \`./pivo\`, which brings its own Node, or install ${NODE_FLOOR.join('.')} or later.` }) };
}

async function checkGit(): Promise<Check> {
  try {
    const { stdout } = await promisify(execFile)('git', ['--version']);
    const version = /\d+\.\d+[\d.]*/.exec(stdout)?.[0] ?? '0';
    const fine = atLeast(version, GIT_FLOOR);
    return { name: 'git', state: fine ? 'ok' : 'wrong', found: version, ...(fine ? {} : { advice: `Install git ${GIT_FLOOR.join('.')} or later: ${GIT_REASON}.` }) };
  } catch {
    return { name: 'git', state: 'wrong', found: 'not found on PATH', advice: `Install git ${GIT_FLOOR.join('.')} or later.` };
  }
}

async function checkTemporalCli({ places, config }: DoctorOptions, status: StackStatus): Promise<Check> {
  if (config.temporal.address !== undefined) return { name: 'Temporal CLI', state: 'ok', found: `not needed: Temporal is at ${status.temporal.address}` };
  try {
    return { name: 'Temporal CLI', state: 'ok', found: await findTemporalCli(places) };
  } catch (error) {
    return { name: 'Temporal CLI', state: 'wrong', found: (error as Error).message, advice: (isPivoError(error) ? error.hint : undefined) ?? 'Install the Temporal CLI.' };
  }
}

async function checkHome({ home }: Config): Promise<Check> {
  try {
    await mkdir(home, { recursive: true, mode: 0o700 });
    await access(home, constants.R_OK | constants.W_OK | constants.X_OK);
    const { mode } = await stat(home);
    if ((mode & 0o077) === 0) return { name: 'Home', state: 'ok', found: `${home} is writable` };
    return { name: 'Home', state: 'warning', found: `${home} can be read by other users of this machine`, advice: `chmod 700 ${home}` };
  } catch (error) {
    return { name: 'Home', state: 'wrong', found: `${home}: ${(error as Error).message}`, advice: 'Give it to the user that runs PIVO, or choose another home with PIVO_HOME.' };
  }
}

async function checkSpace({ home, store }: Config): Promise<Check> {
  const place = await existing(localPathOf(store) ?? home);
  const { bavail, bsize } = await statfs(place);
  const free = bavail * bsize;
  const found = `${(free / 1e9).toFixed(1)} GB free below ${place}`;
  return free < LITTLE_SPACE ? { name: 'Space', state: 'warning', found, advice: 'Make room: a backup needs a little more than the size of its repository.' } : { name: 'Space', state: 'ok', found };
}

/** The path itself or the nearest folder above it that is there. */
async function existing(path: string): Promise<string> {
  return stat(path).then(() => path, () => (dirname(path) === path ? path : existing(dirname(path))));
}

async function checkStore({ store }: Config): Promise<Check> {
  return checkWritable('Store', store, 'Mount it writable and give it to the user that runs PIVO; nothing that was archived is changed by that.');
}

async function checkEvents({ events }: Config): Promise<Check> {
  return checkWritable('Event log', events, 'Give it to the user that runs PIVO.');
}

async function checkWritable(name: string, url: string, advice: string): Promise<Check> {
  const path = localPathOf(url);
  if (path === null) return { name, state: 'ok', found: `${url} (on another machine: checked when it is used)` };
  const place = await existing(path);
  try {
    await access(place, constants.R_OK | constants.W_OK);
    return { name, state: 'ok', found: place === path ? `${url} is writable` : `${url} will be created` };
  } catch (error) {
    return { name, state: 'wrong', found: `${url}: ${(error as NodeJS.ErrnoException).code === 'EROFS' ? 'the file system is read-only' : (error as Error).message}`, advice };
  }
}

function processChecks(status: StackStatus): Check[] {
  if (status.state === 'down') return [{ name: 'Processes', state: 'warning', found: 'PIVO is not running: reading works, backing up and restoring do not', advice: 'Start it with `pivo up --detach`.' }];
  return (['temporal', 'worker', 'metadata', 'server'] as const).map((name) => {
    const { state, pid, restarts, lastExit } = status[name];
    const where = name === 'server' && status.server.url !== null ? ` at ${status.server.url}` : '';
    const found = `${state}${where}${pid === null ? '' : ` (process ${pid})`}${restarts === 0 ? '' : `, started again ${restarts} times, ended last by ${lastExit}`}`;
    if (state === 'ready') return { name: NAMES[name], state: restarts > 2 ? 'warning' : 'ok', found, ...(restarts > 2 ? { advice: `Look for ${name} in ${status.log}.` } : {}) };
    return { name: NAMES[name], state: 'wrong', found, advice: `Look for ${name} in ${status.log}; \`pivo down\` and \`pivo up\` start it afresh.` };
  });
}

const NAMES = { temporal: 'Temporal', worker: 'Worker', metadata: 'Metadata service', server: 'Server' } as const;

function checkIndex({ state, index, log }: StackStatus): Check {
  if (state === 'down') return { name: 'Index', state: 'ok', found: `${index.state}; it follows the events while PIVO runs` };
  if (index.lag === null || index.state === 'stalled') return { name: 'Index', state: 'wrong', found: index.reason ?? 'the metadata service does not say how far it is', advice: `Look for METADATA-SVC in ${log}; \`pivo reindex\` rebuilds the index.` };
  return index.lag === 0 ? { name: 'Index', state: 'ok', found: 'has all events' } : { name: 'Index', state: 'warning', found: `${index.lag} events behind`, advice: 'It catches up by itself; `pivo reindex` rebuilds it.' };
}

/** Processes of this home that run without their supervisor. */
async function checkOrphans({ paths }: Config): Promise<Check> {
  const record = readRecord(paths.run);
  if (record === null || isRunning(record.supervisor)) return { name: 'Orphans', state: 'ok', found: 'no process without its supervisor' };
  const left = PART_NAMES.filter((name) => isRunning(record.parts[name]?.process ?? null)).map((name) => `${name} (process ${record.parts[name]?.process?.pid})`);
  if (left.length === 0) return { name: 'Orphans', state: 'ok', found: 'no process without its supervisor' };
  return { name: 'Orphans', state: 'warning', found: `left by a stack that was killed: ${left.join(', ')}`, advice: '`pivo down` ends them; so does the next `pivo up`.' };
}
