// Real Temporal: the CLI's dev server with its page, whose workflows live on in a file.
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SEARCH_ATTRIBUTES } from '../contract/names.ts';
import type { EngineOptions } from './cache.ts';
import { startEngine, type EngineSpec } from './engine.ts';
import { engineEnvironment, userCache } from './places.ts';
import { IP } from './ports.ts';
import type { TemporalAddress } from './record.ts';
import { findTemporalCli } from './temporal-cli.ts';
import { TEMPORAL_LOST_A_PORT, temporalAnswers, temporalServerArgs } from './temporal-server.ts';

export interface Temporal extends TemporalAddress {
  /** False when it ran already. */
  started: boolean;
  stop: () => Promise<void>;
  /** SIGKILL. */
  killServer: () => Promise<void>;
  /** At the same address with every workflow it acknowledged; returns when it answers. */
  startServer: () => Promise<void>;
}

const PORTS = ['grpc', 'ui'] as const;
const NAMESPACE = 'default';

/**
 * Starts a Temporal server, or finds it running in this home. Ready means: it knows its namespace and its page is there.
 * Fails with Unavailable when the Temporal CLI can be neither found nor installed, or the server ends.
 */
export async function startTemporal(options: EngineOptions): Promise<Temporal> {
  const engine = await startEngine(await temporalSpec(options), options);
  return { ...engine.address, started: engine.started, stop: engine.stop, killServer: () => engine.kill('server'), startServer: () => engine.start('server') };
}

async function temporalSpec(options: EngineOptions): Promise<EngineSpec<'temporal', 'server', (typeof PORTS)[number]>> {
  const cli = await findTemporalCli({ path: options.env['PATH'] ?? '', cache: userCache(options.env) }, options.signal);
  const folder = join(options.home, 'temporal');
  const settings = { dbFile: join(folder, 'data', 'temporal.db'), namespace: NAMESPACE, searchAttributes: SEARCH_ATTRIBUTES };
  const log = join(folder, 'log', 'server.log');
  return {
    name: 'temporal',
    folder,
    portNames: PORTS,
    portTaken: TEMPORAL_LOST_A_PORT,
    prepare: async () => void (await mkdir(dirname(settings.dbFile), { recursive: true })),
    parts: ({ grpc, ui }) => [
      {
        role: 'server',
        command: { file: cli, args: temporalServerArgs(settings, grpc, ui), env: engineEnvironment(options.env), log },
        ready: () => temporalAnswers(NAMESPACE, grpc, ui),
      },
    ],
    address: ({ grpc, ui }) => ({ address: `${IP}:${grpc}`, namespace: NAMESPACE, ui: `http://${IP}:${ui}` }),
  };
}
