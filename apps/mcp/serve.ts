// `pivo mcp`: the MCP server over stdin and stdout; nothing but the protocol is written to stdout.
import { once } from 'node:events';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Log } from '../../contract/log.ts';
import { createMcpServer, type ToolBox } from './server.ts';

/** Serves until the client closes stdin or the signal aborts; what runs then is aborted. */
export async function serveMcp(tools: ToolBox, { version, log, signal }: { version: string; log: Log; signal: AbortSignal }): Promise<void> {
  const ended = new AbortController();
  const gone = once(process.stdin, 'close', { signal: ended.signal }).catch(() => {});
  const told = signal.aborted ? Promise.resolve() : once(signal, 'abort', { signal: ended.signal }).catch(() => {});
  const handle = serveStdio(() => createMcpServer(tools, version, log), { onerror: (error) => log.warn({ error }, 'the MCP connection') });
  await Promise.race([gone, told]);
  ended.abort();
  await handle.close();
}
