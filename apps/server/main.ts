// Entry of the local endpoint: keeps the library and the Temporal client warm, answers the CLI on a Unix socket, and does the agent's acts.
import { chmod, mkdir, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { loadConfig } from '../../config.ts';
import { createLog } from '../../log.ts';
import { openContext } from '../../operations/context.ts';
import { loadOperation } from '../../operations/index.ts';
import { runPart } from '../../stack/child.ts';
import { startAgent } from './agent.ts';
import { createEndpoint } from './endpoint.ts';

const config = loadConfig();
const log = createLog(config, 'PIVO-SERVER');

await runPart(log, async () => {
  const socket = config.paths.serverSocket;
  await mkdir(dirname(socket), { recursive: true, mode: 0o700 });
  await chmod(dirname(socket), 0o700);
  await rm(socket, { force: true }); // the stack is one a home: a socket that is there was left behind
  const context = openContext(config, log, { user: userInfo().username, via: 'cli', owner: true });
  const server = createEndpoint({ load: loadOperation, context, log });
  server.listen(socket);
  await once(server, 'listening');
  await chmod(socket, 0o600);
  log.info({ socket }, 'the local endpoint answers');
  const agent = startAgent(config, context, log);
  return async () => {
    server.close();
    server.closeAllConnections();
    await agent.stop();
    await context.close();
  };
});
