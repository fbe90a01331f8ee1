// `pivo mcp`: the agent's tools for an MCP client, run at the running PIVO where there is one, else in this process.
import { userInfo } from 'node:os';
import { schemaInShort } from '../../agent/instructions.ts';
import { callTool, describeTools } from '../../agent/tools/index.ts';
import { createLog } from '../../log.ts';
import type { ModelProvider } from '../../agent/model.ts';
import type { Config } from '../../config.ts';
import type { ToolBox } from '../mcp/server.ts';
import { serveMcp } from '../mcp/serve.ts';
import { callOperation } from './call.ts';
import { openHere } from './in-process.ts';
import type { Session } from './session.ts';
import { version } from './version.ts';

/** Serves until the client closes stdin, or Ctrl-C. */
export async function mcp({ config, signal }: Session): Promise<void> {
  const context = openHere(config, 'MCP', { user: userInfo().username, via: 'mcp', owner: false });
  try {
    await serveMcp(await toolBox(config, context), { version: version(), log: createLog(config, 'MCP'), signal });
  } finally {
    await context.close();
  }
}

async function toolBox(config: Config, context: ReturnType<typeof openHere>): Promise<ToolBox> {
  const translate = translating(config);
  return {
    tools: await describeTools(),
    schema: () => schemaInShort(),
    call: (name, args, signal) =>
      callTool(context, name, args, {
        signal,
        translate,
        elsewhere: (operation, input, here) => callOperation(config.paths.serverSocket, operation, input, { signal, onProgress: () => {}, via: 'mcp' }, here),
      }),
  };
}

/** Makes SQL of a question with the configured model, which is opened when first needed. */
function translating({ llm }: Config): (question: string, signal: AbortSignal) => Promise<string> {
  let provider: Promise<ModelProvider> | undefined;
  return async (question, signal) => {
    const [{ openProvider }, { translator }] = await Promise.all([import('../../agent/open-provider.ts'), import('../../agent/translate.ts')]);
    provider ??= openProvider(llm);
    return translator(await provider)(question, signal);
  };
}
