// The agent's tools as MCP offers them, over one context and the configured model.
import type { OperationContext } from '../../operations/operation.ts';
import { schemaInShort } from '../../agent/instructions.ts';
import type { ModelProvider } from '../../agent/model.ts';
import type { ModelSettings } from '../../agent/settings.ts';
import { callTool, describeTools } from '../../agent/tools/index.ts';
import type { ToolOptions } from '../../agent/tools/tool.ts';
import type { OfferedTool, ToolBox } from './server.ts';

export interface ToolBoxOptions {
  /** Its caller is a program: the owner of nothing. */
  context: OperationContext;
  /** Which tools to offer, and to carry out. */
  kinds: readonly OfferedTool['kind'][];
  translate: Translate;
  /** Where operations run instead of in this process. */
  elsewhere?: (signal: AbortSignal) => NonNullable<ToolOptions['elsewhere']>;
}

type Translate = NonNullable<ToolOptions['translate']>;

/** A tool that is not offered is unknown to the server, so that it cannot be called either. */
export async function toolBox({ context, kinds, translate, elsewhere }: ToolBoxOptions): Promise<ToolBox> {
  return {
    tools: (await describeTools()).filter(({ kind }) => kinds.includes(kind)),
    schema: () => schemaInShort(),
    call: (name, args, signal) => callTool(context, name, args, { signal, translate, ...(elsewhere === undefined ? {} : { elsewhere: elsewhere(signal) }) }),
  };
}

/** Makes SQL of a question with the configured model, which is opened when first needed. */
export function translating(llm: ModelSettings): Translate {
  let provider: Promise<ModelProvider> | undefined;
  return async (question, signal) => {
    const [{ openProvider }, { translator }] = await Promise.all([import('../../agent/open-provider.ts'), import('../../agent/translate.ts')]);
    provider ??= openProvider(llm);
    return translator(await provider)(question, signal);
  };
}
