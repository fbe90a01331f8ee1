// A tool: an operation under the name that models know it by, and the shape in which its answer is read best.
import type { z } from 'zod';
import type { ToolOutcome } from '../../contract/conversation.ts';
import type { OperationContext } from '../../operations/operation.ts';

/** An answer before it is put into the budget. */
export interface ToolAnswer extends Pick<ToolOutcome, 'sql' | 'approval'> {
  value: object;
  /** The member of `value` that is shortened first, an array. */
  list?: string;
  /** How to get what was cut. */
  rest?: string;
}

export interface ToolOptions {
  signal: AbortSignal;
  /** Names the call for ever: what it starts is started once. */
  request?: string;
  /** Makes one SQL statement of a question; missing where no model is at hand. */
  translate?(question: string, signal: AbortSignal): Promise<string>;
  /** Runs the operation somewhere else, such as at the running PIVO, or by `here`; missing where it always runs here. */
  elsewhere?(operation: string, input: object, here: () => Promise<unknown>): Promise<unknown>;
}

/** Input as the tool takes it, checked by its schema. */
export type ToolInput = Record<string, unknown>;

/** What a tool is for the doors that offer tools: the agent and MCP. */
export interface Tool {
  name: string;
  /** Other names it answers to. */
  aliases: readonly string[];
  /** The operation that does the work; its schema and description are the tool's. */
  operation: string;
  kind: 'reads' | 'starts';
  /** Fields of the operation that the tool sets itself; nobody who calls it can. */
  fixed: Readonly<Record<string, unknown>>;
  /** Fields that differ from the operation's, or are the tool's own. */
  fields?: z.ZodRawShape;
  /** A sentence after the operation's own. */
  note?: string;
  /** The operation's input, where it is not the tool's. */
  prepare?(input: ToolInput, context: OperationContext, options: ToolOptions): Promise<ToolInput>;
  answer(value: unknown, input: ToolInput): ToolAnswer | Promise<ToolAnswer>;
}
