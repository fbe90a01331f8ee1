// `pivo chat`: questions and answers until the person leaves.
import { PivoError } from '../../../contract/failures.ts';
import type { ConversationSummary, Transcript } from '../../../contract/conversation.ts';
import { useColour } from '../../../colour.ts';
import { failureText, reportOf } from '../failure.ts';
import type { Session } from '../session.ts';
import { decideOn } from './decide.ts';
import { openPrompt, type Prompt } from './prompt.ts';
import { answerScreen } from './screen.ts';
import { writeTranscript } from './transcript-text.ts';
import { turnDisplay } from './turn-display.ts';
import { endText, runTurn } from './turn.ts';

const HELP = `Ask about anything that was backed up, or for a backup or a restore; a restore is only done after you approved its plan.
  /history   this conversation so far        /new    begin another one
  /help      this help                       /quit   leave (or Ctrl-D)
Ctrl-C stops an answer and keeps the conversation.
`;

interface Chat {
  session: Session;
  prompt: Prompt;
  /** Unknown until the first turn of a new one. */
  conversation: string | undefined;
}

/** Talks until Ctrl-D, /quit or the end of the input. `conversation` is an id to go on with, `latest`, or undefined for a new one. */
export async function chat(session: Session, asked: string | undefined): Promise<void> {
  const earlier = asked === undefined ? null : await continued(session, asked);
  const prompt = openPrompt({
    history: earlier?.turns.map(({ question }) => question).toReversed() ?? [],
    signal: session.signal,
    onIdleInterrupt: () => session.note(`\n${session.style.dim('Ctrl-D or /quit leaves')}\n`),
  });
  const state: Chat = { session, prompt, conversation: earlier?.conversation };
  try {
    if (earlier !== null && !session.json) writeTranscript(earlier, answerScreen(session));
    else if (prompt.interactive) session.note(session.style.dim('Ask PIVO; /help says what else, Ctrl-D leaves.\n'));
    await talk(state);
  } finally {
    prompt.close();
  }
}

async function talk(chat: Chat): Promise<void> {
  for (;;) {
    if (chat.prompt.interactive) chat.session.note('\n');
    const line = await chat.prompt.line('› ');
    chat.session.signal.throwIfAborted();
    if (line === null) return chat.session.note(chat.prompt.interactive ? '\n' : '');
    const text = line.trim();
    if (text === '/quit' || text === '/exit') return;
    if (text.startsWith('/')) await command(chat, text);
    else if (text !== '') await turn(chat, text);
  }
}

async function command(chat: Chat, text: string): Promise<void> {
  const { session, conversation } = chat;
  if (text === '/help') return session.note(HELP);
  if (text === '/new') {
    chat.conversation = undefined;
    return session.note('A new conversation.\n');
  }
  if (text !== '/history') return session.note(`there is no ${text.split(/\s/)[0]}; /help says what there is\n`);
  if (conversation === undefined) return session.note('nothing was said yet\n');
  await keepGoing(session, async () => writeTranscript(await session.call<Transcript>('conversation', { conversation }), answerScreen(session)));
}

async function turn(chat: Chat, question: string): Promise<void> {
  const { session, prompt } = chat;
  await keepGoing(session, async () => {
    const display = session.json ? null : turnDisplay(session, answerScreen(session));
    const result = await runTurn(session, { question, conversation: chat.conversation }, display, { onStoppable: (stop) => prompt.whenInterrupted(stop) });
    chat.conversation = result.conversation;
    if (session.json) return session.print(`${JSON.stringify(result)}\n`);
    session.note(result.failure === undefined ? endText(result, session) : failureText(result.failure, false, useColour(process.stderr)));
    prompt.whenInterrupted(() => {});
    await decideOn(session, prompt, result);
  });
}

/** A failure is told and the chat goes on, unless the person wants to leave. */
async function keepGoing(session: Session, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    session.signal.throwIfAborted();
    session.note(failureText(reportOf(error), session.json, useColour(process.stderr)));
  }
}

async function continued(session: Session, asked: string): Promise<Transcript> {
  const id = asked === 'latest' ? (await session.call<ConversationSummary[]>('conversations', { limit: 1 }))[0]?.conversation : asked;
  if (id === undefined) throw new PivoError('NotFound', 'there is no conversation to continue', { hint: 'Begin one with `pivo chat`.' });
  return session.call<Transcript>('conversation', { conversation: id });
}
