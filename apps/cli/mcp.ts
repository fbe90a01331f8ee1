// `pivo mcp`: the agent's tools for an MCP client, run at the running PIVO where there is one, else in this process.
import { userInfo } from 'node:os';
import { createLog } from '../../log.ts';
import { serveMcp } from '../mcp/serve.ts';
import { toolBox, translating } from '../mcp/tool-box.ts';
import { version } from '../version.ts';
import { callOperation } from './call.ts';
import { openHere } from './in-process.ts';
import type { Session } from './session.ts';

/** Serves until the client closes stdin, or Ctrl-C. */
export async function mcp({ config, signal }: Session): Promise<void> {
  const context = openHere(config, 'MCP', { user: userInfo().username, via: 'mcp', owner: false });
  try {
    const tools = await toolBox({
      context,
      kinds: ['reads', 'starts'],
      translate: translating(config.llm),
      elsewhere: (asked) => (operation, input, here) => callOperation(config.paths.serverSocket, operation, input, { signal: asked, onProgress: () => {}, via: 'mcp' }, here),
    });
    await serveMcp(tools, { version: version(), log: createLog(config, 'MCP'), signal });
  } finally {
    await context.close();
  }
}
