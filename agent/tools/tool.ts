// A tool: an operation under the name that models know it by, and the shape in which its answer is read best.
import type { ToolOutcome } from '../../contract/conversation.ts';

/** What a tool is for the doors that offer tools: the agent and MCP. */
export interface Tool {
  name: string;
  /** Other names it answers to. */
  aliases: readonly string[];
  /** The operation that does the work; its schema and description are the tool's. */
  operation: string;
  kind: 'reads' | 'starts';
}

/** An outcome before it is put into the budget. */
export type ToolAnswer = Omit<ToolOutcome, 'content' | 'cut' | 'milliseconds'> & { value: unknown };
