// `ask`, `chat`, `conversations`, `conversation`, `mcp`: talking to PIVO, and letting other agents use it.
import type { Command } from 'commander';
import { useColour } from '../../../colour.ts';
import type { ConversationSummary, Transcript, TurnResult } from '../../../contract/conversation.ts';
import { exitCodeOf, failureText } from '../failure.ts';
import { example, JSON_OPTION } from '../help.ts';
import { wholeNumber } from '../numbers.ts';
import type { Act } from '../program.ts';
import type { Session } from '../session.ts';

export function addAgentCommands(program: Command, act: Act): void {
  program
    .command('ask')
    .description('ask the agent one question; it reads, and may ask you to approve a restore')
    .argument('<question>', 'in plain words')
    .option('--conversation <id>', 'go on with this conversation')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo ask "who committed most to execa last month?"', 'pivo ask "and before that?" --conversation 2026-11-21-1f3a90bc', 'pivo ask "how many repositories are there?" --json | jq -r .answer'))
    .action(act(async (session, question: string, { conversation }: { conversation?: string }) => ask(session, question, conversation)));
  program
    .command('chat')
    .description('talk with the agent; plans that it makes are approved or rejected in place')
    .option('--continue [id]', 'go on with a conversation (default: the latest)')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo chat', 'pivo chat --continue', 'pivo chat < questions.txt      # one question a line'))
    .action(act(async (session, options: { continue?: string | true }) => {
      const { chat } = await import('../chat/chat.ts');
      await chat(session, options.continue === true ? 'latest' : options.continue);
    }));
  program
    .command('conversations')
    .description('the conversations with the agent, the latest first')
    .option('--limit <conversations>', 'most conversations (default: 20)', wholeNumber)
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo conversations'))
    .action(act(async (session, { limit }: { limit?: number }) => {
      const { conversationsText } = await import('../chat/transcript-text.ts');
      await session.answer(await session.call<ConversationSummary[]>('conversations', limit === undefined ? {} : { limit }), (list) => conversationsText(list, session.style));
    }));
  program
    .command('conversation')
    .description('what was asked and answered in one conversation, with the tools that were called')
    .argument('<id>', 'a conversation, as the list names it')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo conversation 2026-11-21-1f3a90bc', 'pivo conversation 2026-11-21-1f3a90bc --json'))
    .action(act(async (session, id: string) => transcript(session, id)));
  program
    .command('mcp')
    .description('serve the agent\'s tools to an MCP client over stdin and stdout')
    .option(...JSON_OPTION)
    .addHelpText('after', `\nThe client starts it, e.g. {"mcpServers":{"pivo":{"command":"/path/to/pivo","args":["mcp"]}}}; docs/agent.md has more.\n${example('npx @modelcontextprotocol/inspector --cli ./pivo mcp --method tools/list')}`)
    .action(act(async (session) => (await import('../mcp.ts')).mcp(session)));
}

/** The exit code is the one of what the turn failed with. */
async function ask(session: Session, question: string, conversation: string | undefined): Promise<number> {
  if (conversation !== undefined) await session.call('conversation', { conversation }); // one that nobody began is a typing error
  const [{ answerScreen }, { turnDisplay }, { endText, runTurn }] = await Promise.all([import('../chat/screen.ts'), import('../chat/turn-display.ts'), import('../chat/turn.ts')]);
  const result = await runTurn(session, { question, conversation }, session.json ? null : turnDisplay(session, answerScreen(session)));
  if (session.json) await session.print(`${JSON.stringify({ ...result, sql: result.tools.flatMap(({ sql }) => sql ?? []) })}\n`);
  else if (result.failure === undefined) session.note(endText(result, session) + leftText(result));
  return endCode(result, session);
}

/** What a person can do next. */
function leftText({ conversation, tools }: TurnResult): string {
  const waiting = tools.flatMap(({ approval }) => approval ?? []);
  const approve = waiting.map(({ workflowId, planHash, summary }) => `It waits for approval: ${summary.replace(/\s+/g, ' ')}\n  pivo approve ${workflowId} ${planHash}\n`);
  return `${approve.join('')}Go on with: pivo ask "…" --conversation ${conversation}\n`;
}

function endCode({ end, failure }: TurnResult, session: Session): number {
  if (failure !== undefined && !session.json) session.note(failureText(failure, false, useColour(process.stderr)));
  if (failure !== undefined) return exitCodeOf(failure);
  return end === 'cancelled' ? exitCodeOf({ kind: 'Cancelled', message: 'cancelled' }) : 0;
}

async function transcript(session: Session, id: string): Promise<void> {
  const found = await session.call<Transcript>('conversation', { conversation: id });
  if (session.json) return session.print(`${JSON.stringify(found)}\n`);
  const [{ answerScreen }, { writeTranscript }] = await Promise.all([import('../chat/screen.ts'), import('../chat/transcript-text.ts')]);
  writeTranscript(found, answerScreen(session));
}
