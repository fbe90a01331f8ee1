// How every engine is started, waited for, killed and ended: parts in order, ready when each says so, recorded from the first process on.
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { isPivoError, PivoError } from '../contract/failures.ts';
import { isRunning, type ProcessIdentity } from '../processes/identity.ts';
import type { EngineOptions } from './cache.ts';
import { withLock } from './lock.ts';
import { choosePorts, type Ports } from './ports.ts';
import { endProcess, killProcess, launch, type Command } from './processes.ts';
import { writeRecord } from './record-write.ts';
import { isUp, readRecord, type Addresses, type EngineName, type Recorded } from './record.ts';

/** One process of an engine. */
export interface Part<Role extends string> {
  role: Role;
  command: Command;
  /** True when it does its work; asked again and again, and may fail while it does not answer. */
  ready: () => Promise<boolean>;
}

export interface EngineSpec<Name extends EngineName, Role extends string, Port extends string> {
  name: Name;
  /** Where its data, configuration and logs are. */
  folder: string;
  portNames: readonly Port[];
  /** Writes the configuration, and formats what was never formatted. */
  prepare: (ports: Ports<Port>) => Promise<void>;
  /** In the order of their start; each is started when the one before is ready. */
  parts: (ports: Ports<Port>) => Part<Role>[];
  address: (ports: Ports<Port>) => Addresses[Name];
  /** What a log says when another process was faster to take a port. */
  portTaken?: RegExp;
}

/** A running engine, whoever started it. */
export interface Engine<Name extends EngineName, Role extends string> {
  address: Addresses[Name];
  /** False when it ran already. */
  started: boolean;
  /** Ends it; its data stays. */
  stop: () => Promise<void>;
  /** Ends one process as a power loss would. */
  kill: (role: Role) => Promise<void>;
  /** Starts a killed process again where it was, and waits until the whole engine is ready. */
  start: (role: Role) => Promise<void>;
}

const READY_WITHIN = 90_000;
const LOOK_AGAIN = 40;
const PORT_TRIES = 3;
const PORT_TAKEN = /address already in use|BindException|failed to bind/i; // as Java's programs say it

/** Starts an engine, or finds it running with the same parts at the same version. Fails with Exists when it runs otherwise. */
export async function startEngine<Name extends EngineName, Role extends string, Port extends string>(
  spec: EngineSpec<Name, Role, Port>,
  options: EngineOptions,
): Promise<Engine<Name, Role>> {
  return withLock(startLock(options.home, spec.name), options.signal, async () => {
    const former = readRecord(options.home)[spec.name] as Recorded<Name> | undefined;
    if (former !== undefined && isUp(former)) return adopt(spec, options, former);
    if (former !== undefined) await endAll(former);
    await mkdir(spec.folder, { recursive: true });
    for (let attempt = 1; ; attempt++) {
      try {
        return await startOn(spec, options, await choosePorts(spec.portNames, portsFile(spec)));
      } catch (error) {
        if (attempt === PORT_TRIES || !isPivoError(error, 'Unavailable') || error.facts['portTaken'] !== true) throw error;
        await rm(portsFile(spec));
      }
    }
  });
}

const portsFile = ({ folder }: { folder: string }): string => join(folder, 'ports.json');

async function adopt<Name extends EngineName, Role extends string, Port extends string>(
  spec: EngineSpec<Name, Role, Port>,
  options: EngineOptions,
  entry: Recorded<Name>,
): Promise<Engine<Name, Role>> {
  const ports = JSON.parse(await readFile(portsFile(spec), 'utf8')) as Ports<Port>;
  const { pids, state, ...address } = entry;
  const roles = spec.parts(ports).map((part) => part.role);
  if (!isDeepStrictEqual(address, spec.address(ports)) || !isDeepStrictEqual(Object.keys(pids), roles)) {
    throw new PivoError('Exists', `${spec.name} runs in ${options.home} already, with another version or other processes than asked for`, {
      hint: `End it first: npm run engines -- down ${spec.name}`,
      facts: { running: { ...address, state, roles: Object.keys(pids) } },
    });
  }
  return handle(spec, options, ports, entry, false);
}

async function startOn<Name extends EngineName, Role extends string, Port extends string>(
  spec: EngineSpec<Name, Role, Port>,
  options: EngineOptions,
  ports: Ports<Port>,
): Promise<Engine<Name, Role>> {
  const began = Date.now();
  options.progress?.(`starting ${spec.name} …`);
  const entry = { ...spec.address(ports), state: 'starting', pids: {} } as Recorded<Name>;
  try {
    await spec.prepare(ports);
    for (const part of spec.parts(ports)) {
      const identity = launch(part.command);
      entry.pids[part.role] = identity;
      await writeRecord(options.home, spec.name, entry);
      await untilReady(spec, part, identity, options.signal);
    }
    entry.state = 'ready';
    await writeRecord(options.home, spec.name, entry);
  } catch (error) {
    await endAll(entry);
    await writeRecord(options.home, spec.name, undefined);
    throw error;
  }
  options.progress?.(`${spec.name} is ready after ${((Date.now() - began) / 1000).toFixed(1)} s`);
  return handle(spec, options, ports, entry, true);
}

function handle<Name extends EngineName, Role extends string, Port extends string>(
  spec: EngineSpec<Name, Role, Port>,
  options: EngineOptions,
  ports: Ports<Port>,
  entry: Recorded<Name>,
  started: boolean,
): Engine<Name, Role> {
  const parts = spec.parts(ports);
  return {
    address: spec.address(ports),
    started,
    stop: () => stopEngine(options.home, spec.name),
    kill: async (role) => {
      const identity = entry.pids[role];
      if (identity === undefined) throw noSuchRole(spec.name, role);
      await killProcess(identity);
    },
    start: async (role) => {
      const part = parts.find((each) => each.role === role);
      if (part === undefined) throw noSuchRole(spec.name, role);
      const identity = launch(part.command);
      entry.pids[role] = identity;
      await writeRecord(options.home, spec.name, entry);
      for (const each of parts) await untilReady(spec, each, entry.pids[each.role] ?? identity, options.signal);
    },
  };
}

function noSuchRole(engine: EngineName, role: string): PivoError {
  return new PivoError('InvalidInput', `${engine} runs without a process of its own for the ${role}`, { hint: 'Start it with `separate`.' });
}

/** Ends what the record of a home names for an engine, and forgets it. */
export async function stopEngine(home: string, name: EngineName): Promise<void> {
  await withLock(startLock(home, name), undefined, async () => {
    const entry = readRecord(home)[name];
    if (entry === undefined) return;
    await endAll(entry);
    await writeRecord(home, name, undefined);
  });
}

/** Held while an engine is started or ended. */
const startLock = (home: string, name: EngineName): string => join(home, 'locks', name);

async function endAll({ pids }: { pids: Record<string, ProcessIdentity> }): Promise<void> {
  await Promise.all(Object.values(pids).map(endProcess));
}

async function untilReady({ name: engine, portTaken = PORT_TAKEN }: { name: EngineName; portTaken?: RegExp }, part: Part<string>, identity: ProcessIdentity, signal: AbortSignal | undefined): Promise<void> {
  const deadline = Date.now() + READY_WITHIN;
  while (isRunning(identity) && Date.now() < deadline) {
    signal?.throwIfAborted();
    if (await part.ready().catch(() => false)) return;
    await sleep(LOOK_AGAIN);
  }
  const log = await readFile(part.command.log, 'utf8').catch(() => '');
  const how = isRunning(identity) ? `is not ready after ${READY_WITHIN / 1000} s` : 'ended';
  throw new PivoError('Unavailable', `${engine}: the ${part.role} ${how}: ${log.trim().slice(-1500)}`, {
    hint: `Its whole log is ${part.command.log}.`,
    facts: { engine, role: part.role, portTaken: portTaken.test(log) },
  });
}
