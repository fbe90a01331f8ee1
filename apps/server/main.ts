// Entry of the server: keeps the library and the Temporal client warm, and answers the CLI on a Unix socket and everybody else over HTTP; does the agent's acts.
import { chmod, mkdir, rm } from 'node:fs/promises';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { textWriter } from '../../agent/writer.ts';
import { loadConfig } from '../../config.ts';
import { createLog } from '../../log.ts';
import { openContext } from '../../operations/context.ts';
import { loadOperation } from '../../operations/index.ts';
import { runPart } from '../../stack/child.ts';
import { recordAddress } from '../../stack/address.ts';
import { startAgent } from './agent.ts';
import { createEndpoint } from './endpoint.ts';
import { openWeb } from './web.ts';

const config = loadConfig();
const log = createLog(config, 'PIVO-SERVER');

await runPart(log, async () => {
  const { otlp } = config.telemetry;
  const tracing = otlp === undefined ? null : (await import('../../stack/tracing.ts')).startTracing(otlp, 'pivo-server');
  const trace = tracing?.request;
  const context = openContext(config, log, { user: userInfo().username, via: 'cli', owner: true }, textWriter(config.llm));
  const socket = createEndpoint({ load: loadOperation, context, log, trace });
  await listenOnSocket(socket, config.paths.serverSocket);
  const web = await openWeb({ config, load: loadOperation, context, log, trace });
  const forget = recordAddress(config.paths.run, 'server', web.url);
  log.info({ socket: config.paths.serverSocket, url: web.url }, 'the server answers');
  const agent = startAgent(config, context, log, tracing?.temporal);
  return async () => {
    forget();
    socket.close();
    socket.closeAllConnections();
    await Promise.all([web.close(), agent.stop()]);
    await Promise.all([context.close(), tracing?.close()]);
  };
});

/** Only the owner of the home can reach it. */
async function listenOnSocket(server: Server, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await chmod(dirname(path), 0o700);
  await rm(path, { force: true }); // the stack is one a home: a socket that is there was left behind
  await once(server.listen(path), 'listening');
  await chmod(path, 0o600);
}
