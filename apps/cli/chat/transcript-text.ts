// Conversations as people read them afterwards: the list, and one with its questions, tool calls and answers.
import type { ConversationSummary, Transcript, TurnResult } from '../../../contract/conversation.ts';
import { count, instant, safeLine, table } from '../format.ts';
import type { Style } from '../session.ts';
import { markdownStream, type Screen } from './markdown.ts';
import { toolLine } from './tool-line.ts';

export function conversationsText(conversations: readonly ConversationSummary[], style: Style): string {
  if (conversations.length === 0) return 'no conversations yet; begin one with `pivo chat`\n';
  return table(conversations, [
    { title: 'CONVERSATION', value: ({ conversation }) => conversation },
    { title: 'LAST (UTC)', value: ({ updated }) => instant(updated) },
    { title: 'TURNS', value: ({ turns }) => count(turns), align: 'right' },
    { title: 'BY', value: ({ user }) => safeLine(user) },
    { title: 'TITLE', value: ({ title }) => safeLine(title) },
  ], style.dim);
}

const WIDTH_WITHOUT_TERMINAL = 120;

/** Writes the conversation to the screen. */
export function writeTranscript({ title, conversation, turns, current }: Transcript, screen: Screen): void {
  const { style, write } = screen;
  write(`${style.bold(safeLine(title))}  ${style.dim(conversation)}\n`);
  for (const turn of turns) writeTurn(turn, screen);
  if (current !== null) write(`\n${style.bold(`› ${safeLine(current.question)}`)}\n${style.dim('… is being answered')}\n`);
}

function writeTurn({ question, tools, answer, failure, end }: TurnResult, screen: Screen): void {
  const { style, write } = screen;
  write(`\n${style.bold(`› ${safeLine(question)}`)}\n`);
  for (const tool of tools) write(toolLine(tool, style, screen.columns ?? WIDTH_WITHOUT_TERMINAL));
  if (tools.length > 0 && answer !== '') write('\n');
  const text = markdownStream(screen);
  text.push(answer);
  text.end();
  if (failure !== undefined) write(`${style.red(`${failure.kind}: ${safeLine(failure.message)}`)}\n`);
  else if (end === 'cancelled') write(`${style.dim('(stopped)')}\n`);
}
