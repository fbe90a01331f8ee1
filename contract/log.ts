// The log as parts see it; the entry decides where lines go. pino satisfies it.

export type LogFacts = Record<string, unknown>;

export interface Log {
  debug(facts: LogFacts, message: string): void;
  info(facts: LogFacts, message: string): void;
  warn(facts: LogFacts, message: string): void;
  error(facts: LogFacts, message: string): void;
  /** A log whose every line carries these facts, e.g. `{ component: 'GIT', workflowId }`. */
  child(facts: LogFacts): Log;
}
