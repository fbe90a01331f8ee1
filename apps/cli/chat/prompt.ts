// The lines that a person types into a chat, or a program pipes into it.
import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';

export interface Prompt {
  /** True where a person sits at a terminal. */
  readonly interactive: boolean;
  /** The next line, asked for with `question`, which is one line, where a person types; null when there will be none. */
  line(question: string): Promise<string | null>;
  /** As `line`, after forgetting what was typed before: no key of before is consent. It stays out of the history. */
  decision(question: string): Promise<string | null>;
  /** What Ctrl-C does while no line is asked for. */
  whenInterrupted(act: () => void): void;
  close(): void;
}

export interface PromptOptions {
  /** Earlier questions for the arrow keys, the newest first. */
  history: string[];
  signal: AbortSignal;
  /** Told when Ctrl-C is pressed at an empty line. */
  onIdleInterrupt(): void;
}

/** Reads stdin until `close`. Lines that come while none is asked for wait for their turn. */
export function openPrompt({ history, signal, onIdleInterrupt }: PromptOptions): Prompt {
  const interactive = process.stdin.isTTY && process.stdout.isTTY;
  const screen = mutable();
  const lines = createInterface({ input: process.stdin, output: screen.stream, terminal: interactive, history, removeHistoryDuplicates: true });
  const inbox = lineInbox(lines);
  let interrupted = (): void => {};
  lines.on('SIGINT', () => {
    if (screen.muted()) interrupted();
    else if (lines.line !== '') clearLine(lines);
    else {
      onIdleInterrupt();
      lines.prompt();
    }
  });
  signal.addEventListener('abort', () => lines.close(), { once: true });
  const ask = async (question: string): Promise<string | null> => {
    if (!interactive || inbox.ended()) return inbox.next();
    lines.setPrompt(question);
    const waiting = inbox.waiting();
    screen.mute(false);
    if (waiting === undefined) lines.prompt(true);
    else process.stdout.write(`${question}${waiting}\n`);
    try {
      return await inbox.next();
    } finally {
      screen.mute(true);
    }
  };
  return {
    interactive,
    line: ask,
    decision: async (question) => {
      inbox.forget();
      if (!inbox.ended()) clearLine(lines);
      const answer = await ask(question);
      forgetInHistory(lines, answer);
      return answer;
    },
    whenInterrupted: (act) => (interrupted = act),
    close: () => lines.close(),
  };
}

/** The terminal, silent while an answer is written, so that readline's echo does not mix with it. */
function mutable(): { stream: Writable; mute(on: boolean): void; muted(): boolean } {
  let muted = true;
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (muted) done();
      else process.stdout.write(chunk, () => done());
    },
  });
  Object.defineProperty(stream, 'columns', { get: () => process.stdout.columns });
  process.stdout.on('resize', () => stream.emit('resize'));
  return { stream, mute: (on) => (muted = on), muted: () => muted };
}

/** Only what was just typed: an empty line never entered the history. */
function forgetInHistory(lines: Interface & { history?: string[] }, line: string | null): void {
  if (lines.history?.[0] === line) lines.history?.shift();
}

/** readline's own key for it (Ctrl-E, then Ctrl-U). */
function clearLine(lines: Interface): void {
  lines.write(null, { ctrl: true, name: 'e' });
  lines.write(null, { ctrl: true, name: 'u' });
}

interface Inbox {
  next(): Promise<string | null>;
  /** The line that `next` answers with at once. */
  waiting(): string | undefined;
  forget(): void;
  /** No more lines come. */
  ended(): boolean;
}

function lineInbox(lines: Interface): Inbox {
  const arrived: string[] = [];
  let closed = false;
  let wanted: ((line: string | null) => void) | undefined;
  lines.on('line', (line) => {
    if (wanted === undefined) arrived.push(line);
    else wanted(line);
    wanted = undefined;
  });
  lines.on('close', () => {
    closed = true;
    wanted?.(null);
    wanted = undefined;
  });
  return {
    next: async () => arrived.shift() ?? (closed ? null : new Promise((resolve) => (wanted = resolve))),
    waiting: () => arrived[0],
    forget: () => void arrived.splice(0),
    ended: () => closed,
  };
}
