// What a conversation is: its messages, one turn of it, and the two acts that a turn is made of.
import { z } from 'zod';
import type { AuditEvent } from './events.ts';
import type { FailureReport } from './failures.ts';

/** Names a conversation: part of its workflow id and of addresses. */
export const ConversationId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'a conversation is named by lower-case letters, digits and "-"');

/** Most model steps of one turn, unless the start says otherwise. */
export const ROUNDS = 12;
/** Most characters of one question. */
export const LONGEST_QUESTION = 32_000;

/** A conversation's title; without one, the first question shortened. */
export const Title = z.string().trim().min(1).max(200);

/** Who talks, as authenticated by the door; never taken from what was said. */
export interface Speaker {
  user: string;
  via: 'cli' | 'server' | 'agent';
}

/** One turn as it is asked for, by Update `turn`. */
export const TurnInput = z.strictObject({
  /** Chosen by the asker: the same turn sent twice runs once. */
  turn: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
  text: z.string().trim().min(1, 'it is empty').max(LONGEST_QUESTION),
  speaker: z.strictObject({ user: z.string().min(1).max(200), via: z.enum(['cli', 'server', 'agent']) }),
  rounds: z.number().int().positive().max(50).default(ROUNDS),
  /** A new title of the conversation. */
  title: Title.optional(),
});
export type TurnInput = z.input<typeof TurnInput>;
export type TurnRequest = z.output<typeof TurnInput>;

/** Which turn Update `stop` ends: the given one, also while it waits, or the one that runs. */
export const StopInput = z.strictObject({ turn: TurnInput.shape.turn.optional() });

/** A tool that the model wants called. `arguments` are what it gave, checked by the tool and by nobody before. */
export interface ToolCall {
  id: string;
  name: string;
  arguments: unknown;
}

export type Message =
  | { role: 'user'; text: string }
  /** `native`: the answer's parts as the provider sent them, handed back to the same provider unchanged. */
  | { role: 'assistant'; text: string; calls: ToolCall[]; native?: { provider: string; parts: unknown } }
  /** `content` is JSON text within the budget; `cut` says that it is not whole. */
  | { role: 'tool'; call: string; name: string; content: string; cut: boolean; failed: boolean };

/** Tokens as the provider counted them; 0 where it does not count. */
export interface Usage {
  input: number;
  output: number;
}

/** Why a step ended: `tools` wants calls, `length` and `blocked` are answers that are not whole. */
export type StepEnd = 'stop' | 'tools' | 'length' | 'blocked';

/** What a model step is given. The messages are within the budget already. */
export interface ModelStepInput {
  conversation: string;
  turn: string;
  messages: Message[];
  /** False in a turn's last round: the model must answer with what it has. */
  mayCall: boolean;
}

export interface ModelStep {
  text: string;
  calls: ToolCall[];
  native?: { provider: string; parts: unknown };
  end: StepEnd;
  usage: Usage;
  provider: string;
  model: string;
}

export interface ToolCallInput {
  conversation: string;
  turn: string;
  call: ToolCall;
  speaker: Speaker;
  /** `provider/model` that asked for the call, for the audit. */
  model: string;
  /** Names this call for ever: what it starts is started once, however often the call is tried. */
  request: string;
}

/** What a tool answered, as the model reads it and as a door shows it. */
export interface ToolOutcome {
  /** JSON text for the model, within the budget. */
  content: string;
  cut: boolean;
  failure?: FailureReport;
  /** The SQL that was run, where the tool is about SQL. */
  sql?: string;
  /** A restore or ingest that waits for a person. */
  approval?: { workflowId: string; planHash: string; summary: string };
  milliseconds: number;
}

/** One call of a turn, as people see it. */
export interface CalledTool extends Omit<ToolOutcome, 'content'> {
  /** Unique in its turn: step and place, such as `1.0`. */
  id: string;
  name: string;
  arguments: unknown;
  /** Absent while it runs. */
  state: 'running' | 'done' | 'failed';
}

export interface TurnResult {
  conversation: string;
  turn: string;
  question: string;
  answer: string;
  end: StepEnd | 'rounds' | 'cancelled' | 'failed';
  tools: CalledTool[];
  usage: Usage;
  model: string;
  started: string;
  finished: string;
  /** Why there is no answer. */
  failure?: FailureReport;
}

/** Where a turn is; the whole state each time, so that a door that missed one lacks nothing. */
export interface TurnProgress {
  conversation: string;
  turn: string;
  question: string;
  started: string;
  /** Number of the model step that goes on, or that asked for the tools that run; from 1. */
  step: number;
  /** The text of that step, as far as it has come. */
  text: string;
  tools: CalledTool[];
}

/** Answer of Query `transcript`. */
export interface Transcript {
  conversation: string;
  title: string;
  /** Turns of this run of the workflow and those carried over; older ones are in the state database. */
  turns: TurnResult[];
  /** The turn that goes on now. */
  current: TurnProgress | null;
}

/** A conversation in a list. */
export interface ConversationSummary {
  conversation: string;
  title: string;
  turns: number;
  started: string;
  updated: string;
  user: string;
}

/** Input of the workflow; what a run hands on to its next one is in `carried`. */
export interface ConversationStart {
  carried?: CarriedConversation;
  /** Seconds without a turn after which the run ends; a later turn starts it again. */
  idleSeconds?: number;
  /** Events of a history after which it is continued as new, also where the server does not suggest it. */
  mostEvents?: number;
}

export interface LoadedConversation {
  title: string;
  messages: Message[];
  turns: TurnResult[];
}

type AuditRecord = Omit<AuditEvent, 'type'>;
/** What is told after a turn: its row in the state database, and its audit records. */
export type Untold = { turn: RecordedTurn } | { audit: AuditRecord };

export interface CarriedConversation extends LoadedConversation {
  untold: Untold[];
}

export interface RecordedTurn {
  title: string;
  result: TurnResult;
  messages: Message[];
  speaker: Speaker;
}

/** The acts of the agent's worker; workflows know them by this type only. */
export interface AgentActs {
  /** The conversation as the state database has it: what a first run starts from. */
  loadConversation(input: { conversation: string }): Promise<LoadedConversation>;
  modelStep(input: ModelStepInput): Promise<ModelStep>;
  callTool(input: ToolCallInput): Promise<ToolOutcome>;
  /** Writes a turn that ended to the state database; the same turn twice is one. */
  recordTurn(input: RecordedTurn): Promise<void>;
}

/** Task queue of the agent's acts. */
export const AGENT_QUEUE = 'pivo-agent';
export const conversationWorkflowId = (conversation: string): string => `conversation:${conversation}`;
