// Opens the HTTP door of a home as its configuration says.
import { createHash } from 'node:crypto';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../../config.ts';
import { PivoError } from '../../contract/failures.ts';
import type { Log } from '../../contract/log.ts';
import type { Operation, OperationContext } from '../../operations/operation.ts';
import { openWebhookReceiver } from '../../operations/webhook-receiver.ts';
import type { RequestTracing } from '../../stack/tracing.ts';
import { createMcpServer } from '../mcp/server.ts';
import { toolBox, translating } from '../mcp/tool-box.ts';
import { version } from '../version.ts';
import { isLoopback } from './access/hosts.ts';
import { ownerToken } from './access/owner-token.ts';
import { createApplication } from './application.ts';
import { listen, type Listening } from './listener.ts';
import type { McpServerFactory } from './mcp.ts';
import { metricsPage } from './metrics/page.ts';
import { countRequests } from './forge/counts.ts';

export interface WebOptions {
  config: Pick<Config, 'server' | 'paths' | 'llm' | 'telemetry' | 'workerId' | 'webhooks' | 'git'>;
  load(name: string): Promise<Operation>;
  context: OperationContext;
  log: Log;
  /** Where tracing is on. */
  trace?: RequestTracing | undefined;
}

/** Fails with InvalidInput when an address that others can reach has no tokens, and as `listen` does. */
export async function openWeb({ config, load, context, log, trace }: WebOptions): Promise<Listening> {
  const { listen: where, tokens, hosts, origins, requireToken } = config.server;
  if (!isLoopback(where.host) && tokens.length === 0) {
    throw new PivoError('InvalidInput', `other machines can reach ${where.host}, and there is no token for them`, { hint: 'Add [[server.tokens]] with user, role and sha256 to config.toml (docs/server.md), or listen on 127.0.0.1.' });
  }
  const owner = { user: userInfo().username, role: 'owner' as const, sha256: createHash('sha256').update(await ownerToken(config.paths.serverToken)).digest('hex') };
  const webhooks = openWebhookReceiver({ spool: config.paths.spool, webhooks: config.webhooks, protocols: config.git.protocols, log: log.child({ component: 'WEBHOOKS' }) });
  const counted = countRequests(webhooks, config.webhooks.map(({ name }) => name));
  const app = createApplication({
    load,
    context,
    log,
    names: { host: where.host, hosts, origins },
    tokens: { tokens: [owner, ...tokens], requireToken },
    console: builtConsole(config, log),
    mcp: mcpServers(config, context, log),
    metrics: metricsPage({ config, context, webhooks: counted.counts }),
    webhooks: counted,
    trace,
  });
  const listening = await listen(app, where);
  return { ...listening, close: () => listening.close().then(webhooks.close) };
}

function mcpServers({ llm }: Pick<Config, 'llm'>, context: OperationContext, log: Log): McpServerFactory {
  const translate = translating(llm);
  return async ({ caller, mayStart }) => createMcpServer(await toolBox({ context: { ...context, caller }, kinds: mayStart ? ['reads', 'starts'] : ['reads'], translate }), version(), log.child({ component: 'MCP', user: caller.user }));
}

/** The console is built when it is first served; without it everything else is. */
async function builtConsole({ paths }: Pick<Config, 'paths'>, log: Log): Promise<string | null> {
  try {
    const { consoleFolder } = await import('../console/build.ts');
    return await consoleFolder([fileURLToPath(new URL('../../build', import.meta.url)), join(paths.cache, 'console')]);
  } catch (error) {
    log.warn({ error }, 'the console could not be built: REST, git and MCP are served without it');
    return null;
  }
}
