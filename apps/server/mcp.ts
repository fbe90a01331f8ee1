// MCP over streamable HTTP: each request gets a server of its own, so that no session is kept.
import { createMcpHandler, type Server } from '@modelcontextprotocol/server';
import type { Hono } from 'hono';
import type { Caller } from '../../operations/operation.ts';
import { callerOf, isAtLeast } from './access/roles.ts';
import type { WebEnvironment } from './rest/mount.ts';

/** Who asks. The caller never is the owner: a program decides nothing. */
export interface McpAsker {
  caller: Caller;
  /** False for a reader: offer the tools that read, and no others. */
  mayStart: boolean;
}

/** The server for one request. */
export type McpServerFactory = (asker: McpAsker) => Server | Promise<Server>;

/** Names and origins are checked by the guard before. */
export function mountMcp(app: Hono<WebEnvironment>, create: McpServerFactory): void {
  app.all('/mcp', (c) => {
    const visitor = c.get('visitor');
    const asker: McpAsker = { caller: { ...callerOf(visitor), via: 'mcp', owner: false }, mayStart: isAtLeast(visitor.role, 'local') };
    return createMcpHandler(() => create(asker)).fetch(c.req.raw);
  });
}
