// One turn on the terminal while it goes on: the text as it comes, each tool call as a line when it has ended.
import type { CalledTool, TurnProgress, TurnResult } from '../../../contract/conversation.ts';
import type { Session } from '../session.ts';
import { markdownStream, type MarkdownStream, type Screen } from './markdown.ts';
import { toolLine } from './tool-line.ts';

export interface TurnDisplay {
  begin(): void;
  /** The whole state of the turn, each time it changed. */
  show(progress: TurnProgress): void;
  /** What was not shown yet; the text that was is not repeated. */
  finish(result: TurnResult): void;
  /** Ends an open line, for a turn that has no result. */
  abandon(): void;
}

const WIDTH_WITHOUT_TERMINAL = 120;

/** The answer goes to `screen`, as it comes where that is a terminal, and tool calls as notes. */
export function turnDisplay(session: Session, screen: Screen): TurnDisplay {
  const streams = screen.columns !== null;
  const moves = process.stderr.isTTY; // a line a phase would only be noise in a file
  const lines = new Set<string>();
  let [step, shown] = [0, ''];
  let told = false; // a tool line is the last that was written
  let text: MarkdownStream | null = null;
  const endText = (): void => {
    text?.end();
    text = null;
    shown = '';
  };
  const say = (answer: string): void => {
    if (text === null && streams && told) screen.write('\n');
    told = false;
    text ??= markdownStream(screen);
    text.push(answer.slice(shown.length));
    shown = answer;
  };
  const tellTools = (tools: readonly CalledTool[]): void => {
    for (const tool of tools) {
      if (tool.state === 'running' || lines.has(tool.id)) continue;
      lines.add(tool.id);
      endText();
      told = true;
      session.note(toolLine(tool, session.style, process.stderr.columns || WIDTH_WITHOUT_TERMINAL));
    }
  };
  return {
    begin: () => session.progress.begin('thinking'), // shown on a terminal only
    show: (progress) => {
      if (progress.step !== step) endText();
      step = progress.step;
      tellTools(progress.tools);
      const running = progress.tools.filter(({ state }) => state === 'running').map(({ name }) => name);
      if (streams && running.length === 0 && progress.text.startsWith(shown) && progress.text !== '') say(progress.text);
      if (moves && text === null) session.progress.show({ phase: running.length === 0 ? 'thinking' : running.join(', ') });
    },
    finish: ({ tools, answer }) => {
      tellTools(tools);
      if (!answer.startsWith(shown)) endText();
      if (answer !== '') say(answer);
      endText();
    },
    abandon: endText,
  };
}
